// The product with a packed matrix by AMX tiles. Included once per source of a family; empty where
// the source is not compiled for AMX.
//
// A tile has 16 rows of 64 bytes. TDPBSUD and TDPBF16PS multiply a tile of A (16 rows, 64 bytes of
// k) by one of W (16 units of k, 16 columns), which is a panel of PackedMatrix read with a stride
// of one panel row: no other packing is needed. Where sums need an epilogue, 1 x 4 tiles of them
// (16 rows x a panel) take one tile of A and four of W per 64 bytes of k: the panel stays in L1
// while rows pass, and A comes from L2 once. Where sums are the result (attention), 2 x 2 tiles (32
// rows x 32 columns) take two of each, which is less where both come from L2. A product takes 16
// cycles, the load of a 1 KiB tile from L1 eight.
//
// Sums of int8 are exact, so any split gives the bits of the other sets. TDPBF16PS adds the even
// and the odd products of 32 numbers in chains of their own and then to the sum, whatever the
// number of rows: bits depend on the matrix only, but are not those of VDPBF16PS.
#pragma once

#if defined(__AMX_INT8__) && defined(__AMX_BF16__)

namespace wt::kernels {
namespace {

constexpr int kTileRows = 16;
constexpr int kTileBytes = 64;
// Rows of A that one pass over the panels serves: 192 x 512 bytes stay in L2 beside the panel, and
// weights come from memory eight times per 1500 rows.
constexpr int kTileRowBlock = 192;
// 64-byte steps per depth block: the block's half panel (16 x 16 units x 32 columns x 4 B = 32 KiB)
// stays in a 48 KiB L1 cache while all rows pass.
constexpr int kTileDepth = 16;
// A panel's bytes for 64 bytes of k.
constexpr std::ptrdiff_t kTileStepBytes = kTileRows * kPanelRowBytes;

// The operand of LDTILECFG (Intel SDM vol. 1, 18.2).
struct alignas(64) TileConfig {
  std::uint8_t palette;
  std::uint8_t start_row;
  std::uint8_t reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};

// Tiles 0, 1: sums of the upper rows; 2, 3: of the lower rows; 4, 5: A; 6, 7: W. A tile of no rows
// must not be used.
WT_INLINE void ConfigureTiles(int upper, int lower) {
  TileConfig config = {};
  config.palette = 1;
  const int rows[8] = {upper, upper, lower, lower, upper, lower, kTileRows, kTileRows};
  for (int i = 0; i < 8; ++i) {
    config.rows[i] = static_cast<std::uint8_t>(rows[i]);
    config.row_bytes[i] = rows[i] > 0 ? kTileBytes : 0;
  }
  _tile_loadconfig(&config);
}

// Tiles 0 .. 3: sums of up to 16 rows; 4: A; 5 .. 7: W.
WT_INLINE void ConfigureFewRows(int rows) {
  TileConfig config = {};
  config.palette = 1;
  for (int i = 0; i < 8; ++i) {
    config.rows[i] = static_cast<std::uint8_t>(i < 5 ? rows : kTileRows);
    config.row_bytes[i] = kTileBytes;
  }
  _tile_loadconfig(&config);
}

// What one block of sums reads and writes.
struct TileBlock {
  const std::byte* a;
  std::ptrdiff_t a_stride;
  const std::byte* w;
  int steps;
  std::byte* sums;
  std::ptrdiff_t sums_stride;
  bool starts;
};

#define WT_TILE_PRODUCT(sum, a, w) \
  do {                             \
    if constexpr (kInt8) {         \
      _tile_dpbsud(sum, a, w);     \
    } else {                       \
      _tile_dpbf16ps(sum, a, w);   \
    }                              \
  } while (false)

// 32 columns of up to 32 rows.
template <bool kInt8, bool kLower>
WT_INLINE void MultiplyHalfPanel(const TileBlock& block) {
  const std::ptrdiff_t lower_rows = kTileRows * block.a_stride;
  std::byte* lower_sums = block.sums + kTileRows * block.sums_stride;
  if (block.starts) {
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (kLower) {
      _tile_zero(2);
      _tile_zero(3);
    }
  } else {
    _tile_loadd(0, block.sums, block.sums_stride);
    _tile_loadd(1, block.sums + kTileBytes, block.sums_stride);
    if constexpr (kLower) {
      _tile_loadd(2, lower_sums, block.sums_stride);
      _tile_loadd(3, lower_sums + kTileBytes, block.sums_stride);
    }
  }
  const std::byte* a = block.a;
  const std::byte* w = block.w;
  for (int step = 0; step < block.steps; ++step) {
    _tile_loadd(6, w, kPanelRowBytes);
    _tile_loadd(4, a, block.a_stride);
    WT_TILE_PRODUCT(0, 4, 6);
    _tile_loadd(7, w + kTileBytes, kPanelRowBytes);
    WT_TILE_PRODUCT(1, 4, 7);
    if constexpr (kLower) {
      _tile_loadd(5, a + lower_rows, block.a_stride);
      WT_TILE_PRODUCT(2, 5, 6);
      WT_TILE_PRODUCT(3, 5, 7);
    }
    a += kTileBytes;
    w += kTileRows * kPanelRowBytes;
  }
  _tile_stored(0, block.sums, block.sums_stride);
  _tile_stored(1, block.sums + kTileBytes, block.sums_stride);
  if constexpr (kLower) {
    _tile_stored(2, lower_sums, block.sums_stride);
    _tile_stored(3, lower_sums + kTileBytes, block.sums_stride);
  }
}

// A whole panel for up to 16 rows. `aside(step)` is called once per 64 bytes of k: what it does
// runs in the shadow of the products, which take 16 cycles each and no vector unit.
template <bool kInt8, typename Aside>
WT_INLINE void MultiplyWholePanel(const TileBlock& block, const Aside& aside) {
  if (block.starts) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, block.sums, block.sums_stride);
    _tile_loadd(1, block.sums + kTileBytes, block.sums_stride);
    _tile_loadd(2, block.sums + 2 * kTileBytes, block.sums_stride);
    _tile_loadd(3, block.sums + 3 * kTileBytes, block.sums_stride);
  }
  const std::byte* a = block.a;
  const std::byte* w = block.w;
  for (int step = 0; step < block.steps; ++step) {
    _tile_loadd(4, a, block.a_stride);
    _tile_loadd(5, w, kPanelRowBytes);
    WT_TILE_PRODUCT(0, 4, 5);
    _tile_loadd(6, w + kTileBytes, kPanelRowBytes);
    WT_TILE_PRODUCT(1, 4, 6);
    _tile_loadd(7, w + 2 * kTileBytes, kPanelRowBytes);
    WT_TILE_PRODUCT(2, 4, 7);
    _tile_loadd(5, w + 3 * kTileBytes, kPanelRowBytes);
    WT_TILE_PRODUCT(3, 4, 5);
    aside(step);
    a += kTileBytes;
    w += kTileStepBytes;
  }
  _tile_stored(0, block.sums, block.sums_stride);
  _tile_stored(1, block.sums + kTileBytes, block.sums_stride);
  _tile_stored(2, block.sums + 2 * kTileBytes, block.sums_stride);
  _tile_stored(3, block.sums + 3 * kTileBytes, block.sums_stride);
}

