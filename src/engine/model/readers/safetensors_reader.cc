// safetensors: a JSON header says for each tensor its type, shape and range of bytes.
//
// The rules are those of the format's own library (huggingface/safetensors, tensor.rs, validate):
// ranges start at 0, follow each other without gap or overlap, and end where the file ends.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "engine/model/readers/json.h"
#include "engine/model/readers/readers.h"
#include "engine/model/tensor_names.h"

namespace wt::model {
namespace {

using nlohmann::json;

// 8,192 tensors with a dozen marks each ("name": {"dtype": ..., "shape": [a, b], ...}).
constexpr JsonLimits kHeaderLimits = {.depth_max = 8, .marks_max = 8'192 * 16};
// Beyond every dimension of every network; products of three stay below 2^63.
constexpr std::int64_t kDimensionMax = 1LL << 20;

/// Tensors by Hugging Face name without "model.".
using Tensors = std::map<std::string, TensorView, std::less<>>;

struct Range {
  std::int64_t begin;
  std::int64_t end;
  std::string name;
};

std::optional<TensorType> TypeOf(const json& entry) {
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) return std::nullopt;
  const auto& name = dtype->get_ref<const std::string&>();
  if (name == "F32") return TensorType::kF32;
  if (name == "F16") return TensorType::kF16;
  if (name == "BF16") return TensorType::kBf16;
  return std::nullopt;
}

/// A list of non-negative integers below 2^62; empty when it is not one.
std::optional<std::vector<std::int64_t>> Integers(const json& entry, const char* key) {
  const auto list = entry.find(key);
  if (list == entry.end() || !list->is_array()) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const json& number : *list) {
    if (!number.is_number_unsigned()) return std::nullopt;
    const auto value = number.get<std::uint64_t>();
    if (value >= 1ULL << 62) return std::nullopt;
    numbers.push_back(static_cast<std::int64_t>(value));
  }
  return numbers;
}

Status SetShape(std::string_view name, const std::vector<std::int64_t>& shape, TensorView* view) {
  if (shape.empty() || shape.size() > view->shape.size()) {
    return CorruptTensor(name, "rank is " + std::to_string(shape.size()) + ", 1 to 3 expected");
  }
  view->rank = static_cast<int>(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 1 || shape[i] > kDimensionMax) {
      return CorruptTensor(name, "a dimension is " + std::to_string(shape[i]));
    }
    view->shape[i] = shape[i];
  }
  return Status();
}

class ShardReader {
 public:
  ShardReader(std::span<const std::byte> bytes, Tensors* tensors)
      : reader_(bytes), tensors_(*tensors) {}

  Status Read() {
    std::uint64_t header_bytes;
    std::string_view text;
    if (!reader_.Read(&header_bytes)) return Corrupt("file ends within the header's length");
    if (header_bytes > static_cast<std::uint64_t>(base::kSafetensorsHeaderBytesMax)) {
      return Corrupt("header has " + std::to_string(header_bytes) + " bytes, the limit is " +
                     std::to_string(base::kSafetensorsHeaderBytesMax));
    }
    if (!reader_.ReadText(header_bytes, &text)) return Corrupt("file ends within the header");
    Result<json> header = ParseJson(text, kHeaderLimits);
    if (!header.ok()) return header.status().WithContext("header");
    if (!header->is_object()) return Corrupt("header is not a JSON object");
    for (const auto& item : header->items()) {
      if (item.key() != "__metadata__") WT_TRY(AddTensor(item.key(), item.value()));
    }
    return CheckRanges();
  }

 private:
  Status AddTensor(const std::string& name, const json& entry) {
    if (name.size() > base::kTensorNameBytesMax) return CorruptTensor(name, "name is too long");
    if (ranges_.size() >= base::kModelTensorsMax) return Corrupt("file has too many tensors");
    if (!entry.is_object()) return CorruptTensor(name, "header entry is not an object");
    const std::optional<TensorType> type = TypeOf(entry);
    if (!type) return CorruptTensor(name, "dtype is not one of F32, F16, BF16");
    const auto shape = Integers(entry, "shape");
    const auto range = Integers(entry, "data_offsets");
    if (!shape) return CorruptTensor(name, "shape is not a list of sizes");
    if (!range || range->size() != 2) {
      return CorruptTensor(name, "data_offsets is not a pair of offsets");
    }
    TensorView view;
    view.type = *type;
    WT_TRY(SetShape(name, *shape, &view));
    WT_TRY(SetData(name, (*range)[0], (*range)[1], &view));
    const std::string key = name.starts_with("model.") ? name.substr(6) : name;
    if (!tensors_.emplace(key, view).second) return CorruptTensor(name, "is there twice");
    ranges_.push_back({(*range)[0], (*range)[1], name});
    return Status();
  }

