// layer_norm, softmax, gelu, add, max, sum_exp and cached_attention of every set against references
// in double.
//
// Tolerances: an elementary function costs at most 2 units in the last place (2.4e-7 relative), a
// sum of n float32 terms in lanes about sqrt(n / lanes) * 6e-8, and the rest a few roundings. 1e-6
// relative holds all of it and is far from what a wrong coefficient or lane gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/kernels/kernels_testing.h"

namespace wt::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Around the vector lengths 8 and 16 and their unrolled multiples, and Whisper's own sizes.
constexpr int kLengths[] = {1,  2,  7,  8,  9,  15,  16,  17,  31,  32,  33,
                            63, 64, 65, 80, 96, 127, 128, 384, 500, 512, 1500};

class RowsTest : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Sets, RowsTest, ::testing::ValuesIn(testing::Sets()), testing::SetName);

double D(float value) { return static_cast<double>(value); }

// Rows of `n` values `ld` apart, so that a write beyond a row is seen in the gap.
struct Rows {
  Rows(int row_count, int length, unsigned seed, float scale = 1.0f)
      : rows(row_count),
        n(length),
        ld(length + 5),
        values(testing::RandomFloats(static_cast<std::size_t>(row_count) * (length + 5), seed,
                                     scale)) {}
  float* row(int r) { return values.data() + static_cast<std::ptrdiff_t>(r) * ld; }
  const float* row(int r) const { return values.data() + static_cast<std::ptrdiff_t>(r) * ld; }

  int rows;
  int n;
  int ld;
  std::vector<float> values;
};

void ExpectGapsEqual(const Rows& before, const Rows& after) {
  for (int r = 0; r < before.rows; ++r) {
    for (int i = before.n; i < before.ld; ++i) ASSERT_EQ(before.row(r)[i], after.row(r)[i]);
  }
}

std::vector<double> ExactLayerNorm(const float* x, const float* gamma, const float* beta, int n) {
  double mean = 0.0;
  for (int i = 0; i < n; ++i) mean += D(x[i]) / n;
  double variance = 0.0;
  for (int i = 0; i < n; ++i) variance += (D(x[i]) - mean) * (D(x[i]) - mean) / n;
  std::vector<double> out(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    out[static_cast<std::size_t>(i)] =
        (D(x[i]) - mean) / std::sqrt(variance + 1e-5) * D(gamma[i]) + D(beta[i]);
  }
  return out;
}

TEST_P(RowsTest, LayerNormMatchesTheDefinition) {
  for (const int n : kLengths) {
    const Rows x(3, n, 11, 2.0f);
    const auto gamma = testing::RandomFloats(static_cast<std::size_t>(n), 12);
    const auto beta = testing::RandomFloats(static_cast<std::size_t>(n), 13);
    const Rows before(3, n, 14);
    Rows out = before;
    set().layer_norm(x.row(0), x.ld, gamma.data(), beta.data(), 3, n, out.row(0), out.ld);
    for (int r = 0; r < 3; ++r) {
      const auto exact = ExactLayerNorm(x.row(r), gamma.data(), beta.data(), n);
      for (int i = 0; i < n; ++i) {
        // A normal value is at most sqrt(n); its error comes from mean and variance.
        ASSERT_NEAR(D(out.row(r)[i]), exact[static_cast<std::size_t>(i)], 4e-6) << n << " " << i;
      }
    }
    ExpectGapsEqual(before, out);
  }
}

TEST_P(RowsTest, LayerNormKeepsItsDigitsOnALargeMean) {
  // The mean is 300 standard deviations: E[x^2] - E[x]^2 in float32 would lose all of them.
  const int n = 512;
  Rows x(1, n, 15);
  for (int i = 0; i < n; ++i) x.row(0)[i] += 300.0f;
  const std::vector<float> gamma(512, 1.0f);
  const std::vector<float> beta(512, 0.0f);
  const auto exact = ExactLayerNorm(x.row(0), gamma.data(), beta.data(), n);
  Rows out(1, n, 16);
  set().layer_norm(x.row(0), x.ld, gamma.data(), beta.data(), 1, n, out.row(0), out.ld);
  // The mean is known to half a unit of 300 in the last place (1.5e-5), shared by all values.
  for (int i = 0; i < n; ++i) {
    ASSERT_NEAR(D(out.row(0)[i]), exact[static_cast<std::size_t>(i)], 5e-5);
  }
}

