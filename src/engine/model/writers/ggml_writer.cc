// ggml file, as whisper.cpp's convert-pt-to-ggml.py and its quantize program write it.
#include <string>

#include "base/status_macros.h"
#include "engine/model/tensor_convert.h"
#include "engine/model/tensor_names.h"
#include "engine/model/writers/mel_filters.h"
#include "engine/model/writers/model_writer.h"
#include "engine/model/writers/staged_file.h"
#include "engine/model/writers/tensor_stream.h"
#include "engine/model/writers/tokenizer_files.h"

namespace wt::model {
namespace {

struct TypeIds {
  std::int32_t file;    // ftype of the header.
  std::int32_t tensor;  // Type of a tensor.
};

TypeIds IdsOf(TensorType type) {
  switch (type) {
    case TensorType::kF16: return {1, 1};
    case TensorType::kQ4_0: return {2, 2};
    case TensorType::kQ4_1: return {3, 3};
    case TensorType::kQ5_0: return {8, 6};
    case TensorType::kQ5_1: return {9, 7};
    case TensorType::kQ8_0: return {7, 8};
    default: return {0, 0};
  }
}

void Put32(std::int64_t value, std::string* out) {
  const auto narrow = static_cast<std::int32_t>(value);
  out->append(reinterpret_cast<const char*>(&narrow), sizeof(narrow));
}

bool IsConvolutionBias(std::string_view name) {
  return name == "encoder.conv1.bias" || name == "encoder.conv2.bias";
}

/// Vectors and position tables are float32 in every file; convolutions have no block type.
TensorType StoredType(const NamedShape& tensor, TensorType type) {
  const auto& [name, shape] = tensor;
  if (shape.size() == 1 || name.ends_with("positional_embedding")) return TensorType::kF32;
  return shape.size() == 3 && IsBlockType(type) ? TensorType::kF16 : type;
}

std::string Header(const Dims& d, TensorType type) {
  // Quantised files add the version of the quantisation, 2, times 1000.
  const std::int32_t ftype = IdsOf(type).file + (IsBlockType(type) ? 2000 : 0);
  std::string header = "lmgg";
  for (const int field :
       {d.n_vocab, d.n_audio_ctx, d.n_audio_state, d.n_audio_head, d.n_audio_layer, d.n_text_ctx,
        d.n_text_state, d.n_text_head, d.n_text_layer, d.n_mels, ftype}) {
    Put32(field, &header);
  }
  const std::vector<float> filters = GgmlMelFilters(d.n_mels);
  Put32(d.n_mels, &header);
  Put32(static_cast<std::int64_t>(filters.size()) / d.n_mels, &header);
  header.append(reinterpret_cast<const char*>(filters.data()), filters.size() * sizeof(float));
  return header;
}

std::string Tokens(std::span<const std::string> vocabulary) {
  std::string out;
  Put32(static_cast<std::int64_t>(vocabulary.size()), &out);
  for (const std::string& token : vocabulary) {
    Put32(static_cast<std::int64_t>(token.size()), &out);
    out += token;
  }
  return out;
}

std::string TensorHeader(const NamedShape& tensor, TensorType stored) {
  std::vector<std::int64_t> shape = tensor.second;
  if (IsConvolutionBias(tensor.first)) shape.push_back(1);
  std::string header;
  Put32(static_cast<std::int64_t>(shape.size()), &header);
  Put32(static_cast<std::int64_t>(tensor.first.size()), &header);
  Put32(IdsOf(stored).tensor, &header);
  for (auto dim = shape.rbegin(); dim != shape.rend(); ++dim) Put32(*dim, &header);
  return header + tensor.first;
}

}  // namespace

Status WriteGgml(const WeightMap& weights, const TokenizerFacts& facts, TensorType type,
                 const std::string& path) {
  WT_ASSIGN(const std::span<const std::string> vocabulary, VocabularyOf(weights, facts));
  WT_ASSIGN(StagedFile file, StagedFile::Create(path));
  WT_TRY(file.Append(Header(weights.dims(), type)));
  WT_TRY(file.Append(Tokens(vocabulary)));
  TensorStream stream(weights, &file);
  for (const NamedShape& tensor : ExpectedTensors(weights.dims())) {
    const TensorType stored = StoredType(tensor, type);
    WT_TRY(file.Append(TensorHeader(tensor, stored)));
    WT_TRY(stream.Append(tensor.first, stored));
  }
  return file.Commit();
}

}  // namespace wt::model
