// The product with a packed matrix. Included once per source of a family.
//
// A tile of C (rows x columns) stays in registers while k runs; W streams past it as vectors of 4-
// byte units (a float, or a pair of bf16), A is broadcast unit by unit. Each element of C is one
// chain of additions in the order of k, starting at 0: splitting k into blocks only parks the
// float32 sums in memory, so neither blocks nor tiles nor neighbours change a bit of a result.
//
// Blocks, from the inside: a block of kDepthBlock units of one panel (64 columns x 256 x 4 B = 64
// KiB for AVX-512, 16 KiB for AVX2) is read once per tile of rows and lives in L2; a block of
// kRowBlock rows of A (96 x 2,048 x 4 B = 768 KiB at most in Whisper base) lives in L2 or L3 while
// all panels pass.
#pragma once

namespace wt::kernels {
namespace {

constexpr int kDepthBlock = 512;
constexpr int kRowBlock = 96;

// How one number type multiplies. Both take A and W as units of four bytes.
struct F32Product {
  static constexpr int kRows = 6;
  struct Operand {
    Float value;
  };
  WT_INLINE Operand Prepare(Float units) { return {units}; }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Simd::Accumulate(sum, a.value, w.value);
  }
};

// One instruction per pair of products, where `Vocabulary` has it.
template <typename Vocabulary>
struct Bf16PairProduct {
  static constexpr int kRows = 6;
  struct Operand {
    Float value;
  };
  WT_INLINE Operand Prepare(Float units) { return {units}; }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Vocabulary::AccumulateBf16(sum, a.value, w.value);
  }
};

// bf16 widened to float32 by a shift; odd element first, as VDPBF16PS adds. Both operands take two
// registers, which leaves room for four rows.
struct Bf16WideProduct {
  static constexpr int kRows = 4;
  struct Operand {
    Float even;
    Float odd;
  };
  WT_INLINE Operand Prepare(Float units) { return {Simd::EvenBf16(units), Simd::OddBf16(units)}; }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Simd::Accumulate(sum, a.odd, w.odd);
    Simd::Accumulate(sum, a.even, w.even);
  }
};

template <bool kInstruction>
struct Bf16Choice {
  using Type = Bf16WideProduct;
};
template <>
struct Bf16Choice<true> {
  using Type = Bf16PairProduct<Simd>;
};
using Bf16Product = Bf16Choice<Simd::kHasBf16Products>::Type;

// What one tile reads and writes.
struct TileJob {
  const std::byte* a;       // First row, first unit of the depth block.
  std::ptrdiff_t a_stride;  // Bytes between rows.
  const std::byte* w;       // First panel, first unit of the depth block.
  std::ptrdiff_t w_stride;  // Bytes between panels.
  int steps;                // Units of the depth block.
  const std::byte* ahead;   // Memory to prefetch while the tile runs: 16 bytes per step.
  float* parked;            // Sums between depth blocks, kPanel per row.
  bool starts;              // First depth block: sums start at 0.
  bool ends;                // Last depth block: the epilogue follows.
  const GemmArgs* args;
  int row;
  int column;
  int columns;  // Columns of C in the tile.
};

// Whether a tile reads W for itself alone or shares a block of it with the tiles after it.
enum class Flow : std::uint8_t { kStream, kBlocks };

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
        WT_STEP(v) { columns[v.value] = Product::Prepare(Simd::Load(w + v.value * kLanes * 4)); });
    Unroll<kRows>(WT_STEP(r) {
      const Operand unit = Product::Prepare(Simd::Broadcast(a_rows[r.value] + a_offset));
      Unroll<kVectors>(
          WT_STEP(v) { Product::Accumulate(tile.sums[r.value][v.value], unit, columns[v.value]); });
    });
  } else {
    Operand units[kRows];
    Unroll<kRows>(WT_STEP(r) {
      units[r.value] = Product::Prepare(Simd::Broadcast(a_rows[r.value] + a_offset));
    });
    Unroll<kPanels * kVectors>(WT_STEP(v) {
      const Operand columns = Product::Prepare(
          Simd::Load(w + v.value / kVectors * w_stride + v.value % kVectors * kLanes * 4));
      Unroll<kRows>(WT_STEP(r) {
        Product::Accumulate(tile.sums[r.value][v.value], units[r.value], columns);
      });
    });
  }
}

