// Attention by AMX tiles. Included once per source of a family; empty where the source is not
// compiled for AMX.
//
// A block of 32 queries meets one panel of keys at a time, so that scores (8 KiB) live in L1 and
// never travel to L2: there remain its numerators, bf16, for the product with the values. Scores of
// the next panel are under way in the tiles while the vector units take exponentials of this one,
// which is what bounds attention: 7 cycles for 16 of them against 2 of TDPBF16PS.
//
// Numerators are 2^(score * log2(e) - shift) with the shift of the row's first panel, its greatest
// score there. They need not be near 1: bf16 has the exponents of float32. Only where a score is
// 2^kHeadroom above is the row begun anew with a shift of its own, so what a row becomes depends on
// that row alone.
#pragma once

#if defined(__AMX_INT8__) && defined(__AMX_BF16__)

namespace wt::kernels {
namespace {

constexpr int kQueryBlock = 2 * kTileRows;
// Sums of 2^11 numerators below 2^40 stay far from the 2^127 of float32.
constexpr float kHeadroom = 40.0f;
constexpr float kLog2E = 0x1.715476p+0f;
constexpr float kLeastExponent = -126.0f;

// 2^t within 8e-5 relative, for results that become bf16: from -126 down it stays at 2^-126.
// REQUIRES: t < 127.
WT_INLINE Float QuickExp2(Float t) {
  const Float shifter = Simd::Set(0x1.8p23f);
  t = Simd::Max(t, Simd::Set(kLeastExponent));
  const Float shifted = Simd::Add(t, shifter);
  const Float f = Simd::Sub(t, Simd::Sub(shifted, shifter));
  Float p = Simd::MulAdd(f, Simd::Set(0.0551716685295105f), Simd::Set(0.2426111251115799f));
  p = Simd::MulAdd(p, f, Simd::Set(0.6932609677314758f));
  p = Simd::MulAdd(p, f, Simd::Set(0.9999280571937561f));
  return Simd::AddToExponent(p, Simd::BitsOf(shifted));
}

WT_INLINE Simd::Mask LanesUpTo(int count) {
  return Simd::FirstLanes(count < 0 ? 0 : Smaller(count, kLanes));
}

// Numerators of a block of queries as they grow panel by panel.
struct Numerators {
  std::uint16_t* values;  // [rows][stride], bf16
  std::ptrdiff_t stride;
  alignas(64) float sums[kQueryBlock][kLanes];
  float shifts[kQueryBlock];
};

// A score rose beyond the headroom: numerators so far shrink to those of another shift.
void Rebase(Numerators& out, int row, int done, float shift) {
  const Float factor = QuickExp2(Simd::Set(out.shifts[row] - shift));
  std::uint16_t* values = out.values + row * out.stride;
  for (int i = 0; i < done; i += 2 * kLanes) {
    const Float pairs = Simd::Load(values + i);
    Simd::Store(values + i, Simd::InterleaveBf16(Simd::Mul(Simd::EvenBf16(pairs), factor),
                                                 Simd::Mul(Simd::OddBf16(pairs), factor)));
  }
  Simd::Store(out.sums[row], Simd::Mul(Simd::Load(out.sums[row]), factor));
  out.shifts[row] = shift;
}

// Exponents of a row's numerators in one panel. Lanes beyond `columns`, where there are any, count
// for nothing.
template <bool kPartial>
WT_INLINE void FindExponents(const float* scores, float shift, int columns, Float (&t)[4]) {
  const Float factor = Simd::Set(kLog2E);
  const Float offset = Simd::Set(-shift);
  for (int v = 0; v < 4; ++v) {
    t[v] = Simd::MulAdd(Simd::Load(scores + v * kLanes), factor, offset);
    if constexpr (kPartial) {
      t[v] = Simd::Select(LanesUpTo(columns - v * kLanes), t[v], Simd::Set(kLeastExponent));
    }
  }
}

// Numerators of one row from its scores of the panel that begins at position `first`, zeros beyond
// `columns`.
template <bool kPartial>
WT_INLINE void AddPanelOfRow(const float* scores, int row, int first, int columns,
                             Numerators& out) {
  Float t[4];
  FindExponents<kPartial>(scores, out.shifts[row], columns, t);
  const Float largest = Simd::Max(Simd::Max(t[0], t[1]), Simd::Max(t[2], t[3]));
  if (Simd::Less(Simd::Set(kHeadroom), largest) != 0) [[unlikely]] {
    Rebase(out, row, first, Max(scores, static_cast<std::size_t>(columns)) * kLog2E);
    FindExponents<kPartial>(scores, out.shifts[row], columns, t);
  }
  for (int v = 0; v < 4; ++v) {
    t[v] = QuickExp2(t[v]);
    if constexpr (kPartial) {
      t[v] = Simd::Select(LanesUpTo(columns - v * kLanes), t[v], Simd::Zero());
    }
  }
  float* sums = out.sums[row];
  Simd::Store(sums,
              Simd::Add(Simd::Load(sums), Simd::Add(Simd::Add(t[0], t[1]), Simd::Add(t[2], t[3]))));
  std::uint16_t* values = out.values + row * out.stride + first;
  Simd::Store(values, Simd::PackBf16(t[0], t[1]));
  // Rows are padded to half a panel.
  if (!kPartial || columns > 2 * kLanes) {
    Simd::Store(values + 2 * kLanes, Simd::PackBf16(t[2], t[3]));
  }
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
    out.shifts[r] = Max(scores[0] + r * kPanel, static_cast<std::size_t>(first_columns)) * kLog2E;
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
