// Attention of one row over a cache of keys and values that are not packed: the decoder's self
// attention, whose cache grows by one position per step. Included once per source of a family.
#pragma once

namespace wt::kernels {
namespace {

constexpr int kHeadSize = 64;
constexpr int kHeadVectors = kHeadSize / kLanes;

// scores[t] = q . key of position t.
void HeadScores(const float* q, const float* keys, const std::ptrdiff_t* offsets, int count,
                float* scores) {
  Float query[kHeadVectors];
  for (int i = 0; i < kHeadVectors; ++i) query[i] = Simd::Load(q + i * kLanes);
  for (int t = 0; t < count; ++t) {
    const float* key = keys + offsets[t];
    Float sum = Simd::Mul(query[0], Simd::Load(key));
    for (int i = 1; i < kHeadVectors; ++i) {
      sum = Simd::MulAdd(query[i], Simd::Load(key + i * kLanes), sum);
    }
    scores[t] = Simd::ReduceAdd(sum);
  }
}

// out = sum of weights[t] * value of position t.
void HeadOutput(const float* weights, const float* values, const std::ptrdiff_t* offsets, int count,
                float* out) {
  Float sums[kHeadVectors];
  for (int i = 0; i < kHeadVectors; ++i) sums[i] = Simd::Zero();
  for (int t = 0; t < count; ++t) {
    const float* value = values + offsets[t];
    const Float weight = Simd::Set(weights[t]);
    for (int i = 0; i < kHeadVectors; ++i) {
      sums[i] = Simd::MulAdd(weight, Simd::Load(value + i * kLanes), sums[i]);
    }
  }
  for (int i = 0; i < kHeadVectors; ++i) Simd::Store(out + i * kLanes, sums[i]);
}

void CachedAttention(const float* q, const float* keys, const float* values,
                     const std::ptrdiff_t* offsets, int count, int heads, float* scores,
                     float* out) {
  for (int head = 0; head < heads; ++head) {
    const int first = head * kHeadSize;
    HeadScores(q + first, keys + first, offsets, count, scores);
    SoftmaxRow(scores, static_cast<std::size_t>(count));
    HeadOutput(scores, values + first, offsets, count, out + first);
  }
}

}  // namespace
}  // namespace wt::kernels