TEST_P(RowsTest, LayerNormWorksInPlace) {
  Rows x(2, 100, 17);
  const std::vector<float> gamma(100, 0.5f);
  const std::vector<float> beta(100, 1.0f);
  Rows out(2, 100, 18);
  set().layer_norm(x.row(0), x.ld, gamma.data(), beta.data(), 2, 100, out.row(0), out.ld);
  set().layer_norm(x.row(0), x.ld, gamma.data(), beta.data(), 2, 100, x.row(0), x.ld);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(x.row(1)[i], out.row(1)[i]);
}

void ExpectSoftmax(const float* x, const float* out, int n) {
  double largest = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < n; ++i) largest = std::max(largest, D(x[i]));
  double sum = 0.0;
  for (int i = 0; i < n; ++i) sum += std::exp(D(x[i]) - largest);
  for (int i = 0; i < n; ++i) {
    const double exact = std::exp(D(x[i]) - largest) / sum;
    // x - max is rounded to half a unit of itself; below 1e-37 a result is denormal.
    const double distance = std::min(largest - D(x[i]), 110.0);
    const double tolerance = exact * (5e-7 + 0x1p-24 * distance);
    ASSERT_NEAR(D(out[i]), exact, tolerance + 1e-44) << n << " " << i << " " << x[i];
  }
}

TEST_P(RowsTest, SoftmaxMatchesTheDefinition) {
  for (const int n : kLengths) {
    const Rows x(3, n, 21, 4.0f);
    Rows out = x;
    set().softmax(out.row(0), out.ld, 3, n);
    for (int r = 0; r < 3; ++r) ExpectSoftmax(x.row(r), out.row(r), n);
    ExpectGapsEqual(x, out);
  }
}

TEST_P(RowsTest, SoftmaxTakesExtremeValues) {
  for (const int n : {5, 16, 100}) {
    Rows x(1, n, 22, 30.0f);
    x.row(0)[0] = -kInfinity;
    x.row(0)[1] = 1e30f;
    x.row(0)[2] = -1e30f;
    x.row(0)[3] = 1e-40f;
    Rows out = x;
    set().softmax(out.row(0), out.ld, 1, n);
    ExpectSoftmax(x.row(0), out.row(0), n);
  }
}

TEST_P(RowsTest, SoftmaxOfMaskedEntriesIsZeroThere) {
  const int n = 70;
  Rows x(1, n, 23);
  for (int i = 30; i < n; ++i) x.row(0)[i] = -kInfinity;
  Rows out = x;
  set().softmax(out.row(0), out.ld, 1, n);
  ExpectSoftmax(x.row(0), out.row(0), n);
  for (int i = 30; i < n; ++i) EXPECT_EQ(out.row(0)[i], 0.0f);
}

TEST_P(RowsTest, SoftmaxOfAFullyMaskedRowIsZero) {
  for (const int n : {3, 40}) {
    std::vector<float> x(static_cast<std::size_t>(n), -kInfinity);
    set().softmax(x.data(), n, 1, n);
    for (const float value : x) EXPECT_EQ(value, 0.0f);
  }
}

TEST_P(RowsTest, SoftmaxDoesNotHideNan) {
  std::vector<float> x(40, 1.0f);
  x[20] = std::numeric_limits<float>::quiet_NaN();
  set().softmax(x.data(), 40, 1, 40);
  EXPECT_TRUE(std::isnan(x[0]));
  EXPECT_TRUE(std::isnan(x[20]));
}

TEST_P(RowsTest, GeluIsExactOverItsWholeRange) {
  std::vector<float> x;
  for (float value = -12.0f; value < 12.0f; value += 0.00061f) x.push_back(value);
  for (const float value : {0.0f, -0.0f, 1e30f, -1e30f, 1e-30f, 1e-40f, -1e-40f, 3e38f, -3e38f}) {
    x.push_back(value);
  }
  std::vector<float> out = x;
  set().gelu(out.data(), out.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    // The form x / 2 * (1 + erf) loses relative, not absolute, accuracy in the negative tail.
    ASSERT_NEAR(D(out[i]), testing::ExactGelu(D(x[i])), 2.5e-7 * std::abs(D(x[i])) + 1e-44) << x[i];
  }
}

