// All functions of a vector family, written in the vocabulary of the simd_*-inl.h file that was
// included before, and the table of them. Included once per source; see kernel_sets.h for the
// rules that these sources follow.
#pragma once

#include "engine/kernels/kernel_sets.h"
// The order matters from here on: each file uses the ones before it.
// clang-format off
#include "engine/kernels/math-inl.h"
#include "engine/kernels/rows-inl.h"
#include "engine/kernels/pack-inl.h"
#include "engine/kernels/gemm-inl.h"
#include "engine/kernels/attention-inl.h"
// clang-format on

namespace wt::kernels {
namespace {

constexpr KernelSet FamilyTable(Isa isa) {
  return {
      .isa = isa,
      .panel = kPanel,
      // A multiple of the rows of every product's tile (4 and 6).
      .tile_rows = 12,
      .pack = Pack,
      .pack_transposed = PackTransposed,
      .gemm = Gemm,
      .layer_norm = LayerNorm,
      .softmax = Softmax,
      .gelu = GeluInPlace,
      .add = AddInPlace,
      .max = Max,
      .sum_exp = SumExp,
      .cached_attention = CachedAttention,
  };
}

}  // namespace
}  // namespace wt::kernels
