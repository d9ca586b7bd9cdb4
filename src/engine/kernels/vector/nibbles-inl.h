// The product with an int4 matrix. Included once per source of a family.
//
// Half the bytes of int8 for the same number of multiplications: what it saves is the way from
// memory, so it is for few rows. Bytes are taken apart into operands of the products of int8; their
// sums are whole numbers, so that neither rows nor neighbours change a bit of a result.
#pragma once

namespace wt::kernels {
namespace {

// AVX-512: 5 x 4 sums, 8 halves and 2 broadcasts fill 30 of 32 registers.
constexpr int kNibbleRows = kLanes == 16 ? 5 : 3;
// How far ahead of the loads to ask for memory: 16 steps of a panel, 4 KiB in AVX-512.
constexpr std::ptrdiff_t kNibblesAhead = 16 * kPanelRowBytes;

struct NibbleTile {
  const std::byte* a;  // First row, units of four bytes.
  std::ptrdiff_t a_stride;
  const std::byte* w;
  int steps;  // Of eight numbers.
  const std::byte* scales;
  int row;
  int column;
  int columns;
};

// c = (sum - 7.5 * the row's sum) * scales. offsets are 128 times the row's sum, so 15 / 256 of
// them are exact, and twice the bracket is a whole number below 2^24 for k up to 8,000.
WT_INLINE void FinishNibbles(const GemmArgs& args, const NibbleTile& tile, int row, int vector,
                             Float sum) {
  const int columns = tile.columns - vector * kLanes;
  if (columns <= 0) return;
  const auto offset = static_cast<float>(args.a8->offsets[row]) * -0.05859375f;
  const Float exact = Simd::Add(Simd::ToFloat(Simd::BitsOf(sum)), Simd::Set(offset));
  const Float value = Simd::Mul(Simd::Mul(exact, Simd::Set(args.a8->scales[row])),
                                Simd::Load(tile.scales + vector * kLanes * 4));
  float* c = args.c + row * args.ldc + tile.column + vector * kLanes;
  if (columns >= kLanes) {
    Simd::Store(c, value);
  } else {
    Simd::StoreMasked(c, Simd::FirstLanes(columns), value);
  }
}

template <int kRows>
void RunNibbleTile(const GemmArgs& args, const NibbleTile& tile) {
  constexpr int kVectors = Simd::kTileVectors;
  Tile<kRows, kVectors> sums;
  Unroll<kRows>(
      WT_STEP(r) { Unroll<kVectors>(WT_STEP(v) { sums.sums[r.value][v.value] = Simd::Zero(); }); });
  const std::byte* a_rows[kRows];
  Unroll<kRows>(WT_STEP(r) {
    a_rows[r.value] = tile.a + r.value * tile.a_stride;
    asm("" : "+r"(a_rows[r.value]));
  });
  const std::byte* w = tile.w;
  for (int step = 0; step < tile.steps; ++step, w += kPanelRowBytes) {
    ByteProduct::Operand lower[kVectors], upper[kVectors];
    Unroll<kVectors>(WT_STEP(v) {
      const std::byte* at = w + v.value * kLanes * 4;
      if constexpr (v.value * kLanes % 16 == 0) __builtin_prefetch(at + kNibblesAhead, 0, 3);
      const Float bytes = Simd::Load(at);
      lower[v.value] = ByteProduct::PrepareW(Simd::LowerNibbles(bytes));
      upper[v.value] = ByteProduct::PrepareW(Simd::UpperNibbles(bytes));
    });
    Unroll<kRows>(WT_STEP(r) {
      const std::byte* units = a_rows[r.value] + step * 8;
      const auto first = ByteProduct::PrepareA(Simd::Broadcast(units));
      Unroll<kVectors>(WT_STEP(v) {
        ByteProduct::Accumulate(sums.sums[r.value][v.value], first, lower[v.value]);
      });
      const auto second = ByteProduct::PrepareA(Simd::Broadcast(units + 4));
      Unroll<kVectors>(WT_STEP(v) {
        ByteProduct::Accumulate(sums.sums[r.value][v.value], second, upper[v.value]);
      });
    });
  }
  Unroll<kRows>(WT_STEP(r) {
    Unroll<kVectors>(WT_STEP(v) {
      FinishNibbles(args, tile, tile.row + r.value, v.value, sums.sums[r.value][v.value]);
    });
  });
}

using NibbleFunction = void (*)(const GemmArgs&, const NibbleTile&);

template <int kRows = 1>
NibbleFunction FindNibbleTile(int rows) {
  if constexpr (kRows < kNibbleRows) {
    if (rows > kRows) return FindNibbleTile<kRows + 1>(rows);
  }
  return RunNibbleTile<kRows>;
}

// A panel stays in the first cache while all rows pass.
void MultiplyNibbles(const GemmArgs& args, Range rows, Range panels) {
  const PackedMatrix& w = *args.w;
  NibbleTile tile = {};
  tile.a_stride = args.a8->stride;
  tile.steps = StepCount(w);
  for (int panel = panels.begin; panel < panels.end; ++panel) {
    tile.w = w.data + panel * PanelBytes(w);
    tile.scales = tile.w + ValueBytes(w);
    tile.column = panel * kPanel;
    tile.columns = Smaller(w.n - tile.column, kPanel);
    for (int row = rows.begin; row < rows.end; row += kNibbleRows) {
      tile.a = reinterpret_cast<const std::byte*>(args.a8->values + row * tile.a_stride);
      tile.row = row;
      FindNibbleTile(Smaller(rows.end - row, kNibbleRows))(args, tile);
    }
  }
}

}  // namespace
}  // namespace wt::kernels
