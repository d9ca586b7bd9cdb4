// CTranslate2 directory: model.bin with variables sorted by name, configuration and vocabulary.
#include <map>
#include <string>

#include "base/status_macros.h"
#include "engine/model/tensor_names.h"
#include "engine/model/writers/model_writer.h"
#include "engine/model/writers/staged_file.h"
#include "engine/model/writers/tensor_stream.h"
#include "engine/model/writers/tokenizer_files.h"

namespace wt::model {
namespace {

// dtype ids of the file.
constexpr std::uint8_t kFloat32 = 0;
constexpr std::uint8_t kInt8 = 1;
constexpr std::uint8_t kInt16 = 2;
constexpr std::uint8_t kFloat16 = 4;

enum class Content { kScalar, kTensors, kScales };

/// A variable of the file: a scalar, or tensors of ours stacked along their rows, or their scales.
struct Variable {
  Content content = Content::kTensors;
  std::uint8_t dtype = kFloat32;
  std::vector<std::int64_t> shape;
  int scalar = 0;
  /// Full names; an empty one stands for a state's length of zeros (the key's bias).
  std::vector<std::string> tensors;
};

using Variables = std::map<std::string, Variable>;

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

/// Length with the closing zero byte, then text and zero byte.
void PutText(std::string_view text, std::string* out) {
  Put(static_cast<std::uint16_t>(text.size() + 1), out);
  out->append(text);
  out->push_back('\0');
}

std::int64_t DtypeBytes(std::uint8_t dtype) {
  return dtype == kFloat32 ? 4 : dtype == kInt8 ? 1 : 2;
}

class Ct2VariableList {
 public:
  Ct2VariableList(const WeightMap& weights, TensorType type)
      : weights_(weights),
        quantised_(type == TensorType::kInt8Rows),
        real_(type == TensorType::kF16 ? kFloat16 : kFloat32) {}

  Variables Build() {
    for (const Ct2Entry& entry : Ct2Plan(weights_.dims())) AddEntry(entry);
    AddScalar("encoder/num_heads", kInt16, weights_.dims().n_audio_head);
    AddScalar("decoder/num_heads", kInt16, weights_.dims().n_text_head);
    // What CTranslate2's converter gives a Whisper model; 3 is the exact GELU.
    AddScalar("decoder/activation", kInt8, 3);
    AddScalar("decoder/alibi", kInt8, 0);
    AddScalar("decoder/alignment_heads", kInt16, 1);
    AddScalar("decoder/alignment_layer", kInt16, -1);
    AddScalar("decoder/pre_norm", kInt8, 1);
    AddScalar("decoder/scale_embeddings", kInt8, 0);
    AddScalar("decoder/start_from_zero_embedding", kInt8, 0);
    return std::move(variables_);
  }

 private:
  void AddScalar(const std::string& name, std::uint8_t dtype, int value) {
    Variable variable;
    variable.content = Content::kScalar;
    variable.dtype = dtype;
    variable.scalar = value;
    variables_[name] = variable;
  }

  void AddReal(const std::string& name, std::vector<std::string> tensors) {
    variables_[name] = Stacked(std::move(tensors));
  }

  /// Matrices and convolutions: these are the ones that are quantised.
  void AddWeight(const std::string& name, std::vector<std::string> tensors) {
    Variable variable = Stacked(std::move(tensors));
    if (quantised_) {
      Variable scales = variable;
      scales.content = Content::kScales;
      scales.shape.resize(1);
      variables_[name + "_scale"] = std::move(scales);
      variable.dtype = kInt8;
    }
    variables_[name] = std::move(variable);
  }

  void AddEntry(const Ct2Entry& entry) {
    std::vector<std::string> weights;
    std::vector<std::string> biases;
    for (const std::string& ours : entry.ours) {
      weights.push_back(ours + ".weight");
      biases.push_back(weights_.Has(ours + ".bias") ? ours + ".bias" : "");
    }
    switch (entry.kind) {
      case Ct2Kind::kBare: return AddReal(entry.theirs, entry.ours);
      case Ct2Kind::kEmbedding: return AddWeight(entry.theirs + "/weight", weights);
      case Ct2Kind::kNorm:
        AddReal(entry.theirs + "/gamma", weights);
        return AddReal(entry.theirs + "/beta", biases);
      case Ct2Kind::kLinear:
        AddWeight(entry.theirs + "/weight", weights);
        // The key has no bias; in the file its part is zeros, as long as the state.
        return AddReal(entry.theirs + "/bias", biases);
    }
  }

