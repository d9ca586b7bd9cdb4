// CTranslate2 variables to OpenAI tensors: fused projections are split along their rows, quantised
// ones get their scales, scalars are compared with what a Whisper network must have.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>

#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "engine/model/readers/ct2_file.h"
#include "engine/model/readers/readers.h"
#include "engine/model/tensor_convert.h"
#include "engine/model/tensor_names.h"

namespace wt::model {
namespace {

class Ct2Mapper {
 public:
  explicit Ct2Mapper(const Ct2File& file) : file_(file) {}

  Result<WeightMap::Parts> Map();

 private:
  Result<TensorView> View(const std::string& name);
  Status AddScales(const std::string& name, const Ct2Variable& variable, TensorView* view);
  const Ct2Variable* Use(const std::string& name);
  Result<int> Scalar(const std::string& name, int otherwise);
  Result<Dims> ReadDims();
  int CountLayers(const std::string& side) const;
  Status MapEntry(const Ct2Entry& entry);
  Status MapLinear(const Ct2Entry& entry);
  Status CheckOutputIsTied();
  Status CheckRest();

  const Ct2File& file_;
  std::set<std::string_view> used_;
  WeightMap::Parts parts_;
};

/// Rows [first, first + count) of `view`, not copied. REQUIRES: no block type.
TensorView Rows(const TensorView& view, std::int64_t first, std::int64_t count) {
  TensorView rows = view;
  const std::size_t row_bytes = view.data.size() / static_cast<std::size_t>(view.shape[0]);
  const auto begin = static_cast<std::size_t>(first);
  const auto size = static_cast<std::size_t>(count);
  rows.shape[0] = count;
  rows.data = view.data.subspan(begin * row_bytes, size * row_bytes);
  if (view.type == TensorType::kInt8Rows) rows.scales = view.scales.subspan(begin * 4, size * 4);
  return rows;
}

/// REQUIRES: rank 1. In small pieces, because the number of elements is the file's word.
bool AllZero(const TensorView& view) {
  std::array<float, 256> piece;
  for (std::int64_t at = 0; at < view.shape[0];) {
    const auto count = std::min<std::int64_t>(view.shape[0] - at, piece.size());
    const std::span<float> values = std::span(piece).first(static_cast<std::size_t>(count));
    ConvertRowsToFloat(view, at, count, values);
    if (!std::all_of(values.begin(), values.end(), [](float x) { return x == 0.0f; })) return false;
    at += count;
  }
  return true;
}

/// A scalar's integer value; empty when the variable is not an integer scalar.
std::optional<int> IntegerScalar(const Ct2Variable& variable) {
  if (variable.elements() != 1) return std::nullopt;
  if (variable.type == Ct2Type::kInt8) return static_cast<std::int8_t>(variable.data[0]);
  if (variable.type != Ct2Type::kInt16) return std::nullopt;
  std::int16_t value;
  std::memcpy(&value, variable.data.data(), sizeof(value));
  return value;
}

const Ct2Variable* Ct2Mapper::Use(const std::string& name) {
  const auto alias = file_.aliases().find(name);
  if (alias != file_.aliases().end()) used_.insert(alias->first);
  const auto variable = file_.variables().find(file_.Resolve(name));
  if (variable == file_.variables().end()) return nullptr;
  used_.insert(variable->first);
  return &variable->second;
}

Status Ct2Mapper::AddScales(const std::string& name, const Ct2Variable& variable,
                            TensorView* view) {
  // Scales may have been folded into an alias on their own, or follow the name that the weight
  // itself was folded into.
  const Ct2Variable* scale = Use(name + "_scale");
  if (scale == nullptr) scale = Use(std::string(file_.Resolve(name)) + "_scale");
  if (scale == nullptr) return CorruptTensor(name, "is quantised but has no scale");
  const bool rows = variable.type == Ct2Type::kInt8;
  const std::int64_t want = rows ? variable.shape[0] : 1;
  if (scale->type != Ct2Type::kF32 || scale->elements() != want || scale->rank > 1) {
    return CorruptTensor(name + "_scale", std::to_string(want) + " float32 numbers expected");
  }
  view->type = rows ? TensorType::kInt8Rows : TensorType::kInt16;
  view->scales = scale->data;
  return Status();
}

Result<TensorView> Ct2Mapper::View(const std::string& name) {
  const Ct2Variable* variable = Use(name);
  if (variable == nullptr) return CorruptTensor(name, "is missing");
  if (variable->rank == 0) return CorruptTensor(name, "is a single number");
  TensorView view;
  view.rank = variable->rank;
  view.shape = variable->shape;
  view.data = variable->data;
  switch (variable->type) {
    case Ct2Type::kF32: view.type = TensorType::kF32; return view;
    case Ct2Type::kF16: view.type = TensorType::kF16; return view;
    case Ct2Type::kBf16: view.type = TensorType::kBf16; return view;
    case Ct2Type::kInt8:
    case Ct2Type::kInt16: WT_TRY(AddScales(name, *variable, &view)); return view;
    case Ct2Type::kInt32: break;
  }
  return CorruptTensor(name, "weights cannot be int32");
}

Result<int> Ct2Mapper::Scalar(const std::string& name, int otherwise) {
  const Ct2Variable* variable = Use(name);
  if (variable == nullptr) return otherwise;
  const std::optional<int> value = IntegerScalar(*variable);
  if (!value) return CorruptTensor(name, "one int8 or int16 number expected");
  return *value;
}

int Ct2Mapper::CountLayers(const std::string& side) const {
  int layers = 0;
  while (file_.Find(side + "/layer_" + std::to_string(layers) + "/ffn/linear_0/weight")) ++layers;
  return layers;
}

Result<Dims> Ct2Mapper::ReadDims() {
  WT_ASSIGN(const TensorView conv, View("encoder/conv1/weight"));
  WT_ASSIGN(const TensorView audio, View("encoder/position_encodings/encodings"));
  WT_ASSIGN(const TensorView text, View("decoder/position_encodings/encodings"));
  WT_ASSIGN(const TensorView embedding, View("decoder/embeddings/weight"));
  Dims dims;
  const auto as_int = [](std::int64_t n) {
    // u32 in the file: larger values are outside every range that CheckDims() accepts.
    return static_cast<int>(std::min<std::int64_t>(n, 1 << 30));
  };
  dims.n_mels = as_int(conv.shape[1]);
  dims.n_audio_ctx = as_int(audio.shape[0]);
  dims.n_audio_state = as_int(conv.shape[0]);
  dims.n_vocab = as_int(embedding.shape[0]);
  dims.n_text_ctx = as_int(text.shape[0]);
  dims.n_text_state = as_int(embedding.shape[1]);
  dims.n_audio_layer = CountLayers("encoder");
  dims.n_text_layer = CountLayers("decoder");
  WT_ASSIGN(dims.n_audio_head, Scalar("encoder/num_heads", dims.n_audio_state / 64));
  WT_ASSIGN(dims.n_text_head, Scalar("decoder/num_heads", dims.n_text_state / 64));
  return dims;
}

Status Ct2Mapper::MapLinear(const Ct2Entry& entry) {
  WT_ASSIGN(const TensorView weight, View(entry.theirs + "/weight"));
  WT_ASSIGN(const TensorView bias, View(entry.theirs + "/bias"));
  if (bias.rank != 1) return CorruptTensor(entry.theirs + "/bias", "one dimension expected");
  const auto parts = static_cast<std::int64_t>(entry.ours.size());
  for (const TensorView* view : {&weight, &bias}) {
    if (view->shape[0] % parts != 0) {
      return CorruptTensor(entry.theirs, "its " + std::to_string(view->shape[0]) +
                                             " rows cannot be split into " + std::to_string(parts) +
                                             " parts");
    }
  }
  const std::int64_t rows = weight.shape[0] / parts;
  const std::int64_t biases = bias.shape[0] / parts;
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::string& name = entry.ours[static_cast<std::size_t>(i)];
    parts_.tensors.emplace(name + ".weight", Rows(weight, i * rows, rows));
    const TensorView part = Rows(bias, i * biases, biases);
    if (!name.ends_with(".key")) {
      parts_.tensors.emplace(name + ".bias", part);
    } else if (!AllZero(part)) {
      return Unsupported("tensor " + entry.theirs + "/bias: the key's part is not zero");
    }
  }
  return Status();
}

Status Ct2Mapper::MapEntry(const Ct2Entry& entry) {
  switch (entry.kind) {
    case Ct2Kind::kBare: {
      WT_ASSIGN(parts_.tensors[entry.ours[0]], View(entry.theirs));
      return Status();
    }
    case Ct2Kind::kEmbedding: {
      WT_ASSIGN(parts_.tensors[entry.ours[0] + ".weight"], View(entry.theirs + "/weight"));
      return Status();
    }
    case Ct2Kind::kNorm: {
      WT_ASSIGN(parts_.tensors[entry.ours[0] + ".weight"], View(entry.theirs + "/gamma"));
      WT_ASSIGN(parts_.tensors[entry.ours[0] + ".bias"], View(entry.theirs + "/beta"));
      return Status();
    }
    case Ct2Kind::kLinear: return MapLinear(entry);
  }
  return Status();
}

Status Ct2Mapper::CheckOutputIsTied() {
  const std::string output = "decoder/projection/weight";
  if (Use(output) != nullptr &&
      file_.Resolve(output) != file_.Resolve("decoder/embeddings/weight")) {
    return Unsupported("tensor " + output + ": is not the token embedding");
  }
  Use(output + "_scale");
  return Status();
}

/// Every variable left must be a scalar that either is known or switches nothing on.
Status Ct2Mapper::CheckRest() {
  struct Known {
    const char* name;
    int value;
  };
  // 3 is the exact GELU.
  constexpr Known kKnown[] = {{"encoder/activation", 3},
                              {"encoder/pre_norm", 1},
                              {"decoder/activation", 3},
                              {"decoder/pre_norm", 1}};
  for (const Known& known : kKnown) {
    WT_ASSIGN(const int value, Scalar(known.name, known.value));
    if (value != known.value) {
      return Unsupported("scalar " + std::string(known.name) + " is " + std::to_string(value) +
                         ", a Whisper network has " + std::to_string(known.value));
    }
  }
  // They belong to CTranslate2's generic decoder and mean nothing in a Whisper model.
  for (const char* side : {"encoder/", "decoder/"}) {
    for (const char* name :
         {"alignment_heads", "alignment_layer", "alibi_use_positive_positions"}) {
      WT_TRY(Scalar(std::string(side) + name, 0));
    }
  }
  for (const auto& [name, variable] : file_.variables()) {
    if (used_.contains(name)) continue;
    const std::optional<int> value = IntegerScalar(variable);
    if (!value) return CorruptTensor(name, "does not belong to a Whisper network");
    if (*value != 0) {
      return Unsupported("scalar " + Printable(name) + " is " + std::to_string(*value) +
                         ", which this program does not know");
    }
  }
  for (const auto& [name, target] : file_.aliases()) {
    if (!used_.contains(name) && !IntegerScalar(file_.variables().at(target))) {
      return CorruptTensor(name, "does not belong to a Whisper network");
    }
  }
  return Status();
}

Result<WeightMap::Parts> Ct2Mapper::Map() {
  WT_ASSIGN(parts_.dims, ReadDims());
  WT_TRY(CheckDims(parts_.dims));
  for (const Ct2Entry& entry : Ct2Plan(parts_.dims)) WT_TRY(MapEntry(entry));
  WT_TRY(CheckOutputIsTied());
  WT_TRY(CheckRest());
  parts_.format = "ct2";
  return std::move(parts_);
}

}  // namespace

Result<WeightMap::Parts> ReadCt2(std::span<const std::byte> bytes) {
  WT_ASSIGN(const Ct2File file, Ct2File::Parse(bytes));
  return Ct2Mapper(file).Map();
}

}  // namespace wt::model
