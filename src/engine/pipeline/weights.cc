// Weight files without an engine (models.h): over engine/model and the tokenizer's facts.
#include <utility>

#include "base/status_macros.h"
#include "engine/model/packed_cache.h"
#include "engine/model/weight_map.h"
#include "engine/model/writers/model_writer.h"
#include "engine/tokenizer/tokenizer.h"
#include "whisper_transcriber/models.h"

namespace wt {
namespace {

WeightFormat FormatOf(std::string_view format) {
  if (format == "safetensors") return WeightFormat::kSafetensors;
  if (format == "pt") return WeightFormat::kOpenAi;
  if (format == "ggml") return WeightFormat::kGgml;
  return WeightFormat::kCtranslate2;
}

std::string_view WriterFormat(WeightFormat format) {
  switch (format) {
    case WeightFormat::kGgml: return "ggml";
    case WeightFormat::kSafetensors: return "safetensors";
    case WeightFormat::kCtranslate2: return "ct2";
    case WeightFormat::kOpenAi: return "";
  }
  return "";
}

std::string_view WriterType(WeightType type) {
  switch (type) {
    case WeightType::kFloat32: return "f32";
    case WeightType::kFloat16: return "f16";
    case WeightType::kBfloat16: return "bf16";
    case WeightType::kInt8: return "int8";
    case WeightType::kQ8_0: return "q8_0";
    case WeightType::kQ5_0: return "q5_0";
    case WeightType::kQ5_1: return "q5_1";
    case WeightType::kQ4_0: return "q4_0";
  }
  return "";
}

std::vector<std::string> PublishedVocabulary(const tokenizer::Tokenizer& tokenizer) {
  std::vector<std::string> vocabulary;
  for (TokenId token = 0; token < tokenizer.special().eot; ++token) {
    vocabulary.push_back(tokenizer.DecodeBytes({&token, 1}));
  }
  return vocabulary;
}

}  // namespace

Result<WeightsInfo> InspectModel(const std::string& path) {
  WT_ASSIGN(const auto weights, model::OpenModel(path));
  const model::Dims& dims = weights->dims();
  WeightsInfo info;
  info.format = FormatOf(weights->format());
  const std::string_view size = model::SizeName(dims);
  info.size = size.empty() ? "custom" : std::string(size);
  info.multilingual = dims.multilingual();
  info.n_mels = dims.n_mels;
  info.n_vocab = dims.n_vocab;
  info.n_audio_layer = dims.n_audio_layer;
  info.n_text_layer = dims.n_text_layer;
  for (const auto& [name, tensor] : weights->tensors()) info.parameters += tensor.elements();
  info.weight_bytes = weights->weight_bytes();
  info.source_sha256 = weights->source_hash();
  return info;
}

PackedWeightsReport VerifyPackedWeights(const std::string& cache_dir) {
  model::PackedFilesCheck check = model::CheckPackedFiles(cache_dir);
  return {check.files, check.bytes, std::move(check.damaged)};
}

Status ConvertModel(const std::string& source, const std::string& destination,
                    const ConvertOptions& options) {
  if (options.format == WeightFormat::kOpenAi) {
    return Status(StatusCode::kUnsupported,
                  "OpenAI checkpoints can be read, not written; use ggml, ct2 or safetensors");
  }
  WT_ASSIGN(const auto weights, model::OpenModel(source));
  const auto tokenizer = tokenizer::Tokenizer::Published(weights->dims().n_vocab);
  const std::vector<std::string> vocabulary =
      weights->vocabulary().empty() ? PublishedVocabulary(*tokenizer) : std::vector<std::string>();
  const TokenId all[] = {-1};
  const std::vector<TokenId> suppressed = tokenizer->SuppressedTokens(all);
  model::TokenizerFacts facts;
  facts.vocabulary = vocabulary;
  facts.suppressed_tokens = suppressed;
  facts.language_codes = tokenizer::LanguageCodes();
  return model::ConvertModel(*weights, facts, WriterFormat(options.format),
                             WriterType(options.type.value_or(WeightType::kFloat16)), destination);
}

}  // namespace wt
