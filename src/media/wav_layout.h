// The header of a RIFF/WAVE file: where the samples lie and what they are.
//
// Nothing in the header is believed beyond the bytes that are there: sizes are cut at the end of
// the input; 0, 0xFFFFFFFF and other marks of streamed files stand for "until the end". Source:
// "Multimedia Programming Interface and Data Specifications 1.0" (RIFF) and mmreg.h
// (WAVEFORMATEX, WAVEFORMATEXTENSIBLE). Pure functions of the input: thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "media/pcm_samples.h"
#include "media/random_input.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

struct WavLayout {
  PcmType type = PcmType::kS16;
  int channels = 0;
  int rate = 0;
  /// The first sample, in bytes from the start.
  std::int64_t data_offset = 0;
  /// Whole frames that are really there.
  std::int64_t frames = 0;
};

/// The layout of a plain PCM or IEEE float WAV file. Empty when the input is something else, or a
/// WAV file that this reader leaves to the full decoder (compressed, RF64, unusual packing).
/// kDataCorrupt for a WAV file whose header cannot be true (no channels, no rate, no bits, more
/// than 64 channels, cut off before its end).
Result<std::optional<WavLayout>> ReadWavLayout(RandomInput& input);

}  // namespace wt::media
