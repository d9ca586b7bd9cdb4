// Converts tensors to a file type piece by piece and appends them to a file. One thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/model/weight_map.h"
#include "engine/model/writers/staged_file.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

class TensorStream {
 public:
  /// Both must outlive the stream.
  TensorStream(const WeightMap& weights, StagedFile* file) : weights_(weights), file_(*file) {}

  /// Appends a tensor as kF32, kF16, a block type, or the numbers of kInt8Rows without the scales.
  /// kUnsupported naming the tensor when a number is too large for f16.
  Status Append(std::string_view name, TensorType type);
  /// Appends the scales that Append(name, kInt8Rows) divided by: 127 / largest magnitude of a row.
  Status AppendScales(std::string_view name);

 private:
  Status AppendPiece(std::string_view name, TensorType type, std::size_t row);
  void StoreInt8(std::size_t row);

  const WeightMap& weights_;
  StagedFile& file_;
  std::vector<float> values_;
  std::vector<std::byte> bytes_;
};

/// Scale of one row: 127 / largest magnitude; 1 for a row of zeros.
float Int8Scale(std::span<const float> row);

}  // namespace wt::model
