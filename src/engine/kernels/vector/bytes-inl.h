// Rows of activations as bytes, and keys and values of attention packed as bytes. Included once per
// source of a family.
#pragma once

namespace wt::kernels {
namespace {

WT_INLINE float Magnitude(const float* x, int k) {
  Float largest[kChains] = {Simd::Zero(), Simd::Zero(), Simd::Zero(), Simd::Zero()};
  ForEachVector(x, static_cast<std::size_t>(k), 0.0f,
                [&](Float v, int chain) __attribute__((always_inline)) {
                  // NaN gives the second operand.
                  largest[chain] = Simd::Max(Simd::Abs(v), largest[chain]);
                });
  return Simd::ReduceMax(
      Simd::Max(Simd::Max(largest[0], largest[1]), Simd::Max(largest[2], largest[3])));
}

WT_INLINE std::int32_t OffsetOf(Simd::Int sums) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(Simd::ReduceAddInt(sums)) * 128u);
}

// A row of k numbers up to `magnitude` as bytes, zeros up to padded_k.
void QuantizeRow(const float* x, int k, int padded_k, float magnitude, const Int8Rows& out) {
  const bool zero = magnitude < 0x1p-100f;
  const Float inverse = Simd::Set(zero ? 0.0f : 127.0f / magnitude);
  Simd::Int sums = Simd::SetInt(0);
  for (int i = 0; i < padded_k; i += 4 * kLanes) {
    Simd::Int parts[4];
    for (int j = 0; j < 4; ++j) {
      const int at = i + j * kLanes;
      parts[j] = Simd::ToInt(Simd::Mul(LoadUpTo(x + at, k - at), inverse));
      sums = Simd::AddInt(sums, parts[j]);
    }
    Simd::Store(out.values + i, Simd::PackBytes(parts[0], parts[1], parts[2], parts[3]));
  }
  out.scales[0] = zero ? 0.0f : magnitude / 127.0f;
  out.offsets[0] = OffsetOf(sums);
}

// The same as a split row: the second byte holds what the first one was rounded by.
void SplitRow(const float* x, int k, int padded_k, float magnitude, const Int8Rows& out) {
  const bool zero = magnitude < 0x1p-100f;
  const Float inverse = Simd::Set(zero ? 0.0f : 127.0f / magnitude);
  const Float finer = Simd::Set(128.0f);
  std::int8_t* second = out.values + out.stride;
  Simd::Int upper_sum = Simd::SetInt(0);
  Simd::Int lower_sum = Simd::SetInt(0);
  for (int i = 0; i < padded_k; i += 4 * kLanes) {
    Simd::Int uppers[4];
    Simd::Int lowers[4];
    for (int j = 0; j < 4; ++j) {
      const int at = i + j * kLanes;
      const Float value = Simd::Mul(LoadUpTo(x + at, k - at), inverse);
      uppers[j] = Simd::ToInt(value);
      lowers[j] = Simd::ToInt(Simd::Mul(Simd::Sub(value, Simd::ToFloat(uppers[j])), finer));
      upper_sum = Simd::AddInt(upper_sum, uppers[j]);
      lower_sum = Simd::AddInt(lower_sum, lowers[j]);
    }
    Simd::Store(out.values + i, Simd::PackBytes(uppers[0], uppers[1], uppers[2], uppers[3]));
    Simd::Store(second + i, Simd::PackBytes(lowers[0], lowers[1], lowers[2], lowers[3]));
  }
  out.scales[0] = zero ? 0.0f : magnitude / 127.0f;
  out.scales[1] = out.scales[0] / 128.0f;
  out.offsets[0] = OffsetOf(upper_sum);
  out.offsets[1] = OffsetOf(lower_sum);
}

// Rows of floats as bytes.
void Quantize(const float* x, std::ptrdiff_t ldx, int rows, int k, int padded_k,
              const Int8Rows& out) {
  for (int row = 0; row < rows; ++row, x += ldx) {
    if (out.split) {
      SplitRow(x, k, padded_k, Magnitude(x, k), out.From(2 * row));
    } else {
      QuantizeRow(x, k, padded_k, Magnitude(x, k), out.From(row));
    }
  }
}

