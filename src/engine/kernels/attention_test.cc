// Attention over packed keys and values, of every set, against softmax in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/kernels/kernels_testing.h"

namespace wt::kernels {
namespace {

constexpr int kHead = 64;
std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

struct Problem {
  Problem(const KernelSet& kernels, PackedType type, int rows_in, int positions_in, float spread)
      : set(kernels),
        rows(rows_in),
        positions(positions_in),
        q(testing::RandomFloats(Size(rows, kHead), 1, spread)),
        k(testing::RandomFloats(Size(positions, kHead), 2)),
        v(testing::RandomFloats(Size(positions, kHead), 3)),
        keys(testing::PackRows(kernels, type, k, positions, kHead)),
        values(kernels, type, kHead, positions) {
    if (type == PackedType::kInt8) {
      scales.assign(static_cast<std::size_t>(values.matrix().padded_k()), -1.0f);
      kernels.pack_values(v.data(), kHead, 0, positions, values.matrix(), values.data(),
                          scales.data());
      return;
    }
    kernels.pack_transposed(v.data(), kHead, 0, positions, values.matrix(), values.data());
  }

  std::vector<float> Run(int first, int count, std::vector<float>* probabilities = nullptr) const {
    std::vector<float> out(Size(count, kHead + 3), -9.0f);
    std::vector<float> scores(AttentionFloats(count, positions));
    std::vector<std::uint16_t> scratch(Size(count, positions + 64));
    AttentionArgs args;
    args.q = q.data() + Size(first, kHead);
    args.ldq = kHead;
    args.rows = count;
    args.keys = &keys.matrix();
    args.values = &values.matrix();
    args.value_scales = scales.data();
    args.out = out.data();
    args.ldo = kHead + 3;
    if (probabilities != nullptr) {
      probabilities->resize(Size(count, positions));
      args.probabilities = probabilities->data();
    }
    set.attention(args, scores.data(), scratch.data());
    return out;
  }

  // Largest error of `out` over the rows of this problem.
  double Error(const std::vector<float>& out, const std::vector<float>& probabilities) const {
    double worst = 0;
    for (int r = 0; r < rows; ++r) {
      std::vector<double> p(static_cast<std::size_t>(positions));
      double largest = -1e300, sum = 0;
      for (int t = 0; t < positions; ++t) {
        double dot = 0;
        for (int i = 0; i < kHead; ++i) {
          dot += static_cast<double>(q[Size(r, kHead) + i]) *
                 static_cast<double>(k[Size(t, kHead) + i]);
        }
        p[static_cast<std::size_t>(t)] = dot;
        largest = std::max(largest, dot);
      }
      for (double& x : p) sum += x = std::exp(x - largest);
      for (int t = 0; t < positions; ++t) {
        const double exact = p[static_cast<std::size_t>(t)] / sum;
        worst = std::max(
            worst, std::abs(static_cast<double>(probabilities[Size(r, positions) + t]) - exact));
      }
      for (int i = 0; i < kHead; ++i) {
        double exact = 0;
        for (int t = 0; t < positions; ++t) {
          exact +=
              p[static_cast<std::size_t>(t)] / sum * static_cast<double>(v[Size(t, kHead) + i]);
        }
        worst = std::max(worst, std::abs(static_cast<double>(out[Size(r, kHead + 3) + i]) - exact));
      }
      EXPECT_EQ(out[Size(r, kHead + 3) + kHead], -9.0f) << "wrote beyond the head";
    }
    return worst;
  }

  const KernelSet& set;
  int rows, positions;
  std::vector<float> q, k, v;
  testing::Packed keys, values;
  std::vector<float> scales;
};

class AttentionTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, AttentionTest, ::testing::ValuesIn(testing::Sets()),
                         testing::SetName);

TEST_P(AttentionTest, EveryRowCountAndLengthMatchesSoftmaxInDouble) {
  for (const PackedType type : {PackedType::kF32, PackedType::kBf16, PackedType::kInt8}) {
    // Operands of bf16 are off by 2^-9 each, keys and values in bytes by 2^-8 of their largest;
    // scores reach 8 or so, numerators are rounded as well.
    const double tolerance = type == PackedType::kF32    ? 2e-5
                             : type == PackedType::kBf16 ? 0.02
                                                         : 0.03;
    for (const int positions : {1, 15, 31, 33, 64, 100, 1500}) {
      for (const int rows : {1, 5, 16, 17, 33, 97}) {
        if (rows > 33 && positions > 100) continue;
        const Problem problem(*GetParam(), type, rows, positions, 0.25f);
        std::vector<float> probabilities;
        const auto out = problem.Run(0, rows, &probabilities);
        EXPECT_LT(problem.Error(out, probabilities), tolerance)
            << rows << " rows, " << positions << " positions";
      }
    }
  }
}

TEST_P(AttentionTest, ARowGivesTheSameBitsAlone) {
  for (const PackedType type : {PackedType::kF32, PackedType::kBf16, PackedType::kInt8}) {
    const Problem problem(*GetParam(), type, 41, 150, 1.0f);
    const auto whole = problem.Run(0, 41);
    for (const int row : {0, 7, 16, 31, 32, 40}) {
      const auto alone = problem.Run(row, 1);
      for (int i = 0; i < kHead; ++i) {
        ASSERT_EQ(alone[i], whole[Size(row, kHead + 3) + i]) << row << " " << i;
      }
    }
  }
}

TEST_P(AttentionTest, OnePositionFarAheadTakesAll) {
  for (const PackedType type : {PackedType::kF32, PackedType::kBf16, PackedType::kInt8}) {
    Problem problem(*GetParam(), type, 2, 200, 100.0f);
    std::vector<float> probabilities;
    const auto out = problem.Run(0, 2, &probabilities);
    for (int r = 0; r < 2; ++r) {
      const float* row = probabilities.data() + Size(r, 200);
      const auto best = std::max_element(row, row + 200) - row;
      ASSERT_NEAR(row[best], 1.0f, 1e-5f);
      for (int i = 0; i < kHead; ++i) {
        EXPECT_NEAR(out[Size(r, kHead + 3) + i], problem.v[Size(static_cast<int>(best), kHead) + i],
                    0.02);
      }
    }
  }
}

// Scores that rise panel by panel, from far below to far above: numerators begun on an early
// panel's scale must shrink to nothing, and those that fall must vanish. Not in bytes: the one
// large number of such keys leaves no range for their others.
TEST_P(AttentionTest, ScoresMayRiseAndFallAlongThePositions) {
  for (const PackedType type : {PackedType::kF32, PackedType::kBf16}) {
    for (const float slope : {2.0f, -2.0f, 0.6f, -0.6f}) {
      const int positions = 300;
      Problem problem(*GetParam(), type, 19, positions, 0.05f);
      for (int r = 0; r < 19; ++r) problem.q[Size(r, kHead)] = 4.0f;
      // Exact in bf16, so that the scores' slope is the same in every set.
      for (int t = 0; t < positions; ++t) {
        problem.k[Size(t, kHead)] = std::round(slope * static_cast<float>(t - 150) * 0.25f);
      }
      problem.keys = testing::PackRows(*GetParam(), type, problem.k, positions, kHead);
      std::vector<float> probabilities;
      const auto out = problem.Run(0, 19, &probabilities);
      EXPECT_LT(problem.Error(out, probabilities), type == PackedType::kF32 ? 2e-4 : 0.02)
          << "slope " << slope;
    }
  }
}

}  // namespace
}  // namespace wt::kernels
