// The rotation of rows: every set gives the bits of the oracle, the oracle is the Hadamard matrix
// of its definition, and products with rotated weights are what they were.
#include "engine/kernels/rotation.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/kernels/kernels_testing.h"

namespace wt::kernels {
namespace {

// Of every published size and four times it, of one point, of no whole points, of more than a
// block.
constexpr int kWidths[] = {1,   15,   16,   17,   40,   48,   64,   384,  512,  768,
                           896, 1024, 1280, 1536, 2048, 3072, 4096, 5120, 49152};

class RotationTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, RotationTest, ::testing::ValuesIn(testing::Sets()),
                         testing::SetName);

TEST_P(RotationTest, EverySetGivesTheBitsOfTheOracle) {
  for (const int k : kWidths) {
    const int rows = 3, stride = k + 3;
    const auto x = testing::RandomFloats(static_cast<std::size_t>(rows * stride), 7);
    std::vector<float> mine(static_cast<std::size_t>(rows * k) + 1, 77.0f);
    GetParam()->rotate(x.data(), stride, rows, k, mine.data());
    std::vector<float> oracle(static_cast<std::size_t>(rows * k) + 1, 77.0f);
    for (int row = 0; row < rows; ++row) {
      RotateRow(x.data() + row * stride, k, oracle.data() + row * k);
    }
    ASSERT_EQ(mine, oracle) << k;
  }
}

TEST(RotateRow, IsTheHadamardMatrixAfterSigns) {
  const int block = 128, k = 3 * block;
  ASSERT_EQ(RotationBlock(k), block);
  const auto x = testing::RandomFloats(k, 3);
  std::vector<float> mine(k);
  RotateRow(x.data(), k, mine.data());
  for (int i = 0; i < k; ++i) {
    double exact = 0;
    for (int from = 0; from < block; ++from) {
      const auto bits = static_cast<unsigned>(from);
      const int minuses = std::popcount(static_cast<unsigned>(i % block) & bits);
      const float number =
          x[static_cast<std::size_t>(i / block * block + from)] * kRotationSigns.of[from];
      exact += static_cast<double>(minuses % 2 == 0 ? number : -number);
    }
    ASSERT_NEAR(mine[static_cast<std::size_t>(i)], exact, 1e-4) << i;
  }
}

TEST(RotateRow, SpreadsOneLargeNumberAndWhatAllHaveInCommon) {
  const int k = 1024;
  std::vector<float> one(k, 0.0f), all(k, 2.0f);
  one[83] = 8.0f;
  RotateRow(one.data(), k, one.data());
  RotateRow(all.data(), k, all.data());
  for (std::size_t i = 0; i < k; ++i) {
    ASSERT_EQ(std::fabs(one[i]), 8.0f);
    // 2 * sqrt(1024) on average; without signs one would be 2048.
    ASSERT_LT(std::fabs(all[i]), 4.5f * 64.0f) << i;
  }
}

TEST(RotateWeights, KeepsProductsAndCanBeUndone) {
  for (const int k : kWidths) {
    const auto size = static_cast<std::size_t>(k);
    auto x = testing::RandomFloats(size, 1);
    const auto w = testing::RandomFloats(size, 2);
    const double before = std::inner_product(x.begin(), x.end(), w.begin(), 0.0);
    auto rotated = w;
    RotateRow(x.data(), k, x.data());
    RotateWeights(rotated.data(), k);
    const double after = std::inner_product(x.begin(), x.end(), rotated.begin(), 0.0);
    EXPECT_NEAR(after, before, 1e-5 * std::sqrt(k)) << k;
    UnrotateWeights(rotated.data(), k);
    for (std::size_t i = 0; i < size; ++i) ASSERT_NEAR(rotated[i], w[i], 1e-6) << k << " " << i;
  }
}

}  // namespace
}  // namespace wt::kernels
