// Writes a network in the formats of other programs: `models convert`.
//
// Weights are converted in pieces of a few megabytes, so that memory does not grow with the model.
// Output appears under its name when it is complete (staged_file.h). One thread per call; calls are
// independent of each other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/model/weight_map.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

/// What the files of a tokenizer need and weights do not hold. Not owned.
struct TokenizerFacts {
  /// Ordinary tokens as bytes in id order. Empty: those of the weights' own file.
  std::span<const std::string> vocabulary;
  /// What the option "-1" suppresses, special tokens included, sorted.
  std::span<const std::int32_t> suppressed_tokens;
  /// "en", "zh" ... in the order of their tokens; as many as the vocabulary has are used.
  std::span<const std::string_view> language_codes;
};

/// `type` is the type of the matrices: kF32, kF16, kQ4_0, kQ4_1, kQ5_0, kQ5_1 or kQ8_0. One file.
Status WriteGgml(const WeightMap& weights, const TokenizerFacts& facts, TensorType type,
                 const std::string& path);

/// `type`: kF32, kF16, or kInt8Rows (int8 matrices, all else float32). A directory.
Status WriteCt2(const WeightMap& weights, const TokenizerFacts& facts, TensorType type,
                const std::string& path);

/// `type`: kF32 or kF16. A Hugging Face directory with model.safetensors.
Status WriteSafetensors(const WeightMap& weights, const TokenizerFacts& facts, TensorType type,
                        const std::string& path);

/// The three above by name: format "ggml", "ct2" or "safetensors", type "f32", "f16", "q8_0",
/// "q5_0", "q5_1", "q4_0", "q4_1" or "int8". kInvalidArgument, listing the choices, for a pair that
/// does not exist; kAlreadyExists for a directory that is there; kInvalidArgument when a vocabulary
/// is needed and neither the weights nor `facts` have a complete one.
Status ConvertModel(const WeightMap& weights, const TokenizerFacts& facts, std::string_view format,
                    std::string_view type, const std::string& path);

}  // namespace wt::model
