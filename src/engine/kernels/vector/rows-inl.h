// layer_norm, softmax and the functions of plain arrays. Included once per source of a family.
//
// Sums run in four vectors of lanes that are joined in a fixed order, so they depend on the length
// only. A rest shorter than a vector is read through a mask.
#pragma once

namespace wt::kernels {
namespace {

constexpr int kLanes = Simd::kLanes;
constexpr int kHeadSize = 64;
// Four sums hide the latency of an addition (4 cycles) at one vector per cycle.
constexpr int kChains = 4;

// Calls step(vector, chain) for n floats at x; lanes beyond n hold `fill`.
template <typename Step>
WT_INLINE void ForEachVector(const float* x, std::size_t n, float fill, Step step) {
  std::size_t i = 0;
  for (; i + kChains * kLanes <= n; i += kChains * kLanes) {
    for (int chain = 0; chain < kChains; ++chain) step(Simd::Load(x + i + chain * kLanes), chain);
  }
  for (; i + kLanes <= n; i += kLanes) step(Simd::Load(x + i), 0);
  if (i < n) {
    const Simd::Mask mask = Simd::FirstLanes(static_cast<int>(n - i));
    step(Simd::Select(mask, Simd::LoadMasked(mask, x + i), Simd::Set(fill)), 1);
  }
}

// x[i] = function(x[i]) where `function` maps vectors.
template <typename Function>
WT_INLINE void MapInPlace(float* x, std::size_t n, Function function) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Simd::Store(x + i, function(Simd::Load(x + i)));
  if (i < n) {
    const Simd::Mask mask = Simd::FirstLanes(static_cast<int>(n - i));
    Simd::StoreMasked(x + i, mask, function(Simd::LoadMasked(mask, x + i)));
  }
}

void ScaleRow(float* x, int n, float factor) {
  const Float factors = Simd::Set(factor);
  MapInPlace(x, static_cast<std::size_t>(n),
             [&](Float v) __attribute__((always_inline)) { return Simd::Mul(v, factors); });
}

WT_INLINE float JoinSums(const Float (&sums)[kChains]) {
  return Simd::ReduceAdd(Simd::Add(Simd::Add(sums[0], sums[1]), Simd::Add(sums[2], sums[3])));
}

float RowSum(const float* x, std::size_t n) {
  Float sums[kChains] = {Simd::Zero(), Simd::Zero(), Simd::Zero(), Simd::Zero()};
  ForEachVector(x, n, 0.0f, [&](Float v, int chain) __attribute__((always_inline)) {
    sums[chain] = Simd::Add(sums[chain], v);
  });
  return JoinSums(sums);
}

// Sum of (x - mean)^2. Lanes beyond n hold the mean and add nothing.
float RowSquares(const float* x, std::size_t n, float mean) {
  Float sums[kChains] = {Simd::Zero(), Simd::Zero(), Simd::Zero(), Simd::Zero()};
  const Float centre = Simd::Set(mean);
  ForEachVector(x, n, mean, [&](Float v, int chain) __attribute__((always_inline)) {
    const Float d = Simd::Sub(v, centre);
    sums[chain] = Simd::MulAdd(d, d, sums[chain]);
  });
  return JoinSums(sums);
}

void LayerNorm(const float* x, std::ptrdiff_t ldx, const float* gamma, const float* beta, int rows,
               int n, float* out, std::ptrdiff_t ldo) {
  const float count = static_cast<float>(n);
  const Simd::Mask tail = Simd::FirstLanes(n % kLanes);
  for (int row = 0; row < rows; ++row, x += ldx, out += ldo) {
    const float mean = RowSum(x, static_cast<std::size_t>(n)) / count;
    const float variance = RowSquares(x, static_cast<std::size_t>(n), mean) / count;
    const Float centre = Simd::Set(mean);
    const Float inverse = Simd::Set(1.0f / __builtin_sqrtf(variance + 1e-5f));
    int i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      const Float normal = Simd::Mul(Simd::Sub(Simd::Load(x + i), centre), inverse);
      Simd::Store(out + i, Simd::MulAdd(normal, Simd::Load(gamma + i), Simd::Load(beta + i)));
    }
    if (i < n) {
      const Float normal = Simd::Mul(Simd::Sub(Simd::LoadMasked(tail, x + i), centre), inverse);
      Simd::StoreMasked(out + i, tail,
                        Simd::MulAdd(normal, Simd::LoadMasked(tail, gamma + i),
                                     Simd::LoadMasked(tail, beta + i)));
    }
  }
}

