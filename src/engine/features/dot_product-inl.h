// Dot product with a fixed order of additions. Included by simd_*.cc, each with its flags.
//
// Always 32 lanes: that hides the latency of the additions (4 cycles, 2 of them at a time) with
// 256-bit vectors and gives every instruction set the same sum.
#pragma once

#include <cstddef>

#include "engine/tensor/real_fft-inl.h"

namespace wt::features {
namespace {

template <int kLanes>
WT_FFT_INLINE float DotProduct(const float* a, const float* b, std::size_t count) {
  typedef float Float __attribute__((vector_size(4 * kLanes)));
  constexpr int kVectors = 32 / kLanes;
  Float sums[kVectors] = {};
  for (std::size_t i = 0; i < count; i += 32) {
    for (int v = 0; v < kVectors; ++v) {
      Float x, y;
      __builtin_memcpy(&x, a + i + v * kLanes, sizeof(x));
      __builtin_memcpy(&y, b + i + v * kLanes, sizeof(y));
      sums[v] = sums[v] + x * y;
    }
  }
  // Halve the lanes until one is left: 32 -> 16 -> 8 ... in every instruction set.
  float lanes[32];
  __builtin_memcpy(lanes, sums, sizeof(lanes));
  for (int half = 16; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

}  // namespace
}  // namespace wt::features
