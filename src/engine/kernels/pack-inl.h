// Packing of matrices into panels. Included once per source of a family.
//
// Four bytes are the unit: a float, or a pair of bf16 numbers. Rows of W become columns of a panel
// by transposing square blocks of kLanes x kLanes units in registers.
#pragma once

namespace wt::kernels {
namespace {

constexpr int kPanel = Simd::kTileVectors * kLanes;
constexpr std::ptrdiff_t kPanelRowBytes = kPanel * 4;

// Units of four bytes along k.
WT_INLINE int StepCount(const PackedMatrix& w) {
  return w.type == PackedType::kBf16 ? (w.k + 1) / 2 : w.k;
}
WT_INLINE std::ptrdiff_t PanelBytes(const PackedMatrix& w) { return StepCount(w) * kPanelRowBytes; }

// Up to `count` floats, zeros beyond.
WT_INLINE Float LoadUpTo(const float* p, int count) {
  if (count >= kLanes) return Simd::Load(p);
  if (count <= 0) return Simd::Zero();
  return Simd::LoadMasked(Simd::FirstLanes(count), p);
}

// Packs up to kLanes rows of W, `rows` of which exist, as neighbouring columns that start at dst.
template <PackedType kType>
void PackStrip(const float* src, std::ptrdiff_t ld, int rows, int k, std::byte* dst) {
  constexpr int kFloatsPerUnit = kType == PackedType::kBf16 ? 2 : 1;
  const int steps = (k + kFloatsPerUnit - 1) / kFloatsPerUnit;
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

void Pack(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
          std::byte* dst) {
  // Columns beyond n in the last panel are written as strips without rows.
  const bool last = first + count == shape.n;
  const int end = last ? (shape.n + kPanel - 1) / kPanel * kPanel : first + count;
  for (int column = first; column < end; column += kLanes) {
    std::byte* strip = dst + column / kPanel * PanelBytes(shape) + column % kPanel * 4;
    const int rows = first + count - column;
    const float* rows_start = rows > 0 ? src + (column - first) * ld : src;
    if (shape.type == PackedType::kBf16) {
      PackStrip<PackedType::kBf16>(rows_start, ld, rows, shape.k, strip);
    } else {
      PackStrip<PackedType::kF32>(rows_start, ld, rows, shape.k, strip);
    }
  }
}

void PackTransposed(const float* src, std::ptrdiff_t ld, const PackedMatrix& shape,
                    std::byte* dst) {
  const bool pairs = shape.type == PackedType::kBf16;
  const int columns = (shape.n + kPanel - 1) / kPanel * kPanel;
  for (int step = 0; step < StepCount(shape); ++step) {
    const int i = pairs ? step * 2 : step;
    const bool has_odd = i + 1 < shape.k;
    for (int column = 0; column < columns; column += kLanes) {
      const float* even = src + i * ld + column;
      const int rest = shape.n - column;
      Float unit = LoadUpTo(even, rest);
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
