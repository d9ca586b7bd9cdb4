#include "models/archive/onnx_weights.h"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::archive {
namespace {

constexpr std::uint32_t kModelGraph = 7;
constexpr std::uint32_t kGraphInitializer = 5;
constexpr std::uint32_t kTensorDims = 1;
constexpr std::uint32_t kTensorDataType = 2;
constexpr std::uint32_t kTensorFloatData = 4;
constexpr std::uint32_t kTensorName = 8;
constexpr std::uint32_t kTensorRawData = 9;
constexpr std::uint32_t kTensorExternalData = 13;
constexpr std::uint64_t kDataTypeFloat = 1;

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;           // kVarint.
  std::span<const std::byte> bytes;  // The other types.
};

Status Corrupt(std::string_view what) {
  return Status(StatusCode::kDataCorrupt, "ONNX file: " + std::string(what));
}

/// Seven bits a byte, lowest first; at most 10 bytes hold 64 bits.
bool ReadVarint(base::ByteReader* reader, std::uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    std::uint8_t byte = 0;
    if (!reader->Read(&byte)) return false;
    if (shift < 64) *value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

Result<Field> ReadField(base::ByteReader* reader) {
  const std::string at = "offset " + std::to_string(reader->offset()) + " of a message";
  std::uint64_t tag = 0;
  if (!ReadVarint(reader, &tag)) return Corrupt(at + ": a tag is cut off");
  if (tag >> 3 > std::numeric_limits<std::uint32_t>::max()) return Corrupt(at + ": a wrong tag");
  Field field;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.type = static_cast<WireType>(tag & 7);
  std::uint64_t length = 0;
  switch (field.type) {
    case WireType::kVarint:
      if (!ReadVarint(reader, &field.value)) return Corrupt(at + ": a number is cut off");
      return field;
    case WireType::kFixed64: length = 8; break;
    case WireType::kFixed32: length = 4; break;
    case WireType::kBytes:
      if (!ReadVarint(reader, &length)) return Corrupt(at + ": a length is cut off");
      break;
    default: return Corrupt(at + ": an unknown wire type");
  }
  if (length > reader->remaining() ||
      !reader->ReadBytes(static_cast<std::size_t>(length), &field.bytes)) {
    return Corrupt(at + ": a field is longer than its message");
  }
  return field;
}

Status AddDim(std::uint64_t value, OnnxTensor* tensor) {
  if (tensor->dims.size() == kOnnxRankMax) return Corrupt("a tensor has too many dimensions");
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Corrupt("a tensor has a negative dimension");
  }
  tensor->dims.push_back(static_cast<std::int64_t>(value));
  return Status();
}

/// dims stand one by one or packed into one field.
Status AddDims(const Field& field, OnnxTensor* tensor) {
  if (field.type == WireType::kVarint) return AddDim(field.value, tensor);
  base::ByteReader packed(field.bytes);
  while (!packed.at_end()) {
    std::uint64_t value = 0;
    if (!ReadVarint(&packed, &value)) return Corrupt("packed dimensions are cut off");
    WT_TRY(AddDim(value, tensor));
  }
  return Status();
}

Status CheckTensor(const OnnxTensor& tensor, std::optional<std::uint64_t> data_type) {
  if (data_type != kDataTypeFloat) {
    return Status(StatusCode::kUnsupported, "ONNX file: " + tensor.name + " is not float32");
  }
  std::uint64_t bytes = 4;
  for (const std::int64_t dim : tensor.dims) {
    if (!base::CheckedMul(bytes, static_cast<std::uint64_t>(dim), &bytes)) {
      return Corrupt(tensor.name + ": its shape is too large");
    }
  }
  if (bytes != tensor.data.size()) {
    return Corrupt(tensor.name + ": has " + std::to_string(tensor.data.size()) +
                   " bytes, its shape needs " + std::to_string(bytes));
  }
  return Status();
}

Status SetName(const Field& field, OnnxTensor* tensor) {
  const std::string_view name(reinterpret_cast<const char*>(field.bytes.data()),
                              field.bytes.size());
  if (name.size() > kOnnxNameBytesMax || !base::IsValidUtf8(name)) {
    return Corrupt("a tensor's name is too long or no text");
  }
  tensor->name = name;
  return Status();
}

Result<OnnxTensor> ReadTensor(std::span<const std::byte> message) {
  base::ByteReader reader(message);
  OnnxTensor tensor;
  std::optional<std::uint64_t> data_type;
  while (!reader.at_end()) {
    WT_ASSIGN(const Field field, ReadField(&reader));
    const bool has_bytes = field.type == WireType::kBytes;
    if (field.number == kTensorDims && (has_bytes || field.type == WireType::kVarint)) {
      WT_TRY(AddDims(field, &tensor));
    } else if (field.number == kTensorDataType && field.type == WireType::kVarint) {
      data_type = field.value;
    } else if (field.number == kTensorName && has_bytes) {
      WT_TRY(SetName(field, &tensor));
    } else if ((field.number == kTensorFloatData || field.number == kTensorRawData) && has_bytes) {
      tensor.data = field.bytes;
    } else if (field.number == kTensorExternalData) {
      return Status(StatusCode::kUnsupported, "ONNX file: a tensor's data lies in another file");
    }
  }
  WT_TRY(CheckTensor(tensor, data_type));
  return tensor;
}

Status ReadGraph(std::span<const std::byte> message, std::vector<OnnxTensor>* tensors) {
  base::ByteReader reader(message);
  while (!reader.at_end()) {
    WT_ASSIGN(const Field field, ReadField(&reader));
    if (field.number != kGraphInitializer || field.type != WireType::kBytes) continue;
    if (tensors->size() == kOnnxTensorsMax) return Corrupt("there are too many tensors");
    WT_ASSIGN(OnnxTensor tensor, ReadTensor(field.bytes));
    tensors->push_back(std::move(tensor));
  }
  return Status();
}

}  // namespace

Result<std::vector<OnnxTensor>> ReadOnnxWeights(std::span<const std::byte> model) {
  std::vector<OnnxTensor> tensors;
  base::ByteReader reader(model);
  while (!reader.at_end()) {
    WT_ASSIGN(const Field field, ReadField(&reader));
    if (field.number == kModelGraph && field.type == WireType::kBytes) {
      WT_TRY(ReadGraph(field.bytes, &tensors));
    }
  }
  return tensors;
}

}  // namespace wt::archive