// One strip of kLanes keys, `rows` of which exist, as neighbouring columns at dst.
WT_INLINE void PackKeyStrip(const float* src, std::ptrdiff_t ld, int rows, std::byte* dst,
                            std::byte* scales_out) {
  alignas(64) std::int8_t bytes[kLanes * kHeadSize] = {};
  alignas(64) float scales[kLanes] = {};
  std::int32_t offsets[kLanes];
  if (rows > 0) Quantize(src, ld, rows, kHeadSize, kHeadSize, {bytes, kHeadSize, scales, offsets});
  // kLanes units of four bytes are one vector.
  for (int vector = 0; vector < kHeadSize / (4 * kLanes); ++vector) {
    Float block[kLanes];
    for (int r = 0; r < kLanes; ++r) {
      block[r] = Simd::Load(bytes + r * kHeadSize + vector * 4 * kLanes);
    }
    Simd::Transpose(block);
    for (int j = 0; j < kLanes; ++j) {
      Simd::Store(dst + (vector * kLanes + j) * kPanelRowBytes, Simd::ToUnsignedBytes(block[j]));
    }
  }
  Simd::Store(scales_out, Simd::Load(scales));
}

// The same bytes as PackInt8.
void PackKeyBytes(const float* src, std::ptrdiff_t ld, int first, int count,
                  const PackedMatrix& shape, std::byte* dst) {
  const bool last = first + count == shape.n;
  const int end = last ? (shape.n + kPanel - 1) / kPanel * kPanel : first + count;
  for (int column = first; column < end; column += kLanes) {
    std::byte* panel = dst + column / kPanel * PanelBytes(shape);
    const int lane_bytes = column % kPanel * 4;
    const int rest = first + count - column;
    PackKeyStrip(rest > 0 ? src + (column - first) * ld : src, ld, rest < kLanes ? rest : kLanes,
                 panel + lane_bytes, panel + ValueBytes(shape) + lane_bytes);
  }
}

// The inverse of a value's scale, which goes to *scale; 0 for zeros.
WT_INLINE float FindValueScale(const float* row, float* scale) {
  Float largest = Simd::Zero();
  for (int i = 0; i < kHeadVectors; ++i) {
    largest = Simd::Max(Simd::Abs(Simd::Load(row + i * kLanes)), largest);
  }
  const float magnitude = Simd::ReduceMax(largest);
  const bool zero = magnitude < 0x1p-100f;
  *scale = zero ? 0.0f : magnitude / 127.0f;
  return zero ? 0.0f : 127.0f / magnitude;
}

void PackValues(const float* src, std::ptrdiff_t ld, int first, int count,
                const PackedMatrix& shape, std::byte* dst, float* scales) {
  const bool last = first + count == shape.k;
  const int end = last ? StepCount(shape) * 4 : first + count;
  for (int position = first; position < end; position += 4) {
    const float* rows[4];
    Float inverses[4];
    for (int j = 0; j < 4; ++j) {
      const int row = position + j - first;
      rows[j] = src + (row < count ? row * ld : 0);
      float scale = 0.0f;
      const float inverse = FindValueScale(rows[j], &scale);
      scales[position + j] = row < count ? scale : 0.0f;
      inverses[j] = Simd::Set(row < count ? inverse : 0.0f);
    }
    std::byte* units = dst + position / 4 * kPanelRowBytes;
    for (int column = 0; column < kHeadSize; column += kLanes) {
      Simd::Int parts[4];
      for (int j = 0; j < 4; ++j) {
        parts[j] = Simd::ToInt(Simd::Mul(Simd::Load(rows[j] + column), inverses[j]));
      }
      Simd::Store(units + column / kPanel * PanelBytes(shape) + column % kPanel * 4,
                  Simd::InterleaveBytes(parts[0], parts[1], parts[2], parts[3]));
    }
  }
  if (!last) return;
  for (int column = 0; column < kHeadSize; column += kLanes) {
    Simd::Store(dst + column / kPanel * PanelBytes(shape) + ValueBytes(shape) + column % kPanel * 4,
                Simd::Set(1.0f));
  }
}

}  // namespace
}  // namespace wt::kernels
