#include "engine/model/writers/tensor_stream.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/status_macros.h"
#include "engine/model/ggml_blocks.h"
#include "engine/model/printable.h"
#include "engine/model/tensor_convert.h"
#include "engine/tensor/numbers.h"

namespace wt::model {
namespace {

// 1 MiB of elements in float32 is 4 MB: large enough for the disk, small enough for the cache.
constexpr std::int64_t kPieceElements = 1 << 20;
// Halfway between the largest f16 number, 65504, and the next step: from here on it is infinity.
constexpr float kHalfLimit = 65520.0f;

bool FitsHalf(std::span<const float> values) {
  float peak = 0.0f;
  for (const float x : values) {
    const float magnitude = std::fabs(x);
    peak = magnitude > peak && magnitude < INFINITY ? magnitude : peak;
  }
  return peak < kHalfLimit;
}

}  // namespace

float Int8Scale(std::span<const float> row) {
  float peak = 0.0f;
  for (const float x : row) peak = std::max(peak, std::fabs(x));
  return peak == 0.0f ? 1.0f : 127.0f / peak;
}

void TensorStream::StoreInt8(std::size_t row) {
  bytes_.resize(values_.size());
  for (std::size_t at = 0; at < values_.size(); at += row) {
    const float scale = Int8Scale(std::span(values_).subspan(at, row));
    for (std::size_t i = at; i < at + row; ++i) {
      // Half to even, as CTranslate2's quantizer. The clamp keeps NaN from being converted.
      const float q = std::nearbyint(values_[i] * scale);
      const float safe = q >= -127.0f && q <= 127.0f ? q : 0.0f;
      bytes_[i] = static_cast<std::byte>(static_cast<std::int8_t>(safe));
    }
  }
}

Status TensorStream::AppendPiece(std::string_view name, TensorType type, std::size_t row) {
  if (type == TensorType::kF32) return file_.Append(std::as_bytes(std::span<const float>(values_)));
  if (type == TensorType::kF16) {
    if (!FitsHalf(values_)) {
      return Unsupported("tensor " + Printable(name) + ": has numbers beyond the range of f16");
    }
    bytes_.resize(values_.size() * 2);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::uint16_t half = tensor::FloatToHalf(values_[i]);
      std::memcpy(bytes_.data() + 2 * i, &half, sizeof(half));
    }
  } else if (type == TensorType::kInt8Rows) {
    StoreInt8(row);
  } else {
    const std::size_t blocks = values_.size() / kBlockElements;
    bytes_.resize(blocks * static_cast<std::size_t>(BlockBytes(type)));
    QuantizeBlocks(type, values_, bytes_);
  }
  return file_.Append(bytes_);
}

Status TensorStream::Append(std::string_view name, TensorType type) {
  const TensorView& view = weights_.Get(name);
  const std::int64_t row = view.elements() / view.shape[0];
  const std::int64_t step = std::max<std::int64_t>(1, kPieceElements / row);
  for (std::int64_t at = 0; at < view.shape[0]; at += step) {
    const std::int64_t rows = std::min(step, view.shape[0] - at);
    values_.resize(static_cast<std::size_t>(rows * row));
    weights_.RowsToFloat(name, at, rows, values_);
    WT_TRY(AppendPiece(name, type, static_cast<std::size_t>(row)));
  }
  return Status();
}

Status TensorStream::AppendScales(std::string_view name) {
  const TensorView& view = weights_.Get(name);
  values_.resize(static_cast<std::size_t>(view.elements() / view.shape[0]));
  std::vector<float> scales;
  for (std::int64_t at = 0; at < view.shape[0]; ++at) {
    weights_.RowsToFloat(name, at, 1, values_);
    scales.push_back(Int8Scale(values_));
  }
  return file_.Append(std::as_bytes(std::span<const float>(scales)));
}

}  // namespace wt::model