  Status SetData(std::string_view name, std::int64_t begin, std::int64_t end, TensorView* view) {
    const auto size = static_cast<std::int64_t>(reader_.remaining());
    if (begin > end || end > size) {
      return CorruptTensor(name, "bytes " + std::to_string(begin) + " to " + std::to_string(end) +
                                     " are not within the file's " + std::to_string(size) +
                                     " bytes of data");
    }
    const std::int64_t want = TensorBytes(view->type, view->elements(), 0);
    if (end - begin != want) {
      return CorruptTensor(name, "has " + std::to_string(end - begin) +
                                     " bytes, its shape and type need " + std::to_string(want));
    }
    base::ByteReader data = reader_;
    const bool there = data.Skip(static_cast<std::size_t>(begin)) &&
                       data.ReadBytes(static_cast<std::size_t>(want), &view->data);
    return there ? Status() : CorruptTensor(name, "lies outside the file");
  }

  Status CheckRanges() {
    std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::int64_t at = 0;
    for (const Range& range : ranges_) {
      if (range.begin != at) {
        return CorruptTensor(range.name, range.begin < at
                                             ? "its bytes overlap those of another tensor"
                                             : "bytes before it belong to no tensor");
      }
      at = range.end;
    }
    const auto size = static_cast<std::int64_t>(reader_.remaining());
    if (at == size) return Status();
    return Corrupt(std::to_string(size - at) + " bytes follow the last tensor");
  }

  base::ByteReader reader_;  // After the header: at the first byte of data.
  Tensors& tensors_;
  std::vector<Range> ranges_;
};

int CountLayers(const Tensors& tensors, const std::string& side) {
  int layers = 0;
  while (tensors.contains(side + ".layers." + std::to_string(layers) + ".fc1.weight")) ++layers;
  return layers;
}

Result<Dims> ReadDims(const Tensors& tensors) {
  const auto find = [&tensors](std::string_view name, int rank) -> Result<TensorView> {
    const auto found = tensors.find(name);
    if (found == tensors.end()) return CorruptTensor(name, "is missing");
    if (found->second.rank != rank) {
      return CorruptTensor(name, "rank is " + std::to_string(found->second.rank) + ", " +
                                     std::to_string(rank) + " expected");
    }
    return found->second;
  };
  WT_ASSIGN(const TensorView conv, find("encoder.conv1.weight", 3));
  WT_ASSIGN(const TensorView audio, find("encoder.embed_positions.weight", 2));
  WT_ASSIGN(const TensorView text, find("decoder.embed_positions.weight", 2));
  WT_ASSIGN(const TensorView embedding, find("decoder.embed_tokens.weight", 2));
  Dims dims;  // SetShape() keeps every dimension within an int.
  dims.n_mels = static_cast<int>(conv.shape[1]);
  dims.n_audio_ctx = static_cast<int>(audio.shape[0]);
  dims.n_audio_state = static_cast<int>(conv.shape[0]);
  dims.n_audio_head = dims.n_audio_state / 64;
  dims.n_audio_layer = CountLayers(tensors, "encoder");
  dims.n_vocab = static_cast<int>(embedding.shape[0]);
  dims.n_text_ctx = static_cast<int>(text.shape[0]);
  dims.n_text_state = static_cast<int>(embedding.shape[1]);
  dims.n_text_head = dims.n_text_state / 64;
  dims.n_text_layer = CountLayers(tensors, "decoder");
  return dims;
}

/// The output layer is tied to the embedding: some files store it a second time.
Status DropOutputLayer(Tensors* tensors) {
  const auto output = tensors->find("proj_out.weight");
  if (output == tensors->end()) return Status();
  const auto embedding = tensors->find("decoder.embed_tokens.weight");
  if (embedding != tensors->end() && output->second.shape != embedding->second.shape) {
    return CorruptTensor("proj_out.weight", "has another shape than the token embedding");
  }
  tensors->erase(output);
  return Status();
}

}  // namespace

Result<WeightMap::Parts> ReadSafetensors(std::span<const std::span<const std::byte>> shards) {
  Tensors tensors;
  for (const std::span<const std::byte> shard : shards) {
    WT_TRY(ShardReader(shard, &tensors).Read());
  }
  WT_TRY(DropOutputLayer(&tensors));
  WeightMap::Parts parts;
  parts.format = "safetensors";
  WT_ASSIGN(parts.dims, ReadDims(tensors));
  WT_TRY(CheckDims(parts.dims));
  for (const NamedShape& want : ExpectedTensors(parts.dims)) {
    const std::string theirs = HuggingFaceName(want.first).substr(6);
    const auto found = tensors.find(theirs);
    if (found == tensors.end()) return CorruptTensor(theirs, "is missing");
    parts.tensors.emplace(want.first, found->second);
    tensors.erase(found);
  }
  if (!tensors.empty()) {
    return CorruptTensor(tensors.begin()->first, "does not belong to a Whisper network");
  }
  return parts;
}

}  // namespace wt::model
