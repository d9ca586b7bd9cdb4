// The rotation of rows (rotation.h), with the additions of its oracle in their order. Included once
// per source of a family.
#pragma once

namespace wt::kernels {
namespace {

// Points in registers at once: half of them, because a pass needs a few more.
constexpr int kRotationRadix = kLanes == 16 ? 16 : 8;

// The Hadamard matrix times kCount vectors.
template <int kCount, int kHalf = 1>
WT_INLINE void MixVectors(Float (&x)[kCount]) {
  Unroll<kCount / 2>(WT_STEP(i) {
    constexpr int kFirst = i.value / kHalf * 2 * kHalf + i.value % kHalf;
    const Float first = x[kFirst], second = x[kFirst + kHalf];
    x[kFirst] = Simd::Add(first, second);
    x[kFirst + kHalf] = Simd::Sub(first, second);
  });
  if constexpr (2 * kHalf < kCount) MixVectors<kCount, 2 * kHalf>(x);
}

// One point: 16 neighbours with the signs of their places, mixed among each other.
WT_INLINE void MixPoint(const float* from, const float* signs, float* out) {
  constexpr int kVectors = kRotationLanes / kLanes;
  Float x[kVectors];
  Unroll<kVectors>(WT_STEP(i) {
    const Float value = Simd::Load(from + i.value * kLanes);
    x[i.value] = Simd::MixLanes(Simd::Mul(value, Simd::Load(signs + i.value * kLanes)));
  });
  if constexpr (kVectors > 1) MixVectors(x);
  Unroll<kVectors>(WT_STEP(i) { Simd::Store(out + i.value * kLanes, x[i.value]); });
}

// One pass over the points of a block: of every kCount * distance, those `distance` apart.
template <int kCount>
WT_INLINE void MixPass(float* x, int points, int distance) {
  for (int group = 0; group < points; group += kCount * distance) {
    for (int point = group; point < group + distance; ++point) {
      for (int lane = 0; lane < kRotationLanes; lane += kLanes) {
        float* at = x + point * kRotationLanes + lane;
        Float mixed[kCount];
        Unroll<kCount>(
            WT_STEP(i) { mixed[i.value] = Simd::Load(at + i.value * distance * kRotationLanes); });
        MixVectors(mixed);
        Unroll<kCount>(
            WT_STEP(i) { Simd::Store(at + i.value * distance * kRotationLanes, mixed[i.value]); });
      }
    }
  }
}

void MixPoints(float* x, int points) {
  for (int distance = 1; distance < points;) {
    const int count = Smaller(points / distance, kRotationRadix);
    switch (count) {
      case 2: MixPass<2>(x, points, distance); break;
      case 4: MixPass<4>(x, points, distance); break;
      case 8: MixPass<8>(x, points, distance); break;
      default: MixPass<kRotationRadix>(x, points, distance); break;
    }
    distance *= count;
  }
}

void Rotate(const float* x, std::ptrdiff_t ldx, int rows, int k, float* out) {
  const int block = RotationBlock(k);
  const int points = block / kRotationLanes;
  for (int row = 0; row < rows; ++row, x += ldx, out += k) {
    if (block == 1) __builtin_memcpy(out, x, static_cast<std::size_t>(k) * sizeof(float));
    for (int at = 0; at < k && block > 1; at += block) {
      for (int point = 0; point < points; ++point) {
        const int place = point * kRotationLanes;
        MixPoint(x + at + place, kRotationSigns.of + place, out + at + place);
      }
      MixPoints(out + at, points);
    }
  }
}

}  // namespace
}  // namespace wt::kernels