TEST_P(RowsTest, GeluKeepsNanAndPositiveInfinity) {
  std::vector<float> x = {std::numeric_limits<float>::quiet_NaN(), kInfinity};
  set().gelu(x.data(), x.size());
  EXPECT_TRUE(std::isnan(x[0]));
  EXPECT_EQ(x[1], kInfinity);
}

TEST_P(RowsTest, ElementwiseFunctionsTouchOnlyTheirRange) {
  for (std::size_t n = 0; n < 70; ++n) {
    const auto x = testing::RandomFloats(n + 1, 31);
    const auto y = testing::RandomFloats(n + 1, 32);
    auto sum = x;
    set().add(sum.data(), y.data(), n);
    auto gelu = x;
    set().gelu(gelu.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(sum[i], x[i] + y[i]);
      ASSERT_NEAR(D(gelu[i]), testing::ExactGelu(D(x[i])), 1e-6);
    }
    ASSERT_EQ(sum[n], x[n]);
    ASSERT_EQ(gelu[n], x[n]);
  }
}

TEST_P(RowsTest, GeluOfAValueDoesNotDependOnItsPlace) {
  const auto x = testing::RandomFloats(100, 33);
  auto whole = x;
  set().gelu(whole.data(), whole.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    float one = x[i];
    set().gelu(&one, 1);
    ASSERT_EQ(one, whole[i]);
  }
}

TEST_P(RowsTest, MaxIsTheLargestWhereverItStands) {
  for (const int n : kLengths) {
    auto x = testing::RandomFloats(static_cast<std::size_t>(n), 41);
    for (std::size_t place = 0; place < x.size(); place += 1 + x.size() / 40) {
      auto with_peak = x;
      with_peak[place] = 77.0f;
      ASSERT_EQ(set().max(with_peak.data(), with_peak.size()), 77.0f) << n << " " << place;
    }
    ASSERT_EQ(set().max(x.data(), x.size()), *std::max_element(x.begin(), x.end()));
  }
}

TEST_P(RowsTest, MaxOfNegativeValuesDoesNotSeeTheTail) {
  for (std::size_t n = 1; n < 70; ++n) {
    const std::vector<float> x(n, -5.0f);
    ASSERT_EQ(set().max(x.data(), n), -5.0f);
  }
}

TEST_P(RowsTest, MaxIgnoresNanAndKeepsInfinity) {
  for (std::size_t n = 2; n < 70; ++n) {
    for (std::size_t place = 0; place < n; ++place) {
      std::vector<float> x(n, -3.0f);
      x[place] = std::numeric_limits<float>::quiet_NaN();
      ASSERT_EQ(set().max(x.data(), n), -3.0f) << n << " " << place;
    }
  }
  const std::vector<float> masked(33, -kInfinity);
  EXPECT_EQ(set().max(masked.data(), masked.size()), -kInfinity);
}

TEST_P(RowsTest, SumExpMatchesTheDefinition) {
  for (const int n : kLengths) {
    auto x = testing::RandomFloats(static_cast<std::size_t>(n), 51, 5.0f);
    if (n > 4) x[static_cast<std::size_t>(n / 2)] = -kInfinity;
    double exact = 0.0;
    for (const float value : x) exact += std::exp(D(value) - 3.0);
    ASSERT_NEAR(D(set().sum_exp(x.data(), x.size(), 3.0f)), exact, 1e-6 * exact) << n;
  }
}

TEST_P(RowsTest, SumExpOfAVocabularyKeepsItsDigits) {
  const auto x = testing::RandomFloats(51865, 52, 3.0f);
  double exact = 0.0;
  for (const float value : x) exact += std::exp(D(value) - 9.0);
  EXPECT_NEAR(D(set().sum_exp(x.data(), x.size(), 9.0f)), exact, 1e-6 * exact);
}