// The same, all of k, for rows so few that the weights' way from memory is what takes time. Tile
// loads reach memory late: ask for what comes two steps later.
template <bool kInt8>
WT_INLINE void MultiplyFewTileRows(const TileBlock& block) {
  const std::byte* ahead = block.w + 2 * kTileStepBytes;
  MultiplyWholePanel<kInt8>(block, [&](int) __attribute__((always_inline)) {
    for (int line = 0; line < kTileStepBytes; line += 64) __builtin_prefetch(ahead + line, 0, 3);
    ahead += kTileStepBytes;
  });
}
#undef WT_TILE_PRODUCT

// The epilogue of one vector of columns for `rows` rows; sums are kPanel apart.
template <bool kInt8, Epilogue kEpilogue, bool kPartial>
WT_INLINE void FinishTileVector(const GemmArgs& args, const ColumnVector& column, const float* sums,
                                int row, int rows, float* c) {
  for (int r = 0; r < rows; ++r, sums += kPanel, c += args.ldc) {
    Float value = Dequantized<kInt8>(args, column, row + r, Simd::Load(sums));
    if constexpr (kEpilogue == Epilogue::kGelu) value = kInt8 ? QuickGelu(value) : Gelu(value);
    if constexpr (kEpilogue == Epilogue::kAdd) {
      value = Simd::Add(kPartial ? Simd::LoadMasked(column.mask, c) : Simd::Load(c), value);
    }
    if constexpr (kPartial) {
      Simd::StoreMasked(c, column.mask, value);
    } else {
      Simd::Store(c, value);
    }
  }
}

struct TileFinish {
  const float* sums;  // [rows][kPanel]
  const std::byte* scales;
  int row;
  int rows;
  int column;
  int columns;
};