// Reads memory ahead of four steps: the panels themselves where each is read once, a part of the
// next block where the present one is read by many tiles.
template <Flow kFlow, int kPanels>
WT_INLINE void PrefetchFourSteps(const TileJob& job, const std::byte* w, std::ptrdiff_t a_offset) {
  if constexpr (kFlow == Flow::kStream) {
    (void)w;
  } else {
    __builtin_prefetch(job.ahead + a_offset * 4, 0, 2);
  }
}

// sums += A * W over the steps of the job. Four steps at a time, because the scalar instructions of
// a loop compete with the multiplications for their ports.
template <typename Product, Flow kFlow, int kRows, int kPanels, int kVectors>
WT_INLINE void RunSteps(const TileJob& job, Tile<kRows, kPanels * kVectors>& tile) {
  const std::byte* a_rows[kRows];
  Unroll<kRows>(WT_STEP(r) {
    a_rows[r.value] = job.a + r.value * job.a_stride;
    asm("" : "+r"(a_rows[r.value]));
  });
  const std::byte* w = job.w;
  const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(job.steps) * 4;
  std::ptrdiff_t a_offset = 0;
  for (; a_offset + 16 <= end; a_offset += 16, w += 4 * kPanelRowBytes) {
    PrefetchFourSteps<kFlow, kPanels>(job, w, a_offset);
    Unroll<4>(WT_STEP(i) {
      RunStep<Product, kRows, kPanels, kVectors>(a_rows, a_offset + i.value * 4,
                                                 w + i.value * kPanelRowBytes, job.w_stride, tile);
    });
  }
  for (; a_offset < end; a_offset += 4, w += kPanelRowBytes) {
    RunStep<Product, kRows, kPanels, kVectors>(a_rows, a_offset, w, job.w_stride, tile);
  }
}

// One vector of C: scale, bias, then store or add.
WT_INLINE void FinishVector(const GemmArgs& args, Float sum, float* c, const float* bias,
                            int columns) {
  const bool full = columns >= kLanes;
  const Simd::Mask mask = Simd::FirstLanes(full ? 0 : columns);
  Float added = Simd::Zero();
  if (bias != nullptr) added = full ? Simd::Load(bias) : Simd::LoadMasked(mask, bias);
  Float value = Simd::MulAdd(sum, Simd::Set(args.scale), added);
  if (args.epilogue == Epilogue::kAdd) {
    value = Simd::Add(full ? Simd::Load(c) : Simd::LoadMasked(mask, c), value);
  }
  if (full) {
    Simd::Store(c, value);
  } else {
    Simd::StoreMasked(c, mask, value);
  }
}

template <int kRows, int kVectors>
WT_INLINE void FinishTile(const TileJob& job, const Tile<kRows, kVectors>& tile) {
  const GemmArgs& args = *job.args;
  float* c = args.c + job.row * args.ldc + job.column;
  Unroll<kVectors>(WT_STEP(v) {
    constexpr int kFirst = v.value * kLanes;
    const float* bias = args.bias == nullptr ? nullptr : args.bias + job.column + kFirst;
    const int columns = job.columns - kFirst;
    if (columns > 0) {
      Unroll<kRows>(WT_STEP(r) {
        FinishVector(args, tile.sums[r.value][v.value], c + r.value * args.ldc + kFirst, bias,
                     columns);
      });
    }
  });
  if (args.epilogue == Epilogue::kGelu) {
    for (int r = 0; r < kRows; ++r) {
      GeluInPlace(c + r * args.ldc, static_cast<std::size_t>(job.columns));
    }
  }
}

