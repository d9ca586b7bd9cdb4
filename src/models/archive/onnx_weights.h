// Weights out of an ONNX file: the float32 initialisers of its graph, by an own reader of the
// protocol buffer wire format (protobuf.dev, "Encoding").
//
// Only what is needed is looked at: ModelProto.graph (7), GraphProto.initializer (5), and of
// TensorProto dims (1), data_type (2), float_data (4), name (8) and raw_data (9). Everything else
// is skipped by its wire type. Spans point into the bytes given. Stateless: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::archive {

inline constexpr std::size_t kOnnxTensorsMax = 4'096;
inline constexpr std::size_t kOnnxRankMax = 8;
inline constexpr std::size_t kOnnxNameBytesMax = 256;

struct OnnxTensor {
  std::string name;
  std::vector<std::int64_t> dims;
  /// Little-endian float32 values: 4 bytes for each element that `dims` says.
  std::span<const std::byte> data;
};

/// kDataCorrupt naming the offset or tensor and the reason; kUnsupported for a tensor that is not
/// float32 or whose data lies in another file.
Result<std::vector<OnnxTensor>> ReadOnnxWeights(std::span<const std::byte> model);

}  // namespace wt::archive
