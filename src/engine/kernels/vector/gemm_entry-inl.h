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

// Rows of C at once where those of A are split: their sums are 24 KiB with AVX-512, as many for 48
// rows and a panel as for 12 rows and four.
constexpr int kSplitRows = kRowBlock / 2;
constexpr int kFewSplitRows = kSplitRows / 4;

// The epilogue of `rows` split rows: sums [2 * rows][columns] of their halves, columns from
// `column` on, of which `exist`.
template <Epilogue kEpilogue>
void FinishSplitRows(const GemmArgs& args, const float* sums, int columns, Range rows, int column,
                     int exist) {
  for (int row = rows.begin; row < rows.end; ++row, sums += 2 * columns) {
    float* c = args.c + row * args.ldc + column;
    for (int i = 0; i < exist; i += kLanes) {
      const int rest = exist - i;
      Float value = Simd::Add(Simd::Load(sums + i), Simd::Load(sums + columns + i));
      if (args.bias != nullptr) value = Simd::Add(value, LoadUpTo(args.bias + column + i, rest));
      if constexpr (kEpilogue == Epilogue::kGelu) value = QuickGelu(value);
      if constexpr (kEpilogue == Epilogue::kAdd) value = Simd::Add(LoadUpTo(c + i, rest), value);
      if (rest >= kLanes) {
        Simd::Store(c + i, value);
      } else {
        Simd::StoreMasked(c + i, Simd::FirstLanes(rest), value);
      }
    }
  }
}

// Both halves of split rows are multiplied as rows of their own; one epilogue follows.
void MultiplySplitRows(const GemmArgs& args, Range rows, Range panels) {
  const PackedMatrix& w = *args.w;
  const int block = rows.end - rows.begin <= kFewSplitRows ? kFewSplitRows : kSplitRows;
  const int at_once = kSplitRows / block;
  alignas(64) float sums[2 * kSplitRows * kPanel];
  for (int row = rows.begin; row < rows.end; row += block) {
    const Range some = {row, Smaller(row + block, rows.end)};
    const Int8Rows halves = args.a8->From(2 * row);
    const UnitRows units = {reinterpret_cast<const std::byte*>(halves.values), halves.stride, 0,
                            2 * (some.end - some.begin)};
    for (int panel = panels.begin; panel < panels.end; panel += at_once) {
      const int count = Smaller(panels.end - panel, at_once);
      const int columns = count * kPanel;
      const int exist = Smaller(w.n - panel * kPanel, columns);
      PackedMatrix part = w;
      part.n = exist;
      part.data += panel * PanelBytes(w);
      GemmArgs product;
      product.a8 = &halves;
      product.w = &part;
      product.c = sums;
      product.ldc = columns;
      MultiplyInt8(product, units, {0, count});
      switch (args.epilogue) {
        case Epilogue::kStore:
          FinishSplitRows<Epilogue::kStore>(args, sums, columns, some, panel * kPanel, exist);
          break;
        case Epilogue::kGelu:
          FinishSplitRows<Epilogue::kGelu>(args, sums, columns, some, panel * kPanel, exist);
          break;
        case Epilogue::kAdd:
          FinishSplitRows<Epilogue::kAdd>(args, sums, columns, some, panel * kPanel, exist);
          break;
      }
    }
  }
}

void Gemm(const GemmArgs& args, Range rows, Range panels, std::uint16_t* a_scratch) {
  const PackedMatrix& w = *args.w;
  if (w.type == PackedType::kInt8 && args.a8->split) {
    MultiplySplitRows(args, rows, panels);
    return;
  }
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

}  // namespace
}  // namespace wt::kernels