float Max(const float* x, std::size_t n) {
  const Float lowest = Simd::Set(-__builtin_inff());
  Float largest[kChains] = {lowest, lowest, lowest, lowest};
  ForEachVector(x, n, -__builtin_inff(), [&](Float v, int chain) __attribute__((always_inline)) {
    largest[chain] = Simd::Max(v, largest[chain]);  // NaN in v gives the second operand.
  });
  return Simd::ReduceMax(
      Simd::Max(Simd::Max(largest[0], largest[1]), Simd::Max(largest[2], largest[3])));
}

// x = exp(x - shift); returns the sum.
float ExpInPlace(float* x, std::size_t n, float shift) {
  const Float shifts = Simd::Set(shift);
  Float sums[kChains] = {Simd::Zero(), Simd::Zero(), Simd::Zero(), Simd::Zero()};
  std::size_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const Float first = Exp(Simd::Sub(Simd::Load(x + i), shifts));
    const Float second = Exp(Simd::Sub(Simd::Load(x + i + kLanes), shifts));
    Simd::Store(x + i, first);
    Simd::Store(x + i + kLanes, second);
    sums[0] = Simd::Add(sums[0], first);
    sums[1] = Simd::Add(sums[1], second);
  }
  for (; i < n; i += kLanes) {
    const std::size_t rest = n - i < kLanes ? n - i : kLanes;
    const Simd::Mask mask = Simd::FirstLanes(static_cast<int>(rest));
    const Float value = Exp(Simd::Sub(Simd::LoadMasked(mask, x + i), shifts));
    Simd::StoreMasked(x + i, mask, value);
    sums[2] = Simd::Add(sums[2], Simd::Select(mask, value, Simd::Zero()));
  }
  return JoinSums(sums);
}

void SoftmaxRow(float* x, std::size_t n) {
  const float shift = Max(x, n);
  if (shift == -__builtin_inff()) {
    MapInPlace(x, n, [](Float) __attribute__((always_inline)) { return Simd::Zero(); });
    return;
  }
  const Float factor = Simd::Set(1.0f / ExpInPlace(x, n, shift));
  MapInPlace(x, n, [&](Float v) __attribute__((always_inline)) { return Simd::Mul(v, factor); });
}

void Softmax(float* x, std::ptrdiff_t ldx, int rows, int n) {
  for (int row = 0; row < rows; ++row) SoftmaxRow(x + row * ldx, static_cast<std::size_t>(n));
}

void GeluInPlace(float* x, std::size_t n) {
  MapInPlace(x, n, [](Float v) __attribute__((always_inline)) { return Gelu(v); });
}

void AddInPlace(float* x, const float* y, std::size_t n) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Simd::Store(x + i, Simd::Add(Simd::Load(x + i), Simd::Load(y + i)));
  }
  if (i < n) {
    const Simd::Mask mask = Simd::FirstLanes(static_cast<int>(n - i));
    Simd::StoreMasked(x + i, mask,
                      Simd::Add(Simd::LoadMasked(mask, x + i), Simd::LoadMasked(mask, y + i)));
  }
}

float SumExp(const float* x, std::size_t n, float shift) {
  const Float shifts = Simd::Set(shift);
  const Float lowest = Simd::Set(-__builtin_inff());
  Float sums[kChains] = {Simd::Zero(), Simd::Zero(), Simd::Zero(), Simd::Zero()};
  ForEachVector(x, n, -__builtin_inff(), [&](Float v, int chain) __attribute__((always_inline)) {
    const Float value = Exp(Simd::Sub(v, shifts));
    // A shift of -infinity would make a masked entry NaN.
    sums[chain] =
        Simd::Add(sums[chain], Simd::Select(Simd::NotEqual(v, lowest), value, Simd::Zero()));
  });
  return JoinSums(sums);
}

}  // namespace
}  // namespace wt::kernels