  Variable Stacked(std::vector<std::string> tensors) const {
    Variable variable;
    variable.dtype = real_;
    for (const std::string& name : tensors) {
      std::vector<std::int64_t> shape = {weights_.dims().n_text_state};
      if (!name.empty()) {
        const TensorView& view = weights_.Get(name);
        shape.assign(view.shape.begin(), view.shape.begin() + view.rank);
      }
      if (variable.shape.empty()) {
        variable.shape = std::move(shape);
      } else {
        variable.shape[0] += shape[0];
      }
    }
    variable.tensors = std::move(tensors);
    return variable;
  }

  const WeightMap& weights_;
  bool quantised_;
  std::uint8_t real_;
  Variables variables_;
};

std::string VariableHeader(const std::string& name, const Variable& variable) {
  std::int64_t bytes = DtypeBytes(variable.dtype);
  std::string header;
  PutText(name, &header);
  Put(static_cast<std::uint8_t>(variable.shape.size()), &header);
  for (const std::int64_t dim : variable.shape) {
    Put(static_cast<std::uint32_t>(dim), &header);
    bytes *= dim;
  }
  Put(variable.dtype, &header);
  // The largest, large-v3's embedding in float32, has 51866 x 1280 x 4 = 266 million bytes.
  Put(static_cast<std::uint32_t>(bytes), &header);
  return header;
}

Status AppendVariable(const Variable& variable, std::int64_t state, TensorStream* stream,
                      StagedFile* file) {
  if (variable.content == Content::kScalar) {
    std::string bytes;
    if (variable.dtype == kInt8) {
      Put(static_cast<std::int8_t>(variable.scalar), &bytes);
    } else {
      Put(static_cast<std::int16_t>(variable.scalar), &bytes);
    }
    return file->Append(bytes);
  }
  for (const std::string& name : variable.tensors) {
    if (variable.content == Content::kScales) {
      WT_TRY(stream->AppendScales(name));
    } else if (name.empty()) {
      WT_TRY(file->Append(
          std::string(static_cast<std::size_t>(state * DtypeBytes(variable.dtype)), '\0')));
    } else {
      const TensorType type = variable.dtype == kInt8      ? TensorType::kInt8Rows
                              : variable.dtype == kFloat16 ? TensorType::kF16
                                                           : TensorType::kF32;
      WT_TRY(stream->Append(name, type));
    }
  }
  return Status();
}

Status WriteModelBin(const WeightMap& weights, TensorType type, const std::string& path) {
  WT_ASSIGN(StagedFile file, StagedFile::Create(path));
  const Variables variables = Ct2VariableList(weights, type).Build();
  std::string header;
  Put(std::uint32_t{6}, &header);  // Binary version.
  PutText("WhisperSpec", &header);
  Put(std::uint32_t{3}, &header);  // Spec revision.
  Put(static_cast<std::uint32_t>(variables.size()), &header);
  WT_TRY(file.Append(header));
  TensorStream stream(weights, &file);
  for (const auto& [name, variable] : variables) {
    WT_TRY(file.Append(VariableHeader(name, variable)));
    WT_TRY(AppendVariable(variable, weights.dims().n_text_state, &stream, &file));
  }
  const bool quantised = type == TensorType::kInt8Rows;
  std::string aliases;
  Put(std::uint32_t{quantised ? 2u : 1u}, &aliases);
  for (const char* suffix : {"", "_scale"}) {
    if (*suffix != '\0' && !quantised) break;
    PutText(std::string("decoder/projection/weight") + suffix, &aliases);
    PutText(std::string("decoder/embeddings/weight") + suffix, &aliases);
  }
  WT_TRY(file.Append(aliases));
  return file.Commit();
}

}  // namespace

Status WriteCt2(const WeightMap& weights, const TokenizerFacts& facts, TensorType type,
                const std::string& path) {
  WT_ASSIGN(const TokenizerFiles files, TokenizerFiles::Create(weights, facts));
  WT_ASSIGN(StagedDirectory directory, StagedDirectory::Create(path));
  WT_TRY(WriteModelBin(weights, type, directory.PathOf("model.bin")));
  const auto write = [&directory](std::string_view name, const std::string& text) {
    return platform::WriteFileAtomically(directory.PathOf(name),
                                         std::as_bytes(std::span<const char>(text)));
  };
  WT_TRY(write("config.json", files.Ct2Config()));
  WT_TRY(write("vocabulary.json", files.Ct2Vocabulary()));
  WT_TRY(write("tokenizer.json", files.TokenizerJson()));
  // Readers take 80 mel bands for granted where this file is missing.
  WT_TRY(write("preprocessor_config.json", files.PreprocessorConfig()));
  return directory.Commit();
}

}  // namespace wt::model