template <bool kInt8, Epilogue kEpilogue>
void FinishTileRows(const GemmArgs& caller_args, const TileFinish& finish) {
  const GemmArgs args = caller_args;
  for (int at = 0; at < finish.columns; at += kLanes) {
    const int first = finish.column + at;
    const int columns = finish.columns - at;
    float* c = args.c + finish.row * args.ldc + first;
    const std::byte* scales = finish.scales + at * 4;
    if (columns >= kLanes) {
      const auto column = FindColumnVector<kInt8, false>(args, first, scales, columns);
      FinishTileVector<kInt8, kEpilogue, false>(args, column, finish.sums + at, finish.row,
                                                finish.rows, c);
    } else {
      const auto column = FindColumnVector<kInt8, true>(args, first, scales, columns);
      FinishTileVector<kInt8, kEpilogue, true>(args, column, finish.sums + at, finish.row,
                                               finish.rows, c);
    }
  }
}

template <bool kInt8>
WT_INLINE void FinishTiles(const GemmArgs& args, const TileFinish& finish) {
  switch (args.epilogue) {
    case Epilogue::kStore: FinishTileRows<kInt8, Epilogue::kStore>(args, finish); return;
    case Epilogue::kGelu: FinishTileRows<kInt8, Epilogue::kGelu>(args, finish); return;
    case Epilogue::kAdd: FinishTileRows<kInt8, Epilogue::kAdd>(args, finish); return;
  }
}

template <bool kInt8>
WT_INLINE void MultiplyFewRowsByTiles(const GemmArgs& args, const UnitRows& rows, Range panels) {
  const PackedMatrix& w = *args.w;
  alignas(64) float sums[kTileRows * kPanel];
  ConfigureFewRows(rows.count);
  for (int panel = panels.begin; panel < panels.end; ++panel) {
    const std::byte* data = w.data + panel * PanelBytes(w);
    const int column = panel * kPanel;
    MultiplyFewTileRows<kInt8>({rows.first, rows.stride, data, StepCount(w) / kTileRows,
                                reinterpret_cast<std::byte*>(sums), kPanelRowBytes, true});
    FinishTiles<kInt8>(args, {sums, data + ValueBytes(w), rows.row, rows.count, column,
                              Smaller(w.n - column, kPanel)});
  }
}

// All rows of a block with one panel whose sums are the result: they go to C without a detour.
template <bool kInt8>
void MultiplyPanelDirectly(const GemmArgs& args, const UnitRows& rows, int panel) {
  const PackedMatrix& w = *args.w;
  const std::byte* data = w.data + panel * PanelBytes(w);
  const int all_steps = StepCount(w) / kTileRows;
  for (int step = 0; step < all_steps; step += kTileDepth) {
    for (int r = 0; r < rows.count; r += 2 * kTileRows) {
      const int count = Smaller(rows.count - r, 2 * kTileRows);
      const int upper = Smaller(count, kTileRows);
      if (count < 2 * kTileRows) ConfigureTiles(upper, count - upper);
      float* sums = args.c + (rows.row + r) * args.ldc + panel * kPanel;
      TileBlock block = {rows.first + r * rows.stride + step * kTileBytes,
                         rows.stride,
                         data + step * kTileStepBytes,
                         Smaller(all_steps - step, kTileDepth),
                         reinterpret_cast<std::byte*>(sums),
                         args.ldc * 4,
                         step == 0};
      for (int half = 0; half < 2; ++half) {
        if (count > kTileRows) {
          MultiplyHalfPanel<kInt8, true>(block);
        } else {
          MultiplyHalfPanel<kInt8, false>(block);
        }
        block.w += 2 * kTileBytes;
        block.sums += 2 * kTileBytes;
      }
      if (count < 2 * kTileRows) ConfigureTiles(kTileRows, kTileRows);
    }
  }
}

// `count` rows of a whole panel from row r.
template <bool kInt8, Epilogue kEpilogue>
WT_INLINE void FinishPanelRows(const GemmArgs& args, const TileFinish& finish, int r, int count) {
  float* c = args.c + (finish.row + r) * args.ldc + finish.column;
  const float* sums = finish.sums + r * kPanel;
  for (int at = 0; at < kPanel; at += kLanes) {
    const auto column =
        FindColumnVector<kInt8, false>(args, finish.column + at, finish.scales + at * 4, kLanes);
    FinishTileVector<kInt8, kEpilogue, false>(args, column, sums + at, finish.row + r, count,
                                              c + at);
  }
}

// Blocks of 16 rows pass through a depth block of a panel (32 KiB: it stays in L1) one after
// another, and the epilogue of one runs in the shadow of the next one's products.
template <bool kInt8, Epilogue kEpilogue>
class PanelPipeline {
 public:
  PanelPipeline(const GemmArgs& args, const UnitRows& rows) : args_(args), rows_(rows) {}

