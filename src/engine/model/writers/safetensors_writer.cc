// Hugging Face directory: model.safetensors with the names of transformers, and the JSON files that
// its loaders want.
#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"
#include "engine/model/tensor_names.h"
#include "engine/model/writers/model_writer.h"
#include "engine/model/writers/staged_file.h"
#include "engine/model/writers/tensor_stream.h"
#include "engine/model/writers/tokenizer_files.h"

namespace wt::model {
namespace {

struct Renamed {
  std::string theirs;
  std::string ours;
  std::vector<std::int64_t> shape;
};

std::vector<Renamed> SortedTensors(const Dims& dims) {
  std::vector<Renamed> tensors;
  for (auto& [name, shape] : ExpectedTensors(dims)) {
    tensors.push_back({HuggingFaceName(name), name, shape});
  }
  std::sort(tensors.begin(), tensors.end(),
            [](const Renamed& a, const Renamed& b) { return a.theirs < b.theirs; });
  return tensors;
}

/// Length, JSON, and spaces up to a multiple of 8, so that the data is aligned.
std::string Header(const std::vector<Renamed>& tensors, TensorType type) {
  nlohmann::ordered_json json;
  json["__metadata__"] = {{"format", "pt"}};
  std::int64_t at = 0;
  for (const Renamed& tensor : tensors) {
    std::int64_t bytes = TensorBytes(type, 1, 1);
    for (const std::int64_t dim : tensor.shape) bytes *= dim;
    json[tensor.theirs] = {{"dtype", type == TensorType::kF16 ? "F16" : "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {at, at + bytes}}};
    at += bytes;
  }
  std::string text = base::JsonToText(json);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + text;
}

Status WriteWeights(const WeightMap& weights, TensorType type, const std::string& path) {
  WT_ASSIGN(StagedFile file, StagedFile::Create(path));
  const std::vector<Renamed> tensors = SortedTensors(weights.dims());
  WT_TRY(file.Append(Header(tensors, type)));
  TensorStream stream(weights, &file);
  for (const Renamed& tensor : tensors) WT_TRY(stream.Append(tensor.ours, type));
  return file.Commit();
}

}  // namespace

Status WriteSafetensors(const WeightMap& weights, const TokenizerFacts& facts, TensorType type,
                        const std::string& path) {
  WT_ASSIGN(const TokenizerFiles files, TokenizerFiles::Create(weights, facts));
  WT_ASSIGN(StagedDirectory directory, StagedDirectory::Create(path));
  WT_TRY(WriteWeights(weights, type, directory.PathOf("model.safetensors")));
  const auto write = [&directory](std::string_view name, const std::string& text) {
    return platform::WriteFileAtomically(directory.PathOf(name),
                                         std::as_bytes(std::span<const char>(text)));
  };
  WT_TRY(write("config.json",
               files.HuggingFaceConfig(type == TensorType::kF16 ? "float16" : "float32")));
  WT_TRY(write("generation_config.json", files.GenerationConfig()));
  WT_TRY(write("preprocessor_config.json", files.PreprocessorConfig()));
  WT_TRY(write("tokenizer.json", files.TokenizerJson()));
  WT_TRY(write("tokenizer_config.json", files.TokenizerConfig()));
  WT_TRY(write("special_tokens_map.json", files.SpecialTokensMap()));
  WT_TRY(write("added_tokens.json", files.AddedTokens()));
  WT_TRY(write("vocab.json", files.VocabJson()));
  WT_TRY(write("merges.txt", files.Merges()));
  return directory.Commit();
}

}  // namespace wt::model
