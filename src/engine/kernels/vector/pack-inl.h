// Packing of matrices into panels. Included once per source of a family.
//
// Four bytes are the unit: a float, or a pair of bf16 numbers. Rows of W become columns of a panel
// by transposing square blocks of kLanes x kLanes units in registers.
#pragma once

namespace wt::kernels {
namespace {

constexpr int kPanel = Simd::kTileVectors * kLanes;
constexpr int kHeadVectors = kHeadSize / kLanes;
constexpr std::ptrdiff_t kPanelRowBytes = kPanel * 4;

// Units of four bytes of a column, padded as PackedMatrix says.
WT_INLINE int StepCount(const PackedMatrix& w) {
  switch (w.type) {
    case PackedType::kF32: return w.k;
    case PackedType::kBf16: return (w.k + 31) / 32 * 16;
    case PackedType::kInt8: return (w.k + 63) / 64 * 16;
    case PackedType::kInt4: return (w.k + 63) / 64 * 8;
  }
  return 0;
}
WT_INLINE std::ptrdiff_t ValueBytes(const PackedMatrix& w) { return StepCount(w) * kPanelRowBytes; }
WT_INLINE std::ptrdiff_t PanelBytes(const PackedMatrix& w) {
  const bool scales = w.type == PackedType::kInt8 || w.type == PackedType::kInt4;
  return ValueBytes(w) + (scales ? kPanelRowBytes : 0);
}

// Up to `count` floats, zeros beyond.
WT_INLINE Float LoadUpTo(const float* p, int count) {
  if (count >= kLanes) return Simd::Load(p);
  if (count <= 0) return Simd::Zero();
  return Simd::LoadMasked(Simd::FirstLanes(count), p);
}

// Packs up to kLanes rows of W, `rows` of which exist, as neighbouring columns that start at dst.
template <PackedType kType>
void PackStrip(const float* src, std::ptrdiff_t ld, int rows, int k, int steps, std::byte* dst) {
  constexpr int kFloatsPerUnit = kType == PackedType::kBf16 ? 2 : 1;
  for (int step = 0; step < steps; step += kLanes) {
    const int i = step * kFloatsPerUnit;
    Float block[kLanes];
    for (int r = 0; r < kLanes; ++r) {
      const float* row = src + r * ld + i;
      if (r >= rows) {
        block[r] = Simd::Zero();
      } else if constexpr (kType == PackedType::kBf16) {
        block[r] = Simd::PackBf16(LoadUpTo(row, k - i), LoadUpTo(row + kLanes, k - i - kLanes));
      } else {
        block[r] = LoadUpTo(row, k - i);
      }
    }
    Simd::Transpose(block);
    const int filled = steps - step < kLanes ? steps - step : kLanes;
    for (int j = 0; j < filled; ++j) Simd::Store(dst + (step + j) * kPanelRowBytes, block[j]);
  }
}

// Of bytes-inl.h.
void PackKeyBytes(const float* src, std::ptrdiff_t ld, int first, int count,
                  const PackedMatrix& shape, std::byte* dst);

void Pack(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
          std::byte* dst) {
  if (shape.type == PackedType::kInt8) {
    // Weights are packed once in their life, keys once per window.
    if (shape.k == kHeadSize) {
      PackKeyBytes(src, ld, first, count, shape, dst);
    } else {
      PackInt8(src, ld, first, count, shape, dst);
    }
    return;
  }
  if (shape.type == PackedType::kInt4) {
    PackInt4(src, ld, first, count, shape, dst);
    return;
  }
  // Columns beyond n in the last panel are written as strips without rows.
  const bool last = first + count == shape.n;
  const int end = last ? (shape.n + kPanel - 1) / kPanel * kPanel : first + count;
  for (int column = first; column < end; column += kLanes) {
    std::byte* strip = dst + column / kPanel * PanelBytes(shape) + column % kPanel * 4;
    const int rows = first + count - column;
    const float* rows_start = rows > 0 ? src + (column - first) * ld : src;
    if (shape.type == PackedType::kBf16) {
      PackStrip<PackedType::kBf16>(rows_start, ld, rows, shape.k, StepCount(shape), strip);
    } else {
      PackStrip<PackedType::kF32>(rows_start, ld, rows, shape.k, StepCount(shape), strip);
    }
  }
}

void PackTransposed(const float* src, std::ptrdiff_t ld, int first, int count,
                    const PackedMatrix& shape, std::byte* dst) {
  const bool pairs = shape.type == PackedType::kBf16;
  const int columns = (shape.n + kPanel - 1) / kPanel * kPanel;
  const int per_step = pairs ? 2 : 1;
  const int end = first + count == shape.k ? StepCount(shape) : (first + count) / per_step;
  for (int step = first / per_step; step < end; ++step) {
    const int i = step * per_step - first;
    const bool has_even = i < count;
    const bool has_odd = i + 1 < count;
    for (int column = 0; column < columns; column += kLanes) {
      const float* even = src + i * ld + column;
      const int rest = shape.n - column;
      Float unit = has_even ? LoadUpTo(even, rest) : Simd::Zero();
      if (pairs) {
        unit = Simd::InterleaveBf16(unit, has_odd ? LoadUpTo(even + ld, rest) : Simd::Zero());
      }
      Simd::Store(
          dst + column / kPanel * PanelBytes(shape) + step * kPanelRowBytes + column % kPanel * 4,
          unit);
    }
  }
}

}  // namespace
}  // namespace wt::kernels
