// Attention by AMX tiles. Included once per source of a family; empty where the source is not
// compiled for AMX.
//
// A block of 32 queries meets one panel of keys at a time, so that scores (8 KiB) live in L1 and
// never travel to L2: there remain its numerators, bf16, for the product with the values. Scores of
// the next panel are under way in the tiles while the vector units take powers of this one.
//
// Numerators are 2^(score * log2(e) - shift) with a whole shift: the greatest exponent of the row's
// first panel. They need not be near 1: bf16 has the exponents of float32. Only where a score is
// 2^kHeadroom above is the row begun anew with a shift of its own, so what a row becomes depends on
// that row alone.
//
// The bits of a bf16 number, read as a whole one, are 128 times its logarithm to base 2 plus a
// bias, less a little that depends on the lower seven bits: Schraudolph, "A Fast, Compact
// Approximation of the Exponential Function", 1999, with a table in place of his constant. So a
// numerator is a product, a conversion and a look into a register, off the power by 0.72 % at most
// and 0.23 % as a root mean square (bf16 of the exact power: 0.39 and 0.17). Polynomials took twice
// as long: beside tiles, only one of the two vector units multiplies.
#pragma once

#if defined(__AMX_INT8__) && defined(__AMX_BF16__)

namespace wt::kernels {
namespace {

constexpr int kQueryBlock = 2 * kTileRows;
// Sums of 2^11 numerators below 2^40 stay far from the 2^127 of float32.
constexpr int kHeadroom = 40;
constexpr float kLog2E = 0x1.715476p+0f;
// A power of two, and 1, in the bits of bf16.
constexpr int kBitsOfTwo = 128;
constexpr int kBitsOfOne = 127 * kBitsOfTwo;

// x - 128 (2^(x / 128) - 1) for x = 2 i + 1/2, nearest.
alignas(64) constexpr std::uint8_t kBitsBelowLogarithm[64] = {
    0,  1,  1,  2,  2,  3,  4,  4,  5,  5,  5,  6,  6,  7,  7,  8,  8,  8,  9,  9,  9,  9,
    10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 10, 10, 10,
    10, 10, 9,  9,  9,  8,  8,  8,  7,  7,  6,  6,  5,  5,  4,  3,  3,  2,  1,  1,
};

// Numerators of a block of queries as they grow panel by panel.
struct Numerators {
  std::uint16_t* values;  // [rows][stride], bf16
  std::ptrdiff_t stride;
  alignas(64) float sums[kQueryBlock][kLanes];
  float offsets[kQueryBlock];  // Bits of 2^-shift.
};

// What makes numerators of about 1 from scores of about `greatest`.
WT_INLINE float FindOffset(float greatest) {
  const Float shift = Simd::Round(Simd::Set(greatest * kLog2E));
  return static_cast<float>(kBitsOfOne) - static_cast<float>(kBitsOfTwo) * _mm512_cvtss_f32(shift);
}

// A score rose beyond the headroom: numerators so far shrink to those of another shift. Those that
// would be under 2^-126 become 0 or denormal, which to tiles is 0.
void Rebase(Numerators& out, int row, int done, float greatest) {
  const float offset = FindOffset(greatest);
  const float bits = out.offsets[row] - offset;
  const auto less_bits = bits < 65535.0f ? static_cast<std::uint16_t>(bits) : std::uint16_t{65535};
  const __m512i less = _mm512_set1_epi16(static_cast<std::int16_t>(less_bits));
  std::uint16_t* values = out.values + row * out.stride;
  for (int i = 0; i < done; i += 2 * kLanes) {
    _mm512_storeu_si512(values + i, _mm512_subs_epu16(_mm512_loadu_si512(values + i), less));
  }
  const Float exponent = Simd::Set(bits / -static_cast<float>(kBitsOfTwo));
  Simd::Store(out.sums[row], Simd::ScaleByPowerOfTwo(Simd::Load(out.sums[row]), exponent));
  out.offsets[row] = offset;
}

// 128 log2 of the numerators of 32 scores, biased as the bits of bf16, 0 where that is less. Places
// from `columns` on, where there are any, count for nothing.
template <bool kPartial>
WT_INLINE __m512i FindLogarithms(const float* scores, float offset, int columns) {
  const Float factor = Simd::Set(static_cast<float>(kBitsOfTwo) * kLog2E);
  const Float start = Simd::Set(offset);
  const __m512i low = _mm512_cvtps_epi32(Simd::MulAdd(Simd::Load(scores), factor, start));
  const __m512i high = _mm512_cvtps_epi32(Simd::MulAdd(Simd::Load(scores + kLanes), factor, start));
  // The saturating instruction works within quarters.
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  const __m512i logarithms = _mm512_permutexvar_epi64(order, _mm512_packus_epi32(low, high));
  if constexpr (!kPartial) return logarithms;
  const int rest = columns < 0 ? 0 : columns;
  const __mmask32 exist = rest >= 2 * kLanes ? ~0u : (1u << rest) - 1u;
  return _mm512_maskz_mov_epi16(exist, logarithms);
}

// The numerators as bf16.
WT_INLINE __m512i FindPowers(__m512i logarithms) {
  constexpr __mmask64 kLowerBytes = 0x5555555555555555;
  const __m512i below = _mm512_maskz_permutexvar_epi8(kLowerBytes, _mm512_srli_epi16(logarithms, 1),
                                                      _mm512_load_si512(kBitsBelowLogarithm));
  return _mm512_sub_epi16(logarithms, below);
}

// sums += the 32 numbers.
WT_INLINE Float AddNumerators(Float sums, __m512i numerators) {
  const __m512i ones = _mm512_set1_epi16(kBitsOfOne);
  return _mm512_dpbf16_ps(sums, reinterpret_cast<__m512bh>(numerators),
                          reinterpret_cast<__m512bh>(ones));
}

// Numerators of one row from its scores of the panel that begins at position `first`, zeros beyond
// `columns`.
template <bool kPartial>
WT_INLINE void AddPanelOfRow(const float* scores, int row, int first, int columns,
                             Numerators& out) {
  constexpr int kHalf = 2 * kLanes;
  constexpr int kMost = kBitsOfOne + kHeadroom * kBitsOfTwo;
  __m512i low = FindLogarithms<kPartial>(scores, out.offsets[row], columns);
  __m512i high = FindLogarithms<kPartial>(scores + kHalf, out.offsets[row], columns - kHalf);
  if (_mm512_cmpgt_epu16_mask(_mm512_max_epu16(low, high), _mm512_set1_epi16(kMost)) != 0)
      [[unlikely]] {
    Rebase(out, row, first, Max(scores, static_cast<std::size_t>(columns)));
    low = FindLogarithms<kPartial>(scores, out.offsets[row], columns);
    high = FindLogarithms<kPartial>(scores + kHalf, out.offsets[row], columns - kHalf);
  }
  low = FindPowers(low);
  high = FindPowers(high);
  Simd::Store(out.sums[row], AddNumerators(AddNumerators(Simd::Load(out.sums[row]), low), high));
  std::uint16_t* values = out.values + row * out.stride + first;
  _mm512_storeu_si512(values, low);
  // Rows are padded to half a panel.
  if (!kPartial || columns > kHalf) _mm512_storeu_si512(values + kHalf, high);
}

// Scores of up to 32 queries with one panel of keys. Tiles are configured for `rows`.
WT_INLINE void ScorePanel(const std::uint16_t* queries, int rows, const std::byte* panel,
                          float* scores) {
  TileBlock block = {reinterpret_cast<const std::byte*>(queries),
                     kHeadSize * 2,
                     panel,
                     kHeadSize * 2 / kTileBytes,
                     reinterpret_cast<std::byte*>(scores),
                     kPanelRowBytes,
                     true};
  if (rows <= kTileRows) {
    MultiplyFewTileRows<false>(block);
    return;
  }
  for (int half = 0; half < 2; ++half) {
    MultiplyHalfPanel<false, true>(block);
    block.w += 2 * kTileBytes;
    block.sums += 2 * kTileBytes;
  }
}

// Numerators of `rows` <= 32 queries over all keys.
void FindNumerators(const PackedMatrix& keys, const std::uint16_t* queries, int rows,
                    Numerators& out) {
  alignas(64) float scores[2][kQueryBlock * kPanel];
  const std::ptrdiff_t panel_bytes = PanelBytes(keys);
  const int panels = (keys.n + kPanel - 1) / kPanel;
  if (rows <= kTileRows) {
    ConfigureFewRows(rows);
  } else {
    ConfigureTiles(kTileRows, rows - kTileRows);
  }
  ScorePanel(queries, rows, keys.data, scores[0]);
  const int first_columns = Smaller(keys.n, kPanel);
  for (int r = 0; r < rows; ++r) {
    out.offsets[r] =
        FindOffset(Max(scores[0] + r * kPanel, static_cast<std::size_t>(first_columns)));
    Simd::Store(out.sums[r], Simd::Zero());
  }
  for (int panel = 0; panel < panels; ++panel) {
    if (panel + 1 < panels) {
      ScorePanel(queries, rows, keys.data + (panel + 1) * panel_bytes, scores[(panel + 1) % 2]);
    }
    const float* row_scores = scores[panel % 2];
    const int first = panel * kPanel;
    const int columns = Smaller(keys.n - first, kPanel);
    for (int r = 0; r < rows; ++r, row_scores += kPanel) {
      if (columns == kPanel) {
        AddPanelOfRow<false>(row_scores, r, first, columns, out);
      } else {
        AddPanelOfRow<true>(row_scores, r, first, columns, out);
      }
    }
  }
}

// As Attention; `scratch` holds the numerators of one block of queries.
void TileAttention(const AttentionArgs& args, std::uint16_t* scratch) {
  alignas(64) std::uint16_t queries[kQueryBlock * kHeadSize];
  Numerators numerators;
  numerators.values = scratch;
  numerators.stride = StepCount(*args.values) * 2;
  GemmArgs product;
  product.w = args.values;
  product.c = args.out;
  product.ldc = args.ldo;
  for (int row = 0; row < args.rows; row += kQueryBlock) {
    const int rows = Smaller(args.rows - row, kQueryBlock);
    RoundRows(args.q + row * args.ldq, args.ldq, rows, kHeadSize, queries);
    FindNumerators(*args.keys, queries, rows, numerators);
    const UnitRows units = {reinterpret_cast<const std::byte*>(scratch), numerators.stride * 2, row,
                            rows};
    MultiplyByTiles<false>(product, units, {0, kHeadSize / kPanel});
    for (int r = 0; r < rows; ++r) {
      ScaleRow(args.out + (row + r) * args.ldo, kHeadSize,
               1.0f / Simd::ReduceAdd(Simd::Load(numerators.sums[r])));
    }
  }
}

}  // namespace
}  // namespace wt::kernels

#endif