  void Run(int panel) {
    const PackedMatrix& w = *args_.w;
    const std::byte* data = w.data + panel * PanelBytes(w);
    const int column = panel * kPanel;
    const int columns = Smaller(w.n - column, kPanel);
    const int all_steps = StepCount(w) / kTileRows;
    for (int step = 0; step < all_steps; step += kPipelineDepth) {
      const int steps = Smaller(all_steps - step, kPipelineDepth);
      for (int r = 0; r < rows_.count; r += kTileRows) {
        const int count = Smaller(rows_.count - r, kTileRows);
        // Sums of one depth block are done with when the next ones are.
        place_ = all_steps <= kPipelineDepth ? kTileRows - place_ : r;
        float* sums = sums_ + place_ * kPanel;
        // An odd row of what waits there may be left.
        if (waiting_.sums == sums) Flush();
        if (count < kTileRows) ConfigureFewRows(count);
        Multiply({rows_.first + r * rows_.stride + step * kTileBytes, rows_.stride,
                  data + step * kTileStepBytes, steps, reinterpret_cast<std::byte*>(sums),
                  kPanelRowBytes, step == 0},
                 r / kTileRows);
        if (count < kTileRows) ConfigureFewRows(kTileRows);
        if (step + steps < all_steps) continue;
        Flush();
        waiting_ = {sums, data + ValueBytes(w), rows_.row + r, count, column, columns};
      }
    }
  }

  // The epilogue of what waits for it.
  void Flush() {
    waiting_.sums += finished_ * kPanel;
    waiting_.row += finished_;
    waiting_.rows -= finished_;
    if (waiting_.rows > 0) FinishTileRows<kInt8, kEpilogue>(args_, waiting_);
    waiting_ = {};
    finished_ = 0;
  }

 private:
  // 64-byte steps per depth block, and rows that are finished in each.
  static constexpr int kPipelineDepth = 8;
  static constexpr int kRowsPerStep = kTileRows / kPipelineDepth;

  __attribute__((always_inline)) void Multiply(const TileBlock& block, int number) {
    // The blocks share the work of asking for the next depth block.
    const int blocks = (rows_.count + kTileRows - 1) / kTileRows;
    const int bytes = (static_cast<int>(kTileStepBytes) / 64 + blocks - 1) / blocks * 64;
    const std::byte* ahead = block.w + block.steps * kTileStepBytes + number * bytes;
    // Copies, because a store to C might change what a pointer shows.
    GemmArgs args = args_;
    const Int8Rows a8 = kInt8 ? *args_.a8 : Int8Rows();
    args.a8 = &a8;
    const TileFinish waiting = waiting_;
    const int last = waiting.columns == kPanel ? waiting.rows : 0;
    int finished = finished_;
    MultiplyWholePanel<kInt8>(block, [&](int) __attribute__((always_inline)) {
      for (int line = 0; line < bytes; line += 64) __builtin_prefetch(ahead + line, 0, 2);
      ahead += kTileStepBytes;
      if (finished + kRowsPerStep > last) return;
      FinishPanelRows<kInt8, kEpilogue>(args, waiting, finished, kRowsPerStep);
      finished += kRowsPerStep;
    });
    finished_ = finished;
  }

  const GemmArgs args_;
  const UnitRows rows_;
  TileFinish waiting_ = {};
  int finished_ = 0;  // Rows of what waits.
  int place_ = 0;     // In sums_, of the block in work.
  alignas(64) float sums_[kTileRowBlock * kPanel];
};

template <bool kInt8, Epilogue kEpilogue>
void RunPipeline(const GemmArgs& args, const UnitRows& rows, Range panels) {
  PanelPipeline<kInt8, kEpilogue> pipeline(args, rows);
  ConfigureFewRows(kTileRows);
  for (int panel = panels.begin; panel < panels.end; ++panel) pipeline.Run(panel);
  pipeline.Flush();
}

template <bool kInt8>
void MultiplyByTiles(const GemmArgs& args, const UnitRows& rows, Range panels) {
  const bool direct = !kInt8 && args.epilogue == Epilogue::kStore && args.scale == 1.0f &&
                      args.bias == nullptr && args.w->n % kPanel == 0;
  if (rows.count <= kTileRows) {
    MultiplyFewRowsByTiles<kInt8>(args, rows, panels);
  } else if (direct) {
    ConfigureTiles(kTileRows, kTileRows);
    for (int panel = panels.begin; panel < panels.end; ++panel) {
      MultiplyPanelDirectly<kInt8>(args, rows, panel);
    }
  } else {
    switch (args.epilogue) {
      case Epilogue::kStore: RunPipeline<kInt8, Epilogue::kStore>(args, rows, panels); break;
      case Epilogue::kGelu: RunPipeline<kInt8, Epilogue::kGelu>(args, rows, panels); break;
      case Epilogue::kAdd: RunPipeline<kInt8, Epilogue::kAdd>(args, rows, panels); break;
    }
  }
  // Tiles in their initial state cost nothing at a switch of threads.
  _tile_release();
}

}  // namespace
}  // namespace wt::kernels

#endif
