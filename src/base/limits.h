// Named maxima of what comes from outside. Checked before memory is taken.
#pragma once

#include <cstdint>

namespace wt::base {

// Model files: the largest published one (large-v3 in float32) is 6.2 GB.
inline constexpr std::int64_t kModelFileBytesMax = 16LL << 30;
// large-v3 has 1,259 tensors; CTranslate2 adds a scale for each and a few scalars.
inline constexpr int kModelTensorsMax = 8'192;
inline constexpr int kTensorNameBytesMax = 256;
inline constexpr int kTensorRankMax = 4;
// Vocabularies have up to 51,866 entries; the longest entry has 128 bytes.
inline constexpr int kVocabularyTokensMax = 65'536;
inline constexpr int kTokenBytesMax = 1'024;
// JSON files beside weights: tokenizer.json has 4 MB in published models.
inline constexpr std::int64_t kModelJsonBytesMax = 64LL << 20;
// A safetensors header of large-v3 has 130 kB.
inline constexpr std::int64_t kSafetensorsHeaderBytesMax = 16LL << 20;
// data.pkl of large-v3 has 150 kB.
inline constexpr std::int64_t kPickleBytesMax = 16LL << 20;

// Audio: 7 days at 16 kHz is 9.7e9 samples.
inline constexpr std::int64_t kAudioSamplesMax = 7LL * 24 * 3600 * 16'000;
inline constexpr int kAudioChannelsMax = 64;
inline constexpr int kAudioRateMax = 768'000;
inline constexpr int kAudioRateMin = 1'000;

}  // namespace wt::base
