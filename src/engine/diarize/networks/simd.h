// What the two networks do between their matrix products, element by element: compiled once per
// instruction set and chosen by processor features.
//
// Internal to this folder. All sets give the same bits: elements are independent, there are no
// fused multiply-adds and no sums over elements. So the choice needs no option. Pure functions.
#pragma once

#include <cstddef>

namespace wt::diarize {

struct SimdSet {
  const char* name = nullptr;
  /// One step of an LSTM: `gates` holds input, forget, cell and output, `n` values each; c is
  /// changed in place, h is written.
  void (*lstm_cell)(const float* gates, int n, float* c, float* h) = nullptr;
  /// x = max(x, 0).
  void (*relu)(float* x, std::size_t count) = nullptr;
  /// x = x < 0 ? 0.01 x : x.
  void (*leaky)(float* x, std::size_t count) = nullptr;
  /// out = max(x * scale + shift, 0) for `rows` rows of n.
  void (*scale_relu)(const float* x, std::ptrdiff_t ldx, const float* scale, const float* shift,
                     int rows, int n, float* out, std::ptrdiff_t ldo) = nullptr;
  /// In place: leaky ReLU of x * scale + shift for `rows` rows of n.
  void (*scale_leaky)(float* x, const float* scale, const float* shift, int rows, int n) = nullptr;
  /// Rows 3 r, 3 r + 1 and 3 r + 2 of n become row r: the largest of each column.
  void (*pool)(const float* x, int rows, int n, float* out) = nullptr;
  /// The same of magnitudes.
  void (*pool_magnitudes)(const float* x, int rows, int n, float* out) = nullptr;
  /// sums[j] = x[j] + x[2 half - j] and differences[j] = x[j] - x[2 half - j] for j < half;
  /// sums[half] = x[half].
  void (*fold)(const float* x, int half, float* sums, float* differences) = nullptr;
};

/// Those that this processor can run, the generic one first.
struct SimdList {
  const SimdSet* sets[3];
  int count;
};
SimdList RunnableSimd();

/// The fastest one that this processor can run.
const SimdSet& ChooseSimd();

extern const SimdSet kSimdGeneric;
#if defined(__x86_64__)
/// REQUIRES: CpuFeatures::avx2_fma.
extern const SimdSet kSimdAvx2;
/// REQUIRES: CpuFeatures::avx512.
extern const SimdSet kSimdAvx512;
#endif

}  // namespace wt::diarize
