#include "engine/kernels/rotation.h"

#include <algorithm>
#include <cstdint>

namespace wt::kernels {
namespace {

// The top bits of a mixed counter (SplitMix64: Steele, Lea and Flood, 2014).
constexpr RotationSigns MakeSigns() {
  RotationSigns signs = {};
  std::uint64_t state = 0;
  for (float& sign : signs.of) {
    state += 0x9E3779B97F4A7C15u;
    std::uint64_t bits = (state ^ state >> 30) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
    sign = bits >> 63 == 0 ? 1.0f : -1.0f;
  }
  return signs;
}

// The Hadamard matrix times every block of a row, in place.
void Mix(float* row, int k, int block) {
  for (float* x = row; x < row + k; x += block) {
    for (int half = 1; half < block; half *= 2) {
      for (int at = 0; at < block; at += 2 * half) {
        for (int i = at; i < at + half; ++i) {
          const float first = x[i], second = x[i + half];
          x[i] = first + second;
          x[i + half] = first - second;
        }
      }
    }
  }
}

// out = x * the sign of its place * factor; x where nothing is mixed.
void Sign(const float* x, int k, int block, float factor, float* out) {
  for (int i = 0; i < k; ++i) {
    out[i] = block == 1 ? x[i] : x[i] * (kRotationSigns.of[i % block] * factor);
  }
}

}  // namespace

constinit const RotationSigns kRotationSigns = MakeSigns();

int RotationBlock(int k) {
  if (k % kRotationLanes != 0) return 1;
  const auto bits = static_cast<unsigned>(k);
  const unsigned lowest = bits & (~bits + 1);
  return std::min(static_cast<int>(lowest), kRotationBlockMax);
}

void RotateRow(const float* x, int k, float* out) {
  const int block = RotationBlock(k);
  Sign(x, k, block, 1.0f, out);
  Mix(out, k, block);
}

void RotateWeights(float* w, int k) {
  const int block = RotationBlock(k);
  Sign(w, k, block, 1.0f / static_cast<float>(block), w);
  Mix(w, k, block);
}

void UnrotateWeights(float* w, int k) {
  const int block = RotationBlock(k);
  Mix(w, k, block);
  Sign(w, k, block, 1.0f, w);
}

}  // namespace wt::kernels
