// Frames to log-mel, kLanes of them at a time. Included by simd_*.cc, each with its flags.
//
// Nothing here may instantiate code that other translation units share (standard containers,
// non-inlined templates): the linker could then pick a copy with the wrong instructions.
#pragma once

#include <cstdint>

#include "engine/features/mel_block.h"

namespace wt::features {
namespace {

template <int kLanes>
struct VectorOf {
  typedef float Float __attribute__((vector_size(4 * kLanes)));
  typedef std::int32_t Int __attribute__((vector_size(4 * kLanes)));
};

// Samples beyond this are limited: 200 * 1e9 squared is still far from the largest float32.
constexpr float kSampleMax = 1e9f;

/// NaN and infinity count as 0.
WT_FFT_INLINE float Clean(float x) {
  const float magnitude = x < 0 ? -x : x;
  const float limited = magnitude > kSampleMax ? (x < 0 ? -kSampleMax : kSampleMax) : x;
  return magnitude <= 3.402823466e38f ? limited : 0.0f;
}

/// log10 of positive normal numbers. x = 2^e m with m in [sqrt(1/2), sqrt(2)); the polynomial for
/// log(m) is Cephes logf's; log10(2) is split so that e times its upper part is exact.
template <int kLanes>
WT_FFT_INLINE void Log10(typename VectorOf<kLanes>::Float& x) {
  using Float = typename VectorOf<kLanes>::Float;
  using Int = typename VectorOf<kLanes>::Int;
  constexpr std::int32_t kRootHalf = 0x3f3504f3;  // sqrt(1/2)
  const Int bits = reinterpret_cast<Int>(x);
  const Int exponent = (bits - kRootHalf) >> 23;
  const Int mantissa_bits = bits - exponent * (1 << 23);
  const Float f = reinterpret_cast<Float>(mantissa_bits) - 1.0f;
  Float p = f * 7.0376836292e-2f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const Float square = f * f;
  const Float log_m = f + (f * square * p - square * 0.5f);
  const Float e = __builtin_convertvector(exponent, Float);
  // log10(2) = 0.30078125 (8 bits) + 2.4874566398e-4.
  x = e * 0.30078125f + (e * 2.48745663981195e-4f + log_m * 0.43429448190325182f);
}

/// One block: `frames` <= kLanes frames. What the other lanes give is of no use.
template <int kLanes>
struct Block {
  using Float = typename VectorOf<kLanes>::Float;
  static constexpr int kHalf = kFrameSamples / 2;
  static constexpr int kSpan = (kLanes - 1) * kHopSamples + kFrameSamples;

  alignas(64) float samples[kSpan];
  Float data[kFrameSamples];
  Float scratch[kFrameSamples];
  Float power[kSpectrumBins];

  WT_FFT_INLINE void Load(const float* source, int frames, const float* half_window) {
    const int count = (frames - 1) * kHopSamples + kFrameSamples;
    for (int i = 0; i < count; ++i) samples[i] = Clean(source[i]);
    for (int i = count; i < kSpan; ++i) samples[i] = 0.0f;
    for (int n = 0; n < kHalf; ++n) {
      Float even, odd;
      for (int lane = 0; lane < kLanes; ++lane) {
        even[lane] = samples[lane * kHopSamples + 2 * n];
        odd[lane] = samples[lane * kHopSamples + 2 * n + 1];
      }
      data[n] = even * half_window[2 * n];
      data[n + kHalf] = odd * half_window[2 * n + 1];
    }
  }

  /// The log of one band; `lowest` is 1e-10 in every lane.
  WT_FFT_INLINE void Band(const MelBand& band, const float* weights, Float& value) const {
    Float sum = {};
    for (int i = 0; i < band.bins; ++i) sum = sum + power[band.first_bin + i] * weights[i];
    const Float lowest = Float{} + 1e-10f;
    value = sum > lowest ? sum : lowest;
    Log10<kLanes>(value);
  }
};

template <int kLanes>
WT_FFT_INLINE float MelFrames(const MelBlockArgs& args) {
  using Float = typename VectorOf<kLanes>::Float;
  Block<kLanes> block;
  Float largest = Float{} + kLogFloor;
  for (int first = 0; first < args.frames; first += kLanes) {
    const int frames = args.frames - first < kLanes ? args.frames - first : kLanes;
    block.Load(args.samples + static_cast<std::ptrdiff_t>(first) * kHopSamples, frames,
               args.tables->half_window);
    tensor::PowerSpectrum<kFrameSamples>(args.tables->fft, block.data, block.scratch, block.power);
    for (int m = 0; m < args.tables->n_mels; ++m) {
      Float value;
      block.Band(args.bands[m], args.weights + args.bands[m].weights, value);
      value = value > kLogFloor ? value : Float{} + kLogFloor;  // 1e-10 gives it exactly.
      float* row = args.out + static_cast<std::ptrdiff_t>(m) * args.stride + first;
      if (frames == kLanes) {
        __builtin_memcpy(row, &value, sizeof(value));
      } else {
        for (int lane = 0; lane < frames; ++lane) row[lane] = value[lane];
        // Lanes without a frame hold the end of the last one, cut off: not to be counted.
        for (int lane = frames; lane < kLanes; ++lane) value[lane] = kLogFloor;
      }
      largest = value > largest ? value : largest;
    }
  }
  float result = kLogFloor;
  for (int lane = 0; lane < kLanes; ++lane)
    result = largest[lane] > result ? largest[lane] : result;
  return result;
}

}  // namespace
}  // namespace wt::features
