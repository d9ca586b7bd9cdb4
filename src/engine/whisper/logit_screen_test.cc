#include "engine/whisper/logit_screen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/kernels/kernels_testing.h"
#include "engine/tensor/buffer.h"

namespace wt::whisper {
namespace {

constexpr int kTokens = 5003;  // Not whole panels.
constexpr int kWidth = 64;
constexpr TokenId kFirstSpecial = 4600;
constexpr int kRows = 7;

std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

class LogitScreenTest : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  LogitScreenTest()
      : weights_(kernels::testing::RandomFloats(Size(kTokens, kWidth), 1)),
        rest_(kernels::testing::PackRows(set(), kernels::PackedType::kInt8, RestOf(weights_),
                                         kTokens, kWidth)),
        near_(kernels::testing::PackRows(set(), kernels::PackedType::kInt4, weights_, kTokens,
                                         kWidth)),
        x_(kernels::testing::RandomFloats(Size(kRows, kWidth), 2)) {
    // Row 3 agrees with a token that is not text, the others with text, so that these are their
    // best.
    for (int row = 0; row < kRows; ++row)
      Agree(row, row == 3 ? kFirstSpecial + 20 : 40 + 500 * row);
  }
  const kernels::KernelSet& set() const { return *GetParam(); }

  void Agree(int row, TokenId token) {
    for (int i = 0; i < kWidth; ++i) {
      x_[Size(row, kWidth) + static_cast<std::size_t>(i)] +=
          weights_[Size(token, kWidth) + static_cast<std::size_t>(i)];
    }
  }

  static std::vector<float> RestOf(std::vector<float> weights) {
    for (int token = 0; token < kTokens; ++token) {
      kernels::SubtractInt4(weights.data() + Size(token, kWidth), kWidth);
    }
    return weights;
  }

  // Rows [first, first + count) by the whole matrix, or by the screen.
  std::vector<float> Compute(int first, int count, bool screen, int threads = 1) {
    const int stride = kWidth + 64;
    std::vector<std::int8_t> values(Size(count, stride));
    std::vector<float> scales(static_cast<std::size_t>(count));
    std::vector<std::int32_t> offsets(scales.size());
    const kernels::Int8Rows rows = {values.data(), stride, scales.data(), offsets.data()};
    set().quantize(x_.data() + first * kWidth, kWidth, count, kWidth, kWidth, rows);
    std::vector<float> out(Size(count, kTokens));
    if (screen) {
      platform::ThreadPool pool(threads);
      LogitScreen(set(), rest_.matrix(), near_.matrix(), kFirstSpecial, pool)
          .Compute(rows, count, out.data());
    } else {
      kernels::GemmArgs args = {.a8 = &rows, .w = &near_.matrix(), .c = out.data(), .ldc = kTokens};
      set().gemm(args, {0, count}, {0, near_.matrix().panels()}, nullptr);
      args.w = &rest_.matrix();
      args.epilogue = kernels::Epilogue::kAdd;
      set().gemm(args, {0, count}, {0, rest_.matrix().panels()}, nullptr);
    }
    return out;
  }

  static bool Equal(const float* a, const float* b, int begin, int end) {
    return std::equal(a + begin, a + end, b + begin);
  }

 private:
  std::vector<float> weights_;

 protected:
  kernels::testing::Packed rest_, near_;
  std::vector<float> x_;
};
INSTANTIATE_TEST_SUITE_P(Sets, LogitScreenTest, ::testing::ValuesIn(kernels::testing::Sets()),
                         kernels::testing::SetName);

TEST_P(LogitScreenTest, TheBestTokensAreExactAndTheOthersNear) {
  const auto all = Compute(0, kRows, false);
  const auto screened = Compute(0, kRows, true);
  for (int row = 0; row < kRows; ++row) {
    const float* exact = all.data() + Size(row, kTokens);
    const float* mine = screened.data() + Size(row, kTokens);
    std::vector<int> order(kTokens);
    for (int i = 0; i < kTokens; ++i) order[static_cast<std::size_t>(i)] = i;
    std::sort(order.begin(), order.end(), [&](int a, int b) { return exact[a] > exact[b]; });
    for (int i = 0; i < 6; ++i) {
      const int token = order[static_cast<std::size_t>(i)];
      EXPECT_EQ(mine[token], exact[token]) << "row " << row << ", place " << i;
    }
    double error = 0, power = 0;
    for (int i = 0; i < kTokens; ++i) {
      error += std::pow(mine[i] - exact[i], 2);
      power += std::pow(exact[i], 2);
    }
    EXPECT_LT(error, 0.02 * power) << row;
    EXPECT_GT(error, 0) << "row " << row << " was computed from the bytes alone";
  }
}

TEST_P(LogitScreenTest, TokensThatAreNotTextAreExactTogetherWhereOneIsLikely) {
  const auto all = Compute(0, kRows, false);
  const auto screened = Compute(0, kRows, true);
  const auto at = [](const std::vector<float>& logits, int row) {
    return logits.data() + Size(row, kTokens);
  };
  EXPECT_TRUE(Equal(at(all, 3), at(screened, 3), kFirstSpecial, kTokens));
  int others = 0;
  for (int row = 0; row < kRows; ++row) {
    if (row != 3 && Equal(at(all, row), at(screened, row), kFirstSpecial, kTokens)) ++others;
  }
  EXPECT_LT(others, kRows - 1) << "no row had near values only";
}

TEST_P(LogitScreenTest, NeitherNeighboursNorThreadsChangeARow) {
  const auto together = Compute(0, kRows, true);
  EXPECT_EQ(together, Compute(0, kRows, true, 3));
  for (int row = 0; row < kRows; ++row) {
    const auto alone = Compute(row, 1, true);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                           together.begin() + static_cast<std::ptrdiff_t>(Size(row, kTokens))))
        << row;
  }
}

TEST_P(LogitScreenTest, ARowOfNoNumbersIsComputed) {
  std::fill(x_.begin(), x_.begin() + kWidth, std::nanf(""));
  const auto screened = Compute(0, 2, true);
  const auto alone = Compute(1, 1, true);
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), screened.begin() + kTokens));
}

}  // namespace
}  // namespace wt::whisper
