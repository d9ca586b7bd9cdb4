#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "engine/tensor/real_fft-inl.h"

namespace wt::tensor {
namespace {

constexpr int kLanes = 4;
typedef float Float4 __attribute__((vector_size(4 * kLanes)));

/// Powers of bins 0 .. kPoints / 2 by the definition.
template <int kPoints>
std::vector<double> SlowPowers(const std::vector<float>& x) {
  std::vector<double> powers;
  for (int k = 0; k <= kPoints / 2; ++k) {
    double re = 0, im = 0;
    for (int n = 0; n < kPoints; ++n) {
      const double angle = 2 * std::numbers::pi * (k * n % kPoints) / kPoints;
      re += static_cast<double>(x[static_cast<std::size_t>(n)]) * std::cos(angle);
      im += static_cast<double>(x[static_cast<std::size_t>(n)]) * std::sin(angle);
    }
    powers.push_back(re * re + im * im);
  }
  return powers;
}

template <int kPoints>
void ExpectPowers(const std::vector<float> (&signals)[kLanes]) {
  static const RealFftTables<kPoints> tables;
  Float4 data[kPoints], scratch[kPoints], power[kPoints / 2 + 1];
  for (int n = 0; n < kPoints; ++n) {
    const int at = n / 2 + n % 2 * (kPoints / 2);
    for (int lane = 0; lane < kLanes; ++lane) {
      data[at][lane] = 0.5f * signals[lane][static_cast<std::size_t>(n)];
    }
  }
  PowerSpectrum<kPoints>(tables, data, scratch, power);
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto expected = SlowPowers<kPoints>(signals[lane]);
    double total = 0;
    for (const double value : expected) total += value;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      // Errors are relative to the whole signal's energy: a few 2^-24 in amplitude.
      EXPECT_NEAR(std::sqrt(static_cast<double>(power[k][lane])), std::sqrt(expected[k]),
                  4e-7 * std::sqrt(total))
          << kPoints << " points, bin " << k << ", lane " << lane;
    }
  }
}

template <int kPoints>
void CheckAllKindsOfSignals() {
  base::Random random(kPoints);
  std::vector<float> signals[kLanes];
  for (auto& signal : signals) signal.resize(kPoints);
  for (std::size_t n = 0; n < kPoints; ++n) {
    signals[0][n] = static_cast<float>(random.Uniform() - 0.5);
    signals[1][n] = 1.0f;                       // Bin 0 only.
    signals[2][n] = n % 2 == 0 ? 1.0f : -1.0f;  // The last bin only.
    signals[3][n] = n == 37 ? 1.0f : 0.0f;      // All bins alike.
  }
  ExpectPowers<kPoints>(signals);
}

TEST(RealFftTest, Of256PointsAgreesWithTheDefinition) { CheckAllKindsOfSignals<256>(); }

TEST(RealFftTest, Of400PointsAgreesWithTheDefinition) { CheckAllKindsOfSignals<400>(); }

TEST(RealFftTest, Of512PointsAgreesWithTheDefinition) { CheckAllKindsOfSignals<512>(); }

}  // namespace
}  // namespace wt::tensor
