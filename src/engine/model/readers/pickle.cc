#include "engine/model/readers/pickle.h"

#include <climits>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "engine/model/readers/pickle_machine.h"

namespace wt::model {
namespace {

struct DimField {
  std::string_view name;
  int Dims::* field;
};

constexpr std::array<DimField, 10> kDimFields = {{{"n_mels", &Dims::n_mels},
                                                  {"n_audio_ctx", &Dims::n_audio_ctx},
                                                  {"n_audio_state", &Dims::n_audio_state},
                                                  {"n_audio_head", &Dims::n_audio_head},
                                                  {"n_audio_layer", &Dims::n_audio_layer},
                                                  {"n_vocab", &Dims::n_vocab},
                                                  {"n_text_ctx", &Dims::n_text_ctx},
                                                  {"n_text_state", &Dims::n_text_state},
                                                  {"n_text_head", &Dims::n_text_head},
                                                  {"n_text_layer", &Dims::n_text_layer}}};

/// Reads the graph of values that the machine left.
class CheckpointReader {
 public:
  explicit CheckpointReader(const PickleMachine& machine) : machine_(machine) {}

  Result<PickledCheckpoint> Read(ValueId root) {
    PickledCheckpoint checkpoint;
    WT_ASSIGN(const Value* dims, Item(machine_.value(root), "dims"));
    WT_ASSIGN(const Value* tensors, Item(machine_.value(root), "model_state_dict"));
    WT_TRY(ReadDims(*dims, &checkpoint.dims));
    WT_TRY(ReadTensors(*tensors, &checkpoint));
    return checkpoint;
  }

 private:
  const Value& At(const Value& value, std::size_t i) const {
    return machine_.value(value.items[i]);
  }

  /// The value of `key`, once in a dictionary.
  Result<const Value*> Item(const Value& dict, std::string_view key) const {
    if (dict.kind != ValueKind::kDict) return Corrupt("pickle does not hold a dictionary");
    const Value* found = nullptr;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      if (At(dict, i).kind != ValueKind::kText || At(dict, i).text != key) continue;
      if (found != nullptr) return Corrupt("pickle has \"" + std::string(key) + "\" twice");
      found = &At(dict, i + 1);
    }
    if (found == nullptr) return Corrupt("pickle has no \"" + std::string(key) + "\"");
    return found;
  }

  Status ReadDims(const Value& dict, Dims* dims) const {
    for (const DimField& field : kDimFields) {
      WT_ASSIGN(const Value* value, Item(dict, field.name));
      if (value->kind != ValueKind::kInt || value->number < 0 || value->number > INT_MAX) {
        return Corrupt("dimension " + std::string(field.name) + " is not a number in range");
      }
      dims->*field.field = static_cast<int>(value->number);
    }
    return Status();
  }

  Status ReadTensors(const Value& dict, PickledCheckpoint* checkpoint) const {
    if (dict.kind != ValueKind::kDict) return Corrupt("model_state_dict is not a dictionary");
    if (dict.items.size() > 2 * base::kModelTensorsMax)
      return Corrupt("there are too many tensors");
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const Value& name = At(dict, i);
      if (name.kind != ValueKind::kText || name.text.size() > base::kTensorNameBytesMax) {
        return Corrupt("a tensor's name is not a short text");
      }
      Result<PickledTensor> tensor = ReadTensor(At(dict, i + 1));
      if (!tensor.ok()) return CorruptTensor(name.text, tensor.status().message());
      if (!checkpoint->tensors.emplace(name.text, *tensor).second) {
        return CorruptTensor(name.text, "is there twice");
      }
    }
    return Status();
  }

  /// Arguments: storage, offset, size, stride, requires_grad, hooks.
  Result<PickledTensor> ReadTensor(const Value& value) const {
    if (value.kind != ValueKind::kTensor) return Corrupt("is no tensor");
    PickledTensor tensor;
    WT_TRY(ReadStorage(At(value, 0), &tensor));
    if (At(value, 4).kind != ValueKind::kBool || At(value, 5).kind != ValueKind::kDict) {
      return Corrupt("its arguments are not those of torch's _rebuild_tensor_v2");
    }
    const Value& offset = At(value, 1);
    if (offset.kind != ValueKind::kInt || offset.number < 0) return Corrupt("offset is no number");
    tensor.offset = offset.number;
    const Value& shape = At(value, 2);
    const Value& stride = At(value, 3);
    if (shape.kind != ValueKind::kTuple || stride.kind != ValueKind::kTuple ||
        shape.items.size() != stride.items.size()) {
      return Corrupt("size and stride are not tuples of one length");
    }
    if (shape.items.empty() || shape.items.size() > tensor.shape.size()) {
      return Corrupt("rank is " + std::to_string(shape.items.size()) + ", 1 to 3 expected");
    }
    tensor.rank = static_cast<int>(shape.items.size());
    for (std::size_t i = 0; i < shape.items.size(); ++i) {
      WT_ASSIGN(tensor.shape[i], Extent(At(shape, i)));
      WT_ASSIGN(tensor.stride[i], Extent(At(stride, i)));
    }
    return tensor;
  }

  /// Sizes and strides: below 2^31, so that a product of two fits an int64.
  static Result<std::int64_t> Extent(const Value& value) {
    if (value.kind != ValueKind::kInt || value.number < 1 || value.number > INT_MAX) {
      return Corrupt("a size or stride is not a number in range");
    }
    return value.number;
  }

  /// Tuple: "storage", storage class, key, location, elements.
  Status ReadStorage(const Value& value, PickledTensor* tensor) const {
    if (value.kind != ValueKind::kStorage) return Corrupt("its first argument is no storage");
    const Value& type = At(value, 1);
    const Value& key = At(value, 2);
    const Value& count = At(value, 4);
    if (At(value, 0).kind != ValueKind::kText || At(value, 0).text != "storage" ||
        type.kind != ValueKind::kGlobal || key.kind != ValueKind::kText ||
        count.kind != ValueKind::kInt || count.number < 0) {
      return Corrupt("its storage is not described as torch does it");
    }
    if (type.text == "torch.FloatStorage") {
      tensor->type = TensorType::kF32;
    } else if (type.text == "torch.HalfStorage") {
      tensor->type = TensorType::kF16;
    } else if (type.text == "torch.BFloat16Storage") {
      tensor->type = TensorType::kBf16;
    } else {
      return Corrupt("its storage has no type");
    }
    tensor->storage_key = key.text;
    tensor->storage_elements = count.number;
    return Status();
  }

  const PickleMachine& machine_;
};

}  // namespace

Result<PickledCheckpoint> ReadPickle(std::span<const std::byte> bytes) {
  if (bytes.size() > static_cast<std::size_t>(base::kPickleBytesMax)) {
    return Corrupt("pickle has " + std::to_string(bytes.size()) + " bytes, the limit is " +
                   std::to_string(base::kPickleBytesMax));
  }
  PickleMachine machine(bytes);
  WT_ASSIGN(const ValueId root, machine.Run());
  return CheckpointReader(machine).Read(root);
}

}  // namespace wt::model
