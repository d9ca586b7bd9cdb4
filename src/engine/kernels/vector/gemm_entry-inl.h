// The product's entry point: rows of A made ready in the matrix's type, and the choice between
// products of vectors and of tiles. Included once per source of a family.
#pragma once

namespace wt::kernels {
namespace {

// Rows of A as bf16, padded with zeros to the padded k of the matrix.
void RoundRows(const float* a, std::ptrdiff_t lda, int rows, int k, std::uint16_t* out) {
  const std::ptrdiff_t padded_k = (k + 31) / 32 * 32;
  for (int r = 0; r < rows; ++r, a += lda, out += padded_k) {
    for (int i = 0; i < padded_k; i += 2 * kLanes) {
      Simd::Store(out + i,
                  Simd::PackBf16(LoadUpTo(a + i, k - i), LoadUpTo(a + i + kLanes, k - i - kLanes)));
    }
  }
}

#ifdef __AMX_INT8__
constexpr int kUnitRowBlock = kTileRowBlock;
#else
constexpr int kUnitRowBlock = kRowBlock;
#endif

// Products of units that are ready.
WT_INLINE void MultiplyBf16(const GemmArgs& args, const UnitRows& rows, Range panels) {
#ifdef __AMX_BF16__
  MultiplyByTiles<false>(args, rows, panels);
#else
  MultiplyRows<Bf16Product>(args, rows, panels);
#endif
}
WT_INLINE void MultiplyInt8(const GemmArgs& args, const UnitRows& rows, Range panels) {
#ifdef __AMX_INT8__
  MultiplyByTiles<true>(args, rows, panels);
#else
  MultiplyRows<ByteProduct>(args, rows, panels);
#endif
}

void Gemm(const GemmArgs& args, Range rows, Range panels, std::uint16_t* a_scratch) {
  const PackedMatrix& w = *args.w;
  if (w.type == PackedType::kInt4) {
    MultiplyNibbles(args, rows, panels);
    return;
  }
  const int row_block = w.type == PackedType::kF32 ? kRowBlock : kUnitRowBlock;
  for (int row = rows.begin; row < rows.end; row += row_block) {
    UnitRows units = {nullptr, 0, row, Smaller(rows.end - row, row_block)};
    if (w.type == PackedType::kInt8) {
      units.first = reinterpret_cast<const std::byte*>(args.a8->values + row * args.a8->stride);
      units.stride = args.a8->stride;
      MultiplyInt8(args, units, panels);
      continue;
    }
    const float* a = args.a + row * args.lda;
    if (w.type == PackedType::kF32) {
      units.first = reinterpret_cast<const std::byte*>(a);
      units.stride = args.lda * 4;
      MultiplyRows<F32Product>(args, units, panels);
      continue;
    }
    RoundRows(a, args.lda, units.count, w.k, a_scratch);
    units.first = reinterpret_cast<const std::byte*>(a_scratch);
    units.stride = StepCount(w) * 4;
    MultiplyBf16(args, units, panels);
  }
}

// Rows of floats as bytes.
void Quantize(const float* x, std::ptrdiff_t ldx, int rows, int k, int padded_k,
              const Int8Rows& out) {
  const auto count = static_cast<std::size_t>(k);
  for (int row = 0; row < rows; ++row, x += ldx) {
    Float largest[kChains] = {Simd::Zero(), Simd::Zero(), Simd::Zero(), Simd::Zero()};
    ForEachVector(x, count, 0.0f, [&](Float v, int chain) __attribute__((always_inline)) {
      largest[chain] = Simd::Max(Simd::Abs(v), largest[chain]);  // NaN gives the second operand.
    });
    const float magnitude = Simd::ReduceMax(
        Simd::Max(Simd::Max(largest[0], largest[1]), Simd::Max(largest[2], largest[3])));
    const bool zero = magnitude < 0x1p-100f;
    const Float inverse = Simd::Set(zero ? 0.0f : 127.0f / magnitude);
    std::int8_t* values = out.values + row * out.stride;
    Simd::Int sums = Simd::SetInt(0);
    for (int i = 0; i < padded_k; i += 4 * kLanes) {
      Simd::Int parts[4];
      for (int j = 0; j < 4; ++j) {
        const int at = i + j * kLanes;
        parts[j] = Simd::ToInt(Simd::Mul(LoadUpTo(x + at, k - at), inverse));
        sums = Simd::AddInt(sums, parts[j]);
      }
      Simd::Store(values + i, Simd::PackBytes(parts[0], parts[1], parts[2], parts[3]));
    }
    out.scales[row] = zero ? 0.0f : magnitude / 127.0f;
    out.offsets[row] =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(Simd::ReduceAddInt(sums)) * 128u);
  }
}

}  // namespace
}  // namespace wt::kernels
