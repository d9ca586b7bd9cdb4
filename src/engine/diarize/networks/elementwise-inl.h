// The functions of simd.h as plain loops that compilers vectorise. Included once per instruction
// set, in an unnamed namespace, so that every set has copies of its own.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace wt::diarize {
namespace {

// exp to 2 ulp, in a form that compilers vectorise: x = n log(2) + r, |r| <= log(2) / 2, with the
// polynomial of Cephes expf. Limited to where 2^n is a normal number.
inline float Exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 87.0f ? 87.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer.
  const float n = (x * 1.44269504088896341f + kRound) - kRound;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

inline float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }
inline float Tanh(float x) { return 2.0f / (1.0f + Exp(-2.0f * x)) - 1.0f; }
inline float Leaky(float x) { return x < 0.0f ? 0.01f * x : x; }
inline float Larger(float a, float b) { return a > b ? a : b; }

void LstmCell(const float* __restrict gates, int n, float* __restrict c, float* __restrict h) {
  for (int i = 0; i < n; ++i) {
    const float kept = Sigmoid(gates[i + n]) * c[i];
    c[i] = kept + Sigmoid(gates[i]) * Tanh(gates[i + 2 * n]);
    h[i] = Sigmoid(gates[i + 3 * n]) * Tanh(c[i]);
  }
}

void Relu(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = Larger(x[i], 0.0f);
}

void LeakyRelu(float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = Leaky(x[i]);
}

void ScaleRelu(const float* x, std::ptrdiff_t ldx, const float* __restrict scale,
               const float* __restrict shift, int rows, int n, float* out, std::ptrdiff_t ldo) {
  for (int r = 0; r < rows; ++r) {
    const float* __restrict from = x + r * ldx;
    float* __restrict to = out + r * ldo;
    for (int i = 0; i < n; ++i) to[i] = Larger(from[i] * scale[i] + shift[i], 0.0f);
  }
}

void ScaleLeaky(float* x, const float* __restrict scale, const float* __restrict shift, int rows,
                int n) {
  for (int r = 0; r < rows; ++r) {
    float* __restrict row = x + static_cast<std::ptrdiff_t>(r) * n;
    for (int i = 0; i < n; ++i) row[i] = Leaky(row[i] * scale[i] + shift[i]);
  }
}

void Pool(const float* __restrict x, int rows, int n, float* __restrict out) {
  for (int r = 0; r < rows; ++r, x += 3 * n, out += n) {
    for (int i = 0; i < n; ++i) out[i] = Larger(Larger(x[i], x[i + n]), x[i + 2 * n]);
  }
}

void PoolMagnitudes(const float* __restrict x, int rows, int n, float* __restrict out) {
  for (int r = 0; r < rows; ++r, x += 3 * n, out += n) {
    for (int i = 0; i < n; ++i) {
      out[i] = Larger(Larger(std::fabs(x[i]), std::fabs(x[i + n])), std::fabs(x[i + 2 * n]));
    }
  }
}

void Fold(const float* __restrict x, int half, float* __restrict sums,
          float* __restrict differences) {
  for (int j = 0; j < half; ++j) {
    const float a = x[j], b = x[2 * half - j];
    sums[j] = a + b;
    differences[j] = a - b;
  }
  sums[half] = x[half];
}

}  // namespace
}  // namespace wt::diarize

/// The table of this source's copies.
#define WT_DIARIZE_SIMD_SET(isa_name) \
  {.name = isa_name,                  \
   .lstm_cell = LstmCell,             \
   .relu = Relu,                      \
   .leaky = LeakyRelu,                \
   .scale_relu = ScaleRelu,           \
   .scale_leaky = ScaleLeaky,         \
   .pool = Pool,                      \
   .pool_magnitudes = PoolMagnitudes, \
   .fold = Fold}
