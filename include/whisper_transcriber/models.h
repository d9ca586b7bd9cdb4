// Weight files without an engine: what is in one, and writing it in another format.
//
//   wt::Result<wt::WeightsInfo> info = wt::InspectModel("models/base");
//   wt::Status done = wt::ConvertModel("models/base", "base.bin", {.format =
//   wt::WeightFormat::kGgml});
//
// Files are untrusted: everything is checked before memory is taken, and errors name file, tensor
// and reason. Blocking, bounded memory; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt {

enum class WeightFormat : std::uint8_t { kCtranslate2, kSafetensors, kOpenAi, kGgml };

/// How matrices are stored. Vectors, convolutions and embeddings of positions follow the format's
/// own rule.
enum class WeightType : std::uint8_t {
  kFloat32,
  kFloat16,
  kBfloat16,
  kInt8,
  kQ8_0,
  kQ5_0,
  kQ5_1,
  kQ4_0
};

/// "ctranslate2", "safetensors", "openai", "ggml".
std::string_view WeightFormatName(WeightFormat format);
/// Also accepts "ct2" and "pt". Empty when unknown.
std::optional<WeightFormat> ParseWeightFormat(std::string_view text);
/// "float32", "float16", "bfloat16", "int8", "q8_0", "q5_0", "q5_1", "q4_0".
std::string_view WeightTypeName(WeightType type);
/// Also accepts "f32", "f16" and "bf16". Empty when unknown.
std::optional<WeightType> ParseWeightType(std::string_view text);

struct WeightsInfo {
  WeightFormat format = WeightFormat::kCtranslate2;
  /// "tiny" ... "large-v3-turbo", or "custom".
  std::string size;
  bool multilingual = false;
  int n_mels = 0;
  int n_vocab = 0;
  int n_audio_layer = 0;
  int n_text_layer = 0;
  std::int64_t parameters = 0;
  /// Bytes of all tensors in the file.
  std::int64_t weight_bytes = 0;
  /// SHA-256 of the weight file(s), lower-case hex.
  std::string source_sha256;
};

/// Reads and checks a model as Engine::LoadModel does: a CTranslate2 or Hugging Face directory, or
/// a .pt, .safetensors or ggml file. kNotFound, kDataCorrupt, kUnsupported.
Result<WeightsInfo> InspectModel(const std::string& path);

struct PackedWeightsReport {
  int files = 0;
  std::int64_t bytes = 0;
  /// File and reason of each one that was damaged, and has been removed.
  std::vector<std::string> damaged;
};

/// Reads all packed weights in a cache directory (ModelOptions::cache_dir) and removes damaged
/// ones: loading trusts their bytes, and packs again where there are none.
PackedWeightsReport VerifyPackedWeights(const std::string& cache_dir);

struct ConvertOptions {
  WeightFormat format = WeightFormat::kGgml;
  /// Empty: float16, the type in which models are published.
  std::optional<WeightType> type;
};

/// Writes the model at `source` as `destination`: a file for ggml and safetensors, a directory for
/// CTranslate2. It appears when it is complete. kAlreadyExists when something is there,
/// kInvalidArgument for a type that the format lacks (ggml: float32, float16, q*; CTranslate2:
/// float32, float16, bfloat16, int8; safetensors: float32, float16, bfloat16), kUnsupported for
/// writing kOpenAi.
Status ConvertModel(const std::string& source, const std::string& destination,
                    const ConvertOptions& options);

}  // namespace wt
