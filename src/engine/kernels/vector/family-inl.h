// All functions of a vector family, written in the vocabulary of the simd_*-inl.h file that was
// included before, and the table of them. Included once per source; see kernel_sets.h for the
// rules that these sources follow.
#pragma once

#include "engine/kernels/kernel_sets.h"
#include "engine/kernels/rotation.h"
// The order matters from here on: each file uses the ones before it.
// clang-format off
#include "engine/kernels/vector/math-inl.h"
#include "engine/kernels/vector/rows-inl.h"
#include "engine/kernels/vector/pack-inl.h"
#include "engine/kernels/vector/bytes-inl.h"
#include "engine/kernels/vector/products-inl.h"
#include "engine/kernels/vector/gemm-inl.h"
#include "engine/kernels/vector/rotation-inl.h"
#include "engine/kernels/vector/tiles-inl.h"
#include "engine/kernels/vector/nibbles-inl.h"
#include "engine/kernels/vector/gemm_entry-inl.h"
#include "engine/kernels/vector/tile_attention-inl.h"
#include "engine/kernels/vector/attention-inl.h"
// clang-format on

namespace wt::kernels {
namespace {

constexpr KernelSet FamilyTable(Isa isa) {
  return {
      .isa = isa,
      .panel = kPanel,
  // A multiple of the rows of every product's tile (4 and 6; AMX: two tiles of 16).
#ifdef __AMX_INT8__
      .tile_rows = 32,
#else
      .tile_rows = 12,
#endif
      .float_type = Simd::kHasBf16Products ? PackedType::kBf16 : PackedType::kF32,
      .int8_is_fast = Simd::kHasInt8Products,
#ifdef __AMX_BF16__
      .bf16_is_cheap = true,
#endif
      .pack = Pack,
      .pack_transposed = PackTransposed,
      .pack_values = PackValues,
      .gemm = Gemm,
      .rotate = Rotate,
      .quantize = Quantize,
      .attention = Attention,
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
