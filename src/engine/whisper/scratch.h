// Scratch memory that grows to what was asked for and stays, and the blocking of matrix work.
// One thread at a time.
#pragma once

#include <cstddef>

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

/// Rows per task: about four tasks per worker, so that one held up by the host costs a quarter of
/// its share; a multiple of the kernels' tile; at most 96 rows so that a block and its MLP
/// activations stay in a 1 MiB L2 cache (96 x 2048 x 4 bytes = 768 KiB).
inline int RowsPerTask(int rows, int threads, int tile) {
  constexpr int kRowsMax = 96;
  int per_task = (rows + threads * 4 - 1) / (threads * 4);
  per_task = (per_task + tile - 1) / tile * tile;
  const int most = kRowsMax / tile * tile;
  return per_task > most ? most : per_task;
}

}  // namespace wt::whisper
