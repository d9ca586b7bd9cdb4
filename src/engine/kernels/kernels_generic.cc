// The generic set: plain scalar C++ for every processor, and the oracle of the other sets.
//
// A product of two bf16 numbers is exact in float32 (8 + 8 bits of mantissa), so adding it to the
// sum rounds once, as VDPBF16PS does; the pair is added odd element first, in that instruction's
// order (Intel SDM, VDPBF16PS). Sums of layer_norm, softmax and sum_exp are kept in double: an
// oracle should not add errors of its own.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "engine/kernels/kernel_sets.h"
#include "engine/kernels/rotation.h"
#include "engine/tensor/numbers.h"

namespace wt::kernels {
namespace {

// 16 floats are four 128-bit registers, which compilers vectorise on any 64-bit processor.
constexpr int kPanel = 16;
constexpr int kHeadSize = 64;
constexpr float kLayerNormEpsilon = 1e-5f;
constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();

float ScalarGelu(float x) {
  // The tail by complement: 1 + erf(x) would cancel for negative x.
  return 0.5f * x * std::erfc(-x * 0.70710678118654752f);
}

// Writes W[column, i] at its place in the panels.
void PutElement(const PackedMatrix& shape, int column, int i, float value, std::byte* dst) {
  const auto panel_start = static_cast<std::size_t>(column / kPanel) * shape.bytes_per_panel();
  const auto lane = static_cast<std::size_t>(column % kPanel);
  const auto row = static_cast<std::size_t>(i);
  std::byte* panel = dst + panel_start;
  if (shape.type == PackedType::kF32) {
    std::memcpy(panel + (row * kPanel + lane) * sizeof(float), &value, sizeof value);
    return;
  }
  const std::uint16_t rounded = tensor::FloatToBf16(value);
  const std::size_t element = (row / 2 * kPanel + lane) * 2 + row % 2;
  std::memcpy(panel + element * sizeof rounded, &rounded, sizeof rounded);
}

void ZeroColumnsFrom(const PackedMatrix& shape, int column, std::byte* dst) {
  for (; column < shape.panels() * kPanel; ++column) {
    for (int i = 0; i < shape.padded_k(); ++i) PutElement(shape, column, i, 0.0f, dst);
  }
}

void Pack(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
          std::byte* dst) {
  WT_DCHECK(shape.panel == kPanel);
  if (shape.type == PackedType::kInt8) {
    PackInt8(src, ld, first, count, shape, dst);
    return;
  }
  if (shape.type == PackedType::kInt4) {
    PackInt4(src, ld, first, count, shape, dst);
    return;
  }
  for (int c = 0; c < count; ++c) {
    for (int i = 0; i < shape.padded_k(); ++i) {
      PutElement(shape, first + c, i, i < shape.k ? src[c * ld + i] : 0.0f, dst);
    }
  }
  if (first + count == shape.n) ZeroColumnsFrom(shape, shape.n, dst);
}

void PackTransposed(const float* src, std::ptrdiff_t ld, int first, int count,
                    const PackedMatrix& shape, std::byte* dst) {
  WT_DCHECK(shape.panel == kPanel);
  const int end = first + count == shape.k ? shape.padded_k() : first + count;
  for (int i = first; i < end; ++i) {
    for (int c = 0; c < shape.n; ++c) {
      PutElement(shape, c, i, i < shape.k ? src[(i - first) * ld + c] : 0.0f, dst);
    }
  }
  ZeroColumnsFrom(shape, shape.n, dst);
}

void PackValues(const float* src, std::ptrdiff_t ld, int first, int count,
                const PackedMatrix& shape, std::byte* dst, float* scales) {
  const bool last = first + count == shape.k;
  const int end = last ? shape.padded_k() : first + count;
  for (int i = first; i < end; ++i) {
    const float* row = i < shape.k ? src + (i - first) * ld : nullptr;
    float largest = 0.0f;
    for (int c = 0; row != nullptr && c < shape.n; ++c) {
      largest = std::max(largest, std::fabs(row[c]));
    }
    const bool zero = largest < 0x1p-100f;
    const float inverse = zero ? 0.0f : 127.0f / largest;
    scales[i] = zero ? 0.0f : largest / 127.0f;
    for (int c = 0; c < shape.n; ++c) {
      const float scaled = row != nullptr ? row[c] * inverse : 0.0f;
      const long whole = std::isnan(scaled) ? 0 : std::lrintf(scaled);
      std::byte* panel = dst + static_cast<std::size_t>(c / kPanel) * shape.bytes_per_panel();
      panel[(i / 4 * kPanel + c % kPanel) * 4 + i % 4] = static_cast<std::byte>(whole + 128);
    }
  }
  if (!last) return;
  float ones[kPanel];
  std::fill(ones, ones + kPanel, 1.0f);
  for (int p = 0; p < shape.panels(); ++p) {
    std::memcpy(
        dst + static_cast<std::size_t>(p) * shape.bytes_per_panel() + shape.value_bytes_per_panel(),
        ones, sizeof ones);
  }
}

void AccumulateF32(const float* a, const std::byte* panel, int k, float* sums) {
  for (int i = 0; i < k; ++i) {
    float w[kPanel];
    std::memcpy(w, panel + static_cast<std::size_t>(i) * sizeof w, sizeof w);
    for (int j = 0; j < kPanel; ++j) sums[j] += a[i] * w[j];
  }
}

void AccumulateBf16(const std::uint16_t* a, const std::byte* panel, int padded_k, float* sums) {
  for (int i = 0; i < padded_k; i += 2) {
    std::uint16_t w[2 * kPanel];
    std::memcpy(w, panel + static_cast<std::size_t>(i / 2) * sizeof w, sizeof w);
    const float even = tensor::Bf16ToFloat(a[i]);
    const float odd = tensor::Bf16ToFloat(a[i + 1]);
    for (int j = 0; j < kPanel; ++j) {
      sums[j] += odd * tensor::Bf16ToFloat(w[2 * j + 1]);
      sums[j] += even * tensor::Bf16ToFloat(w[2 * j]);
    }
  }
}

void AccumulateInt8(const std::int8_t* a, const std::byte* panel, int padded_k,
                    std::int32_t* sums) {
  for (int i = 0; i < padded_k; ++i) {
    const std::byte* units = panel + static_cast<std::size_t>(i / 4) * kPanel * 4;
    for (int j = 0; j < kPanel; ++j) sums[j] += a[i] * std::to_integer<int>(units[j * 4 + i % 4]);
  }
}

void AccumulateInt4(const std::int8_t* a, const std::byte* panel, int padded_k,
                    std::int32_t* sums) {
  for (int i = 0; i < padded_k; ++i) {
    const std::byte* units = panel + static_cast<std::size_t>(i / 8) * kPanel * 4;
    const int shift = i % 8 < 4 ? 0 : 4;
    for (int j = 0; j < kPanel; ++j) {
      sums[j] += a[i] * (std::to_integer<int>(units[j * 4 + i % 4] >> shift) & 15);
    }
  }
}

// int8 and int4: whole numbers to floats, rounded where the vector sets round. `row`: of bytes.
void Dequantize(const GemmArgs& args, int row, int column, const std::int32_t* whole, float* sums) {
  const PackedMatrix& w = *args.w;
  const std::byte* panel = w.data + static_cast<std::size_t>(column / kPanel) * w.bytes_per_panel();
  float scales[kPanel];
  std::memcpy(scales, panel + w.value_bytes_per_panel(), sizeof scales);
  for (int j = 0; j < kPanel; ++j) {
    // 7.5 times the row's sum is 15 / 256 of 128 times it.
    const float exact =
        w.type == PackedType::kInt4
            ? static_cast<float>(whole[j]) - static_cast<float>(args.a8->offsets[row]) * 0.05859375f
            : static_cast<float>(whole[j] - args.a8->offsets[row]);
    const bool exists = args.bias != nullptr && column + j < w.n && !args.a8->split;
    sums[j] =
        std::fma(exact * args.a8->scales[row], scales[j], exists ? args.bias[column + j] : 0.0f);
  }
}

// One row times one panel of bytes.
void MultiplyBytes(const GemmArgs& args, int row, int p, float* sums) {
  const PackedMatrix& w = *args.w;
  const std::byte* panel = w.data + static_cast<std::size_t>(p) * w.bytes_per_panel();
  const auto accumulate = w.type == PackedType::kInt8 ? AccumulateInt8 : AccumulateInt4;
  const int halves = args.a8->split ? 2 : 1;
  float parts[2][kPanel];
  for (int half = 0; half < halves; ++half) {
    const int byte_row = row * halves + half;
    std::int32_t whole[kPanel] = {};
    accumulate(args.a8->values + byte_row * args.a8->stride, panel, w.padded_k(), whole);
    Dequantize(args, byte_row, p * kPanel, whole, parts[half]);
  }
  for (int j = 0; j < kPanel; ++j) {
    const int column = p * kPanel + j;
    sums[j] = parts[0][j];
    if (halves == 1) continue;
    sums[j] += parts[1][j];
    if (args.bias != nullptr && column < w.n) sums[j] += args.bias[column];
  }
}

void Finish(const GemmArgs& args, int row, int column, const float* sums) {
  float* c = args.c + row * args.ldc + column;
  const int columns = std::min(kPanel, args.w->n - column);
  for (int j = 0; j < columns; ++j) {
    float value = sums[j];
    if (!args.w->is_quantized()) {
      value = value * args.scale + (args.bias != nullptr ? args.bias[column + j] : 0);
    }
    switch (args.epilogue) {
      case Epilogue::kStore: c[j] = value; break;
      case Epilogue::kGelu: c[j] = ScalarGelu(value); break;
      case Epilogue::kAdd: c[j] += value; break;
    }
  }
}

void Gemm(const GemmArgs& args, Range rows, Range panels, std::uint16_t* a_scratch) {
  const PackedMatrix& w = *args.w;
  WT_DCHECK(w.panel == kPanel);
  for (int row = rows.begin; row < rows.end; ++row) {
    const float* a = args.a + row * args.lda;
    if (w.type == PackedType::kBf16) {
      for (int i = 0; i < w.padded_k(); ++i) {
        a_scratch[i] = i < w.k ? tensor::FloatToBf16(a[i]) : std::uint16_t{0};
      }
    }
    for (int p = panels.begin; p < panels.end; ++p) {
      const std::byte* panel = w.data + static_cast<std::size_t>(p) * w.bytes_per_panel();
      float sums[kPanel] = {};
      if (w.is_quantized()) {
        MultiplyBytes(args, row, p, sums);
      } else if (w.type == PackedType::kF32) {
        AccumulateF32(a, panel, w.k, sums);
      } else {
        AccumulateBf16(a_scratch, panel, w.padded_k(), sums);
      }
      Finish(args, row, p * kPanel, sums);
    }
  }
}

void Rotate(const float* x, std::ptrdiff_t ldx, int rows, int k, float* out) {
  for (int row = 0; row < rows; ++row, x += ldx, out += k) RotateRow(x, k, out);
}

std::int8_t ToByte(float x) {
  const long whole = std::isnan(x) ? -128 : std::lrintf(x);
  return static_cast<std::int8_t>(std::clamp(whole, -128L, 127L));
}

// A row of k numbers as bytes, zeros up to padded_k; as two rows where `out` is split.
void QuantizeRow(const float* x, int k, int padded_k, float largest, const Int8Rows& out,
                 bool split) {
  const bool zero = largest < 0x1p-100f;
  const float inverse = zero ? 0.0f : 127.0f / largest;
  const int halves = split ? 2 : 1;
  std::fill(out.offsets, out.offsets + halves, 0);
  for (int i = 0; i < padded_k; ++i) {
    float rest = i < k ? x[i] * inverse : 0.0f;
    for (int half = 0; half < halves; ++half) {
      const std::int8_t value = ToByte(rest);
      out.values[half * out.stride + i] = value;
      out.offsets[half] += value * 128;
      rest = (rest - static_cast<float>(value)) * 128.0f;
    }
  }
  out.scales[0] = zero ? 0.0f : largest / 127.0f;
  if (split) out.scales[1] = out.scales[0] / 128.0f;
}

float Magnitude(const float* x, int k) {
  float largest = 0.0f;
  for (int i = 0; i < k; ++i) {
    const float magnitude = std::fabs(x[i]);
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

void Quantize(const float* x, std::ptrdiff_t ldx, int rows, int k, int padded_k,
              const Int8Rows& out) {
  for (int row = 0; row < rows; ++row, x += ldx) {
    QuantizeRow(x, k, padded_k, Magnitude(x, k), out.From(out.split ? 2 * row : row), out.split);
  }
}

void LayerNorm(const float* x, std::ptrdiff_t ldx, const float* gamma, const float* beta, int rows,
               int n, float* out, std::ptrdiff_t ldo) {
  for (int row = 0; row < rows; ++row, x += ldx, out += ldo) {
    double sum = 0.0;
    for (int i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
    const double mean = sum / n;
    double squares = 0.0;
    for (int i = 0; i < n; ++i) {
      const double centred = static_cast<double>(x[i]) - mean;
      squares += centred * centred;
    }
    const double inverse = 1.0 / std::sqrt(squares / n + static_cast<double>(kLayerNormEpsilon));
    for (int i = 0; i < n; ++i) {
      const auto normal = static_cast<float>((static_cast<double>(x[i]) - mean) * inverse);
      out[i] = normal * gamma[i] + beta[i];
    }
  }
}

float Max(const float* x, std::size_t n) {
  float largest = kNegativeInfinity;
  for (std::size_t i = 0; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

void SoftmaxRow(float* x, int n) {
  const float shift = Max(x, static_cast<std::size_t>(n));
  if (shift == kNegativeInfinity) {
    for (int i = 0; i < n; ++i) x[i] = 0.0f;
    return;
  }
  double sum = 0.0;
  for (int i = 0; i < n; ++i) {
    x[i] = std::exp(x[i] - shift);
    sum += static_cast<double>(x[i]);
  }
  const auto factor = static_cast<float>(1.0 / sum);
  for (int i = 0; i < n; ++i) x[i] *= factor;
}

void Softmax(float* x, std::ptrdiff_t ldx, int rows, int n) {
  for (int row = 0; row < rows; ++row) SoftmaxRow(x + row * ldx, n);
}

void Gelu(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = ScalarGelu(x[i]);
}

void Add(float* x, const float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] += y[i];
}

float SumExp(const float* x, std::size_t n, float shift) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    if (x[i] != kNegativeInfinity) sum += static_cast<double>(std::exp(x[i] - shift));
  }
  return static_cast<float>(sum);
}

// One query over keys and values of bytes; bytes: 2 * padded.
void ByteAttentionRow(const AttentionArgs& args, int r, float* scores, std::int8_t* bytes) {
  const int positions = args.keys->n, padded = args.values->padded_k();
  std::int8_t query_bytes[2 * kHeadSize];
  float scales[2];
  std::int32_t offsets[2];
  const Int8Rows query = {query_bytes, kHeadSize, scales, offsets, true};
  Quantize(args.q + r * args.ldq, args.ldq, 1, kHeadSize, kHeadSize, query);
  GemmArgs product;
  product.a8 = &query;
  product.w = args.keys;
  product.c = scores;
  Gemm(product, {0, 1}, {0, args.keys->panels()}, nullptr);
  SoftmaxRow(scores, positions);
  if (args.probabilities != nullptr) {
    std::copy(scores, scores + positions,
              args.probabilities + static_cast<std::ptrdiff_t>(r) * positions);
  }
  for (int t = 0; t < positions; ++t) scores[t] *= args.value_scales[t];
  const Int8Rows numerators = {bytes, padded, scales, offsets, true};
  Quantize(scores, padded, 1, positions, padded, numerators);
  product.a8 = &numerators;
  product.w = args.values;
  product.c = args.out + r * args.ldo;
  Gemm(product, {0, 1}, {0, args.values->panels()}, nullptr);
}

void Attention(const AttentionArgs& args, float* scores, std::uint16_t* scratch) {
  const int positions = args.keys->n;
  if (args.keys->type == PackedType::kInt8) {
    for (int r = 0; r < args.rows; ++r) {
      ByteAttentionRow(args, r, scores, reinterpret_cast<std::int8_t*>(scratch));
    }
    return;
  }
  GemmArgs product;
  product.a = args.q;
  product.lda = args.ldq;
  product.w = args.keys;
  product.c = scores;
  product.ldc = positions;
  Gemm(product, {0, args.rows}, {0, args.keys->panels()}, scratch);
  Softmax(scores, positions, args.rows, positions);
  if (args.probabilities != nullptr) {
    std::copy(scores, scores + static_cast<std::ptrdiff_t>(args.rows) * positions,
              args.probabilities);
  }
  product.a = scores;
  product.lda = positions;
  product.w = args.values;
  product.c = args.out;
  product.ldc = args.ldo;
  Gemm(product, {0, args.rows}, {0, args.values->panels()}, scratch);
}

void CachedAttention(const float* q, const float* keys, const float* values,
                     const std::ptrdiff_t* offsets, int count, int heads, float* scores,
                     float* out) {
  for (int head = 0; head < heads; ++head) {
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(head) * kHeadSize;
    for (int t = 0; t < count; ++t) {
      const float* key = keys + offsets[t] + first;
      float sum = 0.0f;
      for (int i = 0; i < kHeadSize; ++i) sum += q[first + i] * key[i];
      scores[t] = sum;
    }
    SoftmaxRow(scores, count);
    for (int i = 0; i < kHeadSize; ++i) {
      float sum = 0.0f;
      for (int t = 0; t < count; ++t) sum += scores[t] * values[offsets[t] + first + i];
      out[first + i] = sum;
    }
  }
}

}  // namespace

const KernelSet kGenericKernels = {
    .isa = Isa::kGeneric,
    .panel = kPanel,
    .tile_rows = 1,
    .pack = Pack,
    .pack_transposed = PackTransposed,
    .pack_values = PackValues,
    .gemm = Gemm,
    .rotate = Rotate,
    .quantize = Quantize,
    .attention = Attention,
    .layer_norm = LayerNorm,
    .softmax = Softmax,
    .gelu = Gelu,
    .add = Add,
    .max = Max,
    .sum_exp = SumExp,
    .cached_attention = CachedAttention,
};

}  // namespace wt::kernels