TEST_P(RowsTest, SumExpTakesExtremeValues) {
  const std::vector<float> masked(40, -kInfinity);
  EXPECT_EQ(set().sum_exp(masked.data(), masked.size(), 0.0f), 0.0f);
  EXPECT_EQ(set().sum_exp(masked.data(), masked.size(), -kInfinity), 0.0f);
  EXPECT_EQ(set().sum_exp(masked.data(), 0, 0.0f), 0.0f);
  std::vector<float> x(40, -1e30f);
  EXPECT_EQ(set().sum_exp(x.data(), x.size(), 0.0f), 0.0f);
  x[7] = 1e30f;
  EXPECT_EQ(set().sum_exp(x.data(), x.size(), 1e30f), 1.0f);
  EXPECT_EQ(set().sum_exp(x.data(), x.size(), 0.0f), kInfinity);
  x[7] = 1e-40f;
  EXPECT_EQ(set().sum_exp(x.data(), x.size(), 0.0f), 1.0f);
}

TEST_P(RowsTest, ExponentialIsExactOverItsWholeRange) {
  // Read through sum_exp of one value. 88.7 is the last exponent that fits into float32; below
  // -87.3 results are denormal.
  for (float value = -87.0f; value < 88.7f; value += 0.0137f) {
    const double exact = std::exp(D(value));
    ASSERT_NEAR(D(set().sum_exp(&value, 1, 0.0f)), exact, 2.4e-7 * exact) << value;
  }
  for (float value = -110.0f; value < -87.0f; value += 0.11f) {
    ASSERT_NEAR(D(set().sum_exp(&value, 1, 0.0f)), std::exp(D(value)), 3e-45) << value;
  }
}

// A cache of `count` positions in shuffled order, as beams leave it.
struct Cache {
  Cache(int count, int heads)
      : keys(testing::RandomFloats(static_cast<std::size_t>(count * heads) * 64, 61)),
        values(testing::RandomFloats(static_cast<std::size_t>(count * heads) * 64, 62)) {
    for (int t = 0; t < count; ++t) {
      offsets.push_back(static_cast<std::ptrdiff_t>((t * 7 + 3) % count) * heads * 64);
    }
  }
  std::vector<float> keys;
  std::vector<float> values;
  std::vector<std::ptrdiff_t> offsets;
};

void ExpectAttention(const std::vector<float>& q, const Cache& cache, int heads,
                     const std::vector<float>& out) {
  const std::size_t count = cache.offsets.size();
  for (int head = 0; head < heads; ++head) {
    std::vector<double> weights(count);
    double sum = 0.0;
    for (std::size_t t = 0; t < count; ++t) {
      double score = 0.0;
      for (int i = 0; i < 64; ++i) {
        score += D(q[static_cast<std::size_t>(head * 64 + i)]) *
                 D(cache.keys[static_cast<std::size_t>(cache.offsets[t] + head * 64 + i)]);
      }
      weights[t] = std::exp(score);
      sum += weights[t];
    }
    for (int i = 0; i < 64; ++i) {
      double exact = 0.0;
      for (std::size_t t = 0; t < count; ++t) {
        exact += weights[t] / sum *
                 D(cache.values[static_cast<std::size_t>(cache.offsets[t] + head * 64 + i)]);
      }
      ASSERT_NEAR(D(out[static_cast<std::size_t>(head * 64 + i)]), exact, 3e-6)
          << count << " positions, head " << head;
    }
  }
}

TEST_P(RowsTest, CachedAttentionMatchesTheDefinition) {
  for (const int heads : {1, 6, 8}) {
    for (const int count : {1, 2, 3, 15, 16, 17, 64, 100, 448}) {
      const Cache cache(count, heads);
      const auto q = testing::RandomFloats(static_cast<std::size_t>(heads) * 64, 63, 0.3f);
      std::vector<float> scores(static_cast<std::size_t>(heads * count) + 1, 5.0f);
      std::vector<float> out(static_cast<std::size_t>(heads) * 64 + 1, 5.0f);
      set().cached_attention(q.data(), cache.keys.data(), cache.values.data(), cache.offsets.data(),
                             count, heads, scores.data(), out.data());
      ExpectAttention(q, cache, heads, out);
      EXPECT_EQ(scores.back(), 5.0f);
      EXPECT_EQ(out.back(), 5.0f);
    }
  }
}

}  // namespace
}  // namespace wt::kernels
