// A weight matrix packed for a kernel set, with its bias. Convolutions are products too: at
// time-major layout the taps of an output lie side by side, so rows of A overlap.
//
// Of the networks beside Whisper. Immutable: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/tensor/buffer.h"

namespace wt::network {

class Linear {
 public:
  Linear() = default;
  /// `weight` is [n][k] row-major; `bias` has n values or none.
  Linear(const kernels::KernelSet& kernels, int n, int k, std::span<const float> weight,
         std::vector<float> bias = {});

  /// c[row] = weight a[row] + bias; for kAdd it is added to what is there. Strides in floats.
  void Apply(const kernels::KernelSet& kernels, const float* a, std::ptrdiff_t lda, int rows,
             float* c, std::ptrdiff_t ldc,
             kernels::Epilogue epilogue = kernels::Epilogue::kStore) const;

 private:
  kernels::PackedMatrix matrix_;
  tensor::Buffer<std::byte> storage_;
  std::vector<float> bias_;
};

}  // namespace wt::network
