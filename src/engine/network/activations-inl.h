// Activations of the networks beside Whisper, in a form that compilers vectorise.
//
// In an unnamed namespace, because it is included by sources that are compiled for one instruction
// set each: every one has copies of its own. Without fused multiply-adds (cmake/compile_options)
// all of them give the same bits. Pure functions.
#pragma once

#include <bit>
#include <cstdint>

namespace wt::network {
namespace {

// exp to 2 ulp: x = n log(2) + r, |r| <= log(2) / 2, with the
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

}  // namespace
}  // namespace wt::network
