// Scratch memory that grows to what was asked for and stays.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"
#include "engine/tensor/buffer.h"

namespace wt::whisper {

template <typename T>
class Scratch {
 public:
  /// At least `count` elements, contents undefined. Valid until the next call.
  T* Get(std::size_t count) {
    if (buffer_.size() < count) buffer_ = tensor::Buffer<T>::Uninitialized(count);
    return buffer_.data();
  }

 private:
  tensor::Buffer<T> buffer_;
};

/// Rows rotated and quantised for a product with an int8 matrix.
class QuantizedRows {
 public:
  /// Rows of w.k floats. Valid until the next call; null where w is not quantized.
  const kernels::Int8Rows* Prepare(const kernels::KernelSet& kernels,
                                   const kernels::PackedMatrix& w, const float* x,
                                   std::ptrdiff_t ldx, int rows) {
    if (!w.is_quantized()) return nullptr;
    const auto count = static_cast<std::size_t>(rows);
    // 64 bytes more than a row has: see Int8Rows::stride.
    rows_.stride = w.padded_k() + 64;
    rows_.values = values_.Get(count * static_cast<std::size_t>(rows_.stride));
    rows_.scales = scales_.Get(count);
    rows_.offsets = offsets_.Get(count);
    // Row by row: a rotated one stays in the first cache.
    float* rotated = rotated_.Get(static_cast<std::size_t>(w.k));
    for (int row = 0; row < rows; ++row, x += ldx) {
      kernels.rotate(x, ldx, 1, w.k, rotated);
      kernels.quantize(rotated, w.k, 1, w.k, w.padded_k(), rows_.From(row));
    }
    return &rows_;
  }

 private:
  kernels::Int8Rows rows_;
  Scratch<float> rotated_;
  Scratch<std::int8_t> values_;
  Scratch<float> scales_;
  Scratch<std::int32_t> offsets_;
};

}  // namespace wt::whisper
