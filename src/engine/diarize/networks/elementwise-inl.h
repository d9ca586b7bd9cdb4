// The functions of simd.h as plain loops that compilers vectorise. Included once per instruction
// set, in an unnamed namespace, so that every set has copies of its own.
#pragma once

#include <cmath>
#include <cstddef>

#include "engine/network/activations-inl.h"

namespace wt::diarize {
namespace {

using network::Sigmoid;
using network::Tanh;

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