// One tile of kRows rows and kPanels panels, kVectors vectors of each.
template <typename Product, Flow kFlow, int kRows, int kPanels, int kVectors>
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
  RunSteps<Product, kFlow, kRows, kPanels, kVectors>(job, tile);
  if (job.ends) {
    FinishTile(job, tile);
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
  return RunTile<Product, Flow::kBlocks, kRows, 1, kVectors>;
}

// The tile of few rows over one or more whole panels.
template <typename Product, int kRows = 1>
TileFunction FindStreamTile(int rows) {
  if constexpr (kRows < Product::kRows) {
    if (rows > kRows) return FindStreamTile<Product, kRows + 1>(rows);
  }
  return RunTile<Product, Flow::kStream, kRows, Simd::PanelsAtOnce(kRows), Simd::kTileVectors>;
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
  job.args = &args;
  job.row = rows.row;
  job.ahead = w.data;
  for (int panel = panels.begin; panel < panels.end;) {
    job.column = panel * kPanel;
    job.columns = Smaller(w.n - job.column, at_once * kPanel);
    job.w = w.data + panel * job.w_stride;
    if (panel + at_once <= panels.end && job.columns == at_once * kPanel) {
      FindStreamTile<Product>(rows.count)(job);
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
  const PackedMatrix& w = *args.w;
  alignas(64) float parked[kRowBlock * kPanel];
  TileJob job = {};
  job.a_stride = rows.stride;
  job.args = &args;
  job.column = panel * kPanel;
  job.columns = Smaller(w.n - job.column, kPanel);
  const int all_steps = StepCount(w);
  const std::byte* panel_start = w.data + panel * PanelBytes(w);
  for (int step = 0; step < all_steps; step += kDepthBlock) {
    job.steps = Smaller(all_steps - step, kDepthBlock);
    job.starts = step == 0;
    job.ends = step + job.steps == all_steps;
    job.w = panel_start + step * kPanelRowBytes;
    const std::byte* ahead = job.w + job.steps * kPanelRowBytes;
    for (int r = 0; r < rows.count; r += Product::kRows) {
      job.a = rows.first + r * rows.stride + step * 4;
      job.row = rows.row + r;
      job.ahead = ahead;
      if (r < 15 * Product::kRows) ahead += job.steps * 16;
      job.parked = parked + r * kPanel;
      FindTile<Product>(rows.count - r, job.columns)(job);
    }
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

// Rows of A as bf16, padded with a zero where k is odd.
void RoundRows(const float* a, std::ptrdiff_t lda, int rows, int k, std::uint16_t* out) {
  const std::ptrdiff_t padded_k = (k + 1) / 2 * 2;
  for (int r = 0; r < rows; ++r, a += lda, out += padded_k) {
    int i = 0;
    for (; i + 2 * kLanes <= k; i += 2 * kLanes) {
      Simd::Store(out + i, Simd::PackBf16(Simd::Load(a + i), Simd::Load(a + i + kLanes)));
    }
    if (i < k) {
      const Float units =
          Simd::PackBf16(LoadUpTo(a + i, k - i), LoadUpTo(a + i + kLanes, k - i - kLanes));
      Simd::StoreMasked(out + i, Simd::FirstLanes((k - i + 1) / 2), units);
    }
  }
}

void Gemm(const GemmArgs& args, Range rows, Range panels, std::uint16_t* a_scratch) {
  const PackedMatrix& w = *args.w;
  for (int row = rows.begin; row < rows.end; row += kRowBlock) {
    const float* a = args.a + row * args.lda;
    UnitRows units = {reinterpret_cast<const std::byte*>(a), args.lda * 4, row,
                      Smaller(rows.end - row, kRowBlock)};
    if (w.type == PackedType::kF32) {
      MultiplyRows<F32Product>(args, units, panels);
      continue;
    }
    RoundRows(a, args.lda, units.count, w.k, a_scratch);
    units.first = reinterpret_cast<const std::byte*>(a_scratch);
    units.stride = StepCount(w) * 4;
    MultiplyRows<Bf16Product>(args, units, panels);
  }
}

}  // namespace
}  // namespace wt::kernels
