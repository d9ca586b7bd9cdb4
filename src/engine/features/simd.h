// The folder's inner loops, compiled once per instruction set and chosen by CPU feature bits.
//
// Internal to this folder. All sets give the same bits: lanes are independent, there are no fused
// multiply-adds, and sums have the same order. So the choice needs no option. Pure functions.
#pragma once

#include <cstddef>

#include "engine/features/mel_block.h"

namespace wt::features {

struct SimdSet {
  const char* name = nullptr;
  /// Returns the largest value written.
  float (*mel_frames)(const MelBlockArgs& args) = nullptr;
  /// Sum of a[i] * b[i]. REQUIRES: count is a multiple of 32.
  float (*dot)(const float* a, const float* b, std::size_t count) = nullptr;
};

extern const SimdSet kSimdGeneric;
#if defined(__x86_64__)
/// REQUIRES: CpuFeatures::avx2_fma.
extern const SimdSet kSimdAvx2;
/// REQUIRES: CpuFeatures::avx512.
extern const SimdSet kSimdAvx512;
#endif

/// Those that this processor can run, the generic one first.
struct SimdList {
  const SimdSet* sets[3];
  int count;
};
SimdList RunnableSimd();

/// The fastest one that this processor can run.
const SimdSet& ChooseSimd();

}  // namespace wt::features
