// The product with a packed matrix. Included once per source of a family.
//
// A tile of C (rows x columns) stays in registers while k runs; W streams past it as vectors of 4-
// byte units (a float, or a pair of bf16), A is broadcast unit by unit. Each element of C is one
// chain of additions in the order of k, starting at 0: splitting k into blocks only parks the
// float32 sums in memory, so neither blocks nor tiles nor neighbours change a bit of a result.
//
// Blocks, from the inside: a block of kDepthBlock units of one panel (512 x 64 columns x 4 B = 128
// KiB for AVX-512, 32 KiB for AVX2) is read once per tile of rows and lives in L2, while the tiles
// prefetch the next one; a block of kRowBlock rows of A (96 x 512 x 4 B = 192 KiB per depth block)
// lives beside it while all panels pass. Measured on a Sapphire Rapids class core (2 MiB L2): depth
// blocks of 256 cost 3-5 %, row blocks of 192 and 384 cost 1-6 %.
#pragma once

namespace wt::kernels {
namespace {

constexpr int kDepthBlock = 512;
constexpr int kRowBlock = 96;
// What is under way at 50 GB/s and 160 ns. Measured on a Zen 5 class core, whose own prefetcher
// stays behind: a step of 5 rows takes 0.78 of its time with 8 KiB, 0.83 with 4 and 16 KiB.
constexpr std::ptrdiff_t kStreamAhead = 8192;

// What one tile reads and writes.
struct TileJob {
  const std::byte* a;       // First row, first unit of the depth block.
  std::ptrdiff_t a_stride;  // Bytes between rows.
  const std::byte* w;       // First panel, first unit of the depth block.
  std::ptrdiff_t w_stride;  // Bytes between panels.
  int steps;                // Units of the depth block.
  bool streams;             // W comes from memory: ask for it kStreamAhead bytes before its use.
  const std::byte* ahead;   // Else memory to prefetch meanwhile: one cache line in four steps.
  float* parked;            // Sums between depth blocks, kPanel per row.
  bool starts;              // First depth block: sums start at 0.
  bool ends;                // Last depth block: the epilogue follows.
  const GemmArgs* args;
  const std::byte* scales;  // int8: of the first panel's columns; w_stride apart.
  int row;
  int column;
  int columns;  // Columns of C in the tile.
};

template <int kRows, int kVectors>
struct Tile {
  Float sums[kRows][kVectors];
};

// Loops over constant ranges that every compiler unrolls, so that sums stay in registers.
template <int kIndex>
struct Index {
  static constexpr int value = kIndex;
};
template <int kCount, int kIndex = 0, typename Step>
WT_INLINE void Unroll(const Step& step) {
  if constexpr (kIndex < kCount) {
    step(Index<kIndex>());
    Unroll<kCount, kIndex + 1>(step);
  }
}
#define WT_STEP(index) [&](auto index) __attribute__((always_inline))

// One step of k: sums += (units of A at a_rows[r] + a_offset) * (vectors of W at w). Few rows keep
// their units in registers and pass the vectors by, else the other way round.
template <typename Product, int kRows, int kPanels, int kVectors>
WT_INLINE void RunStep(const std::byte* const (&a_rows)[kRows], std::ptrdiff_t a_offset,
                       const std::byte* w, std::ptrdiff_t w_stride,
                       Tile<kRows, kPanels * kVectors>& tile) {
  using Operand = typename Product::Operand;
  if constexpr (kPanels == 1) {
    Operand columns[kVectors];
    Unroll<kVectors>(
        WT_STEP(v) { columns[v.value] = Product::PrepareW(Simd::Load(w + v.value * kLanes * 4)); });
    Unroll<kRows>(WT_STEP(r) {
      const Operand unit = Product::PrepareA(Simd::Broadcast(a_rows[r.value] + a_offset));
      Unroll<kVectors>(
          WT_STEP(v) { Product::Accumulate(tile.sums[r.value][v.value], unit, columns[v.value]); });
    });
  } else {
    Operand units[kRows];
    Unroll<kRows>(WT_STEP(r) {
      units[r.value] = Product::PrepareA(Simd::Broadcast(a_rows[r.value] + a_offset));
    });
    Unroll<kPanels * kVectors>(WT_STEP(v) {
      const Operand columns = Product::PrepareW(
          Simd::Load(w + v.value / kVectors * w_stride + v.value % kVectors * kLanes * 4));
      Unroll<kRows>(WT_STEP(r) {
        Product::Accumulate(tile.sums[r.value][v.value], units[r.value], columns);
      });
    });
  }
}

// Asks memory for a step of each panel.
template <int kPanels>
WT_INLINE void AskForStep(const std::byte* w, std::ptrdiff_t w_stride) {
  for (int panel = 0; panel < kPanels; ++panel) {
    for (int line = 0; line < kPanelRowBytes; line += 64) {
      __builtin_prefetch(w + panel * w_stride + kStreamAhead / kPanels + line, 0, 3);
    }
  }
}

// sums += A * W over the steps of the job. Four steps at a time, because the scalar instructions of
// a loop compete with the multiplications for their ports.
template <typename Product, int kRows, int kPanels, int kVectors>
WT_INLINE void RunSteps(const TileJob& job, Tile<kRows, kPanels * kVectors>& tile) {
  const std::byte* a_rows[kRows];
  Unroll<kRows>(WT_STEP(r) {
    a_rows[r.value] = job.a + r.value * job.a_stride;
    asm("" : "+r"(a_rows[r.value]));
  });
  const std::byte* w = job.w;
  const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(job.steps) * 4;
  std::ptrdiff_t a_offset = 0;
  const auto four_steps = [&](auto streams) __attribute__((always_inline)) {
    if constexpr (!streams.value && kPanels == 1) {
      __builtin_prefetch(job.ahead + a_offset * 4, 0, 2);
    }
    Unroll<4>(WT_STEP(i) {
      const std::byte* at = w + i.value * kPanelRowBytes;
      if constexpr (streams.value != 0) AskForStep<kPanels>(at, job.w_stride);
      RunStep<Product, kRows, kPanels, kVectors>(a_rows, a_offset + i.value * 4, at, job.w_stride,
                                                 tile);
    });
    a_offset += 16;
    w += 4 * kPanelRowBytes;
  };
  while (job.streams && a_offset + 16 <= end) four_steps(Index<1>());
  while (a_offset + 16 <= end) four_steps(Index<0>());
  for (; a_offset < end; a_offset += 4, w += kPanelRowBytes) {
    RunStep<Product, kRows, kPanels, kVectors>(a_rows, a_offset, w, job.w_stride, tile);
  }
}

// The vectors of one column of the tile.
template <bool kInt8, bool kPartial, int kVector, int kRows, int kVectors>
WT_INLINE void FinishColumn(const TileJob& job, const Tile<kRows, kVectors>& tile) {
  constexpr int kFirst = kVector * kLanes;
  // Copies, because a store to C might change what a pointer to floats shows.
  const GemmArgs args = *job.args;
  const std::byte* scales = job.scales + kVector / Simd::kTileVectors * job.w_stride +
                            kVector % Simd::kTileVectors * kLanes * 4;
  const ColumnVector column =
      FindColumnVector<kInt8, kPartial>(args, job.column + kFirst, scales, job.columns - kFirst);
  float* c = args.c + job.row * args.ldc + job.column + kFirst;
  Unroll<kRows>(WT_STEP(r) {
    FinishVector<kInt8, kPartial>(args, column, job.row + r.value, tile.sums[r.value][kVector],
                                  c + r.value * args.ldc);
  });
}

// Only the last vector of a tile can be partial: tiles are no wider than they must be.
template <bool kInt8, int kRows, int kVectors>
WT_INLINE void FinishTile(const TileJob& job, const Tile<kRows, kVectors>& tile) {
  Unroll<kVectors - 1>(WT_STEP(v) { FinishColumn<kInt8, false, v.value>(job, tile); });
  if (job.columns == kVectors * kLanes) {
    FinishColumn<kInt8, false, kVectors - 1>(job, tile);
  } else {
    FinishColumn<kInt8, true, kVectors - 1>(job, tile);
  }
  const GemmArgs& args = *job.args;
  if (args.epilogue == Epilogue::kGelu) {
    float* c = args.c + job.row * args.ldc + job.column;
    for (int r = 0; r < kRows; ++r) GeluRow<kInt8>(c + r * args.ldc, job.columns);
  }
}

// One tile of kRows rows and kPanels panels, kVectors vectors of each.
template <typename Product, int kRows, int kPanels, int kVectors>
void RunTile(const TileJob& job) {
  Tile<kRows, kPanels * kVectors> tile;
  if (job.starts) {
    Unroll<kRows>(WT_STEP(r) {
      Unroll<kPanels * kVectors>(WT_STEP(v) { tile.sums[r.value][v.value] = Simd::Zero(); });
    });
  } else {
    Unroll<kRows>(WT_STEP(r) {
      Unroll<kPanels * kVectors>(WT_STEP(v) {
        tile.sums[r.value][v.value] = Simd::Load(job.parked + r.value * kPanel + v.value * kLanes);
      });
    });
  }
  RunSteps<Product, kRows, kPanels, kVectors>(job, tile);
  if (job.ends) {
    FinishTile<kIsInt8<Product>>(job, tile);
  } else {
    Unroll<kRows>(WT_STEP(r) {
      Unroll<kPanels * kVectors>(WT_STEP(v) {
        Simd::Store(job.parked + r.value * kPanel + v.value * kLanes, tile.sums[r.value][v.value]);
      });
    });
  }
}

using TileFunction = void (*)(const TileJob&);

// The tile of `rows` rows that covers `columns` columns of one panel.
template <typename Product, int kRows = 1, int kVectors = 1>
TileFunction FindTile(int rows, int columns) {
  if constexpr (kRows < Product::kRows) {
    if (rows > kRows) return FindTile<Product, kRows + 1, kVectors>(rows, columns);
  }
  if constexpr (kVectors < Simd::kTileVectors) {
    if (columns > kVectors * kLanes) return FindTile<Product, kRows, kVectors + 1>(rows, columns);
  }
  return RunTile<Product, kRows, 1, kVectors>;
}

// The tile of few rows over several whole panels.
template <typename Product, int kRows = 1>
TileFunction FindWideTile(int rows) {
  if constexpr (Simd::PanelsAtOnce(kRows + 1) > 1) {
    if (rows > kRows) return FindWideTile<Product, kRows + 1>(rows);
  }
  return RunTile<Product, kRows, Simd::PanelsAtOnce(kRows), Simd::kTileVectors>;
}

WT_INLINE int Smaller(int a, int b) { return a < b ? a : b; }

// A product with A as units of four bytes: floats in place, or pairs of bf16 in scratch.
struct UnitRows {
  const std::byte* first;  // The row with number `row`.
  std::ptrdiff_t stride;   // Bytes.
  int row;
  int count;
};

// Few rows: W is read once, so it streams from memory; no depth blocks.
template <typename Product>
void MultiplyFewRows(const GemmArgs& args, const UnitRows& rows, Range panels) {
  const PackedMatrix& w = *args.w;
  const int at_once = Simd::PanelsAtOnce(rows.count);
  TileJob job = {};
  job.a = rows.first;
  job.a_stride = rows.stride;
  job.w_stride = PanelBytes(w);
  job.steps = StepCount(w);
  job.starts = true;
  job.ends = true;
  job.streams = true;
  job.args = &args;
  job.row = rows.row;
  for (int panel = panels.begin; panel < panels.end;) {
    job.column = panel * kPanel;
    job.columns = Smaller(w.n - job.column, at_once * kPanel);
    job.w = w.data + panel * job.w_stride;
    job.scales = job.w + ValueBytes(w);
    if (at_once > 1 && panel + at_once <= panels.end && job.columns == at_once * kPanel) {
      FindWideTile<Product>(rows.count)(job);
      panel += at_once;
    } else {
      job.columns = Smaller(job.columns, kPanel);
      FindTile<Product>(rows.count, job.columns)(job);
      ++panel;
    }
  }
}

// One panel for a block of rows, by depth blocks.
template <typename Product>
void MultiplyPanel(const GemmArgs& args, const UnitRows& rows, int panel) {
  constexpr int kRows = Product::kRows;
  const PackedMatrix& w = *args.w;
  alignas(64) float parked[kRowBlock * kPanel];
  TileJob job = {};
  job.a_stride = rows.stride;
  job.args = &args;
  job.column = panel * kPanel;
  job.columns = Smaller(w.n - job.column, kPanel);
  job.w = w.data + panel * PanelBytes(w);
  job.scales = job.w + ValueBytes(w);
  const TileFunction full_tile = FindTile<Product>(kRows, job.columns);
  const TileFunction last_tile = FindTile<Product>((rows.count - 1) % kRows + 1, job.columns);
  const int all_steps = StepCount(w);
  for (int step = 0; step < all_steps; step += kDepthBlock) {
    job.steps = Smaller(all_steps - step, kDepthBlock);
    job.starts = step == 0;
    job.ends = step + job.steps == all_steps;
    job.ahead = job.w + job.steps * kPanelRowBytes;
    for (int r = 0; r < rows.count; r += kRows) {
      job.a = rows.first + r * rows.stride + step * 4;
      job.row = rows.row + r;
      job.parked = parked + r * kPanel;
      job.streams = r == 0;
      (r + kRows <= rows.count ? full_tile : last_tile)(job);
      // A tile prefetches 16 bytes per step, so 16 of them reach all of the next block.
      if (r < 15 * kRows) job.ahead += job.steps * 16;
    }
    job.w += job.steps * kPanelRowBytes;
  }
}

template <typename Product>
void MultiplyRows(const GemmArgs& args, const UnitRows& rows, Range panels) {
  if (rows.count <= Product::kRows) {
    MultiplyFewRows<Product>(args, rows, panels);
    return;
  }
  for (int panel = panels.begin; panel < panels.end; ++panel) {
    MultiplyPanel<Product>(args, rows, panel);
  }
}

}  // namespace
}  // namespace wt::kernels
