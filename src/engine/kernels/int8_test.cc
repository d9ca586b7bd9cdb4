// Products of bytes of every set: exact against whole-number arithmetic, and the same bits as the
// generic set under any split.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/kernels/kernels_testing.h"

namespace wt::kernels {
namespace {

std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

// Quantised rows with their memory.
struct OwnedRows {
  OwnedRows(const KernelSet& set, const std::vector<float>& x, int rows, int k, int padded_k,
            bool split = false)
      : values(Size(split ? 2 * rows : rows, padded_k + 64), 77),
        scales(static_cast<std::size_t>(split ? 2 * rows : rows)),
        offsets(scales.size()),
        view{values.data(), padded_k + 64, scales.data(), offsets.data(), split} {
    set.quantize(x.data(), k, rows, k, padded_k, view);
  }
  std::vector<std::int8_t> values;
  std::vector<float> scales;
  std::vector<std::int32_t> offsets;
  Int8Rows view;
};

class Int8Test : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }
  static const KernelSet& generic() { return *testing::Sets().front(); }

  // The product of rows x by w, cut into calls of `row_step` rows and `panel_step` panels.
  std::vector<float> Product(const KernelSet& kernels, const std::vector<float>& x,
                             const std::vector<float>& w, int m, int n, int k, Epilogue epilogue,
                             int row_step = 1 << 20, int panel_step = 1 << 20) {
    const auto packed = testing::PackRows(kernels, PackedType::kInt8, w, n, k);
    EXPECT_TRUE(packed.GuardIsIntact());
    const OwnedRows rows(kernels, x, m, k, packed.matrix().padded_k(), split_);
    const auto bias = testing::RandomFloats(static_cast<std::size_t>(n), 9);
    std::vector<float> c(Size(m, n + 5), 0.25f);
    GemmArgs args;
    args.a8 = &rows.view;
    args.w = &packed.matrix();
    args.bias = bias.data();
    args.c = c.data();
    args.ldc = n + 5;
    args.epilogue = epilogue;
    const int panels = packed.matrix().panels();
    for (int p = 0; p < panels; p += std::min(panels, panel_step)) {
      for (int r = 0; r < m; r += std::min(m, row_step)) {
        kernels.gemm(args, {r, std::min(r + std::min(m, row_step), m)},
                     {p, std::min(p + std::min(panels, panel_step), panels)}, nullptr);
      }
    }
    return c;
  }

  // Runs `body` for rows of one byte per number, then for split ones.
  template <typename Body>
  void BothWays(const Body& body) {
    for (const bool split : {false, true}) {
      SCOPED_TRACE(split ? "split rows" : "rows of bytes");
      split_ = split;
      body();
    }
  }

 private:
  bool split_ = false;
};
INSTANTIATE_TEST_SUITE_P(Sets, Int8Test, ::testing::ValuesIn(testing::Sets()), testing::SetName);

TEST_P(Int8Test, QuantizationRoundsToNearestAndCountsTheRow) {
  const int k = 70, padded = 128;
  auto x = testing::RandomFloats(Size(3, k), 5);
  std::fill(x.begin() + k, x.begin() + 2 * k, 0.0f);
  x[2 * k] = -1e30f;  // One number that leaves nothing to the others.
  const OwnedRows rows(set(), x, 3, k, padded);
  for (int r = 0; r < 3; ++r) {
    int sum = 0;
    float largest = 0.0f;
    for (int i = 0; i < k; ++i) largest = std::max(largest, std::fabs(x[Size(r, k) + i]));
    for (int i = 0; i < padded; ++i) {
      const int value = rows.values[Size(r, padded + 64) + i];
      const float exact = i < k && largest > 0 ? x[Size(r, k) + i] * (127.0f / largest) : 0.0f;
      ASSERT_EQ(value, std::lrintf(exact)) << r << " " << i;
      sum += value;
    }
    EXPECT_EQ(rows.offsets[r], 128 * sum);
    EXPECT_EQ(rows.scales[r], largest / 127.0f);
    EXPECT_EQ(rows.values[Size(r, padded + 64) + padded], 77) << "wrote beyond the padding";
  }
}

TEST_P(Int8Test, SplitRowsHoldFourteenBits) {
  const int m = 5, k = 70, padded = 128;
  auto x = testing::RandomFloats(Size(m, k), 5);
  std::fill(x.begin() + k, x.begin() + 2 * k, 0.0f);
  const OwnedRows rows(set(), x, m, k, padded, true);
  for (int r = 0; r < m; ++r) {
    float largest = 0.0f;
    for (int i = 0; i < k; ++i) largest = std::max(largest, std::fabs(x[Size(r, k) + i]));
    int sums[2] = {};
    for (int i = 0; i < padded; ++i) {
      float near = 0.0f;
      for (const int half : {0, 1}) {
        const int value = rows.values[Size(2 * r + half, padded + 64) + i];
        sums[half] += value;
        near += static_cast<float>(value) * rows.scales[2 * r + half];
      }
      // Half of the lower byte's step, and the rounding of floats.
      const float exact = i < k ? x[Size(r, k) + i] : 0.0f;
      ASSERT_NEAR(near, exact, largest / 127 / 128 * 0.502f) << r << " " << i;
    }
    for (const int half : {0, 1}) {
      EXPECT_EQ(rows.offsets[2 * r + half], 128 * sums[half]);
      EXPECT_EQ(rows.values[Size(2 * r + half, padded + 64) + padded], 77) << "beyond the padding";
    }
    EXPECT_EQ(rows.scales[2 * r], largest / 127.0f);
  }
}

TEST_P(Int8Test, SplitRowsLoseHardlyAnything) {
  const int m = 9, n = 70, k = 300;
  const auto x = testing::RandomFloats(Size(m, k), 1);
  const auto w = testing::RandomFloats(Size(n, k), 2);
  const auto packed = testing::PackRows(set(), PackedType::kInt8, w, n, k);
  const auto bias = testing::RandomFloats(static_cast<std::size_t>(n), 9);
  double largest[2] = {};
  int way = 0;
  BothWays([&] {
    const auto c = Product(set(), x, w, m, n, k, Epilogue::kStore);
    for (int r = 0; r < m; ++r) {
      for (int i = 0; i < n; ++i) {
        double exact = static_cast<double>(bias[static_cast<std::size_t>(i)]);
        for (int j = 0; j < k; ++j) {
          exact += static_cast<double>(x[Size(r, k) + j]) * static_cast<double>(packed.At(i, j));
        }
        const auto mine = static_cast<double>(c[Size(r, n + 5) + static_cast<std::size_t>(i)]);
        largest[way] = std::max(largest[way], std::fabs(mine - exact));
      }
    }
    ++way;
  });
  EXPECT_LT(largest[1], 0.01);
  EXPECT_GT(largest[0], 20 * largest[1]);
}

TEST_P(Int8Test, QuantizationEqualsTheGenericSetForHostileNumbers) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {kNan,       1.0f,   -2.0f,  0.5f,    kInfinity, 1.0f,
                                -kInfinity, 0.0f,   1e-40f, -1e-42f, 0.0f,      1e-45f,
                                3e38f,      -3e38f, 1.0f,   0.0f};
  for (const bool split : {false, true}) {
    const OwnedRows mine(set(), x, 4, 4, 64, split);
    const OwnedRows oracle(generic(), x, 4, 4, 64, split);
    EXPECT_EQ(mine.values, oracle.values);
    const std::size_t rows = split ? 2 : 1;
    EXPECT_EQ(mine.scales[1 * rows], oracle.scales[1 * rows]);
    EXPECT_EQ(mine.scales[2 * rows], 0.0f);
    EXPECT_EQ(mine.scales[3 * rows], oracle.scales[3 * rows]);
  }
}

TEST_P(Int8Test, PackedColumnsHoldTheRoundedWeights) {
  const int n = 70, k = 37;
  auto w = testing::RandomFloats(Size(n, k), 3);
  std::fill(w.begin() + 5 * k, w.begin() + 6 * k, 0.0f);
  const auto packed = testing::PackRows(set(), PackedType::kInt8, w, n, k);
  for (int column = 0; column < n; ++column) {
    float largest = 0.0f;
    for (int i = 0; i < k; ++i) largest = std::max(largest, std::fabs(w[Size(column, k) + i]));
    for (int i = 0; i < k; ++i) {
      const float scaled = largest > 0 ? w[Size(column, k) + i] * (127.0f / largest) : 0.0f;
      const auto whole = static_cast<float>(std::lrintf(scaled));
      ASSERT_EQ(packed.At(column, i), whole * (largest / 127.0f)) << column << " " << i;
    }
  }
}

TEST_P(Int8Test, EveryShapeEqualsTheGenericSetBitForBit) {
  BothWays([&] {
    for (const int k : {1, 4, 63, 64, 65, 512, 1030, 2112}) {
      for (const int n : {1, 16, 63, 64, 65, 130, 200}) {
        for (const int m : {1, 2, 5, 6, 8, 13, 16, 17, 31, 32, 33, 64, 99}) {
          if (Size(m, n) * static_cast<std::size_t>(k) > 3'000'000) continue;
          const auto x = testing::RandomFloats(Size(m, k), 1);
          const auto w = testing::RandomFloats(Size(n, k), 2);
          ASSERT_EQ(Product(set(), x, w, m, n, k, Epilogue::kStore),
                    Product(generic(), x, w, m, n, k, Epilogue::kStore))
              << m << " x " << n << " x " << k;
        }
      }
    }
  });
}

TEST_P(Int8Test, LargestBytesDoNotSaturate) {
  BothWays([&] {
    // Every product is 255 * 127 or its negative: pairs of them overflow 16 bits, 5120 do not 32.
    const int m = 7, n = 64, k = 5120;
    for (const float sign : {1.0f, -1.0f}) {
      const std::vector<float> x(Size(m, k), sign);
      const std::vector<float> w(Size(n, k), 1.0f);
      const auto c = Product(set(), x, w, m, n, k, Epilogue::kStore);
      ASSERT_EQ(c, Product(generic(), x, w, m, n, k, Epilogue::kStore));
      const auto bias = testing::RandomFloats(static_cast<std::size_t>(n), 9);
      EXPECT_NEAR(c[0], sign * 5120.0f + bias[0], 0.01f);
    }
  });
}

TEST_P(Int8Test, EpiloguesAddAndBend) {
  BothWays([&] {
    const int m = 37, n = 90, k = 200;
    const auto x = testing::RandomFloats(Size(m, k), 1);
    const auto w = testing::RandomFloats(Size(n, k), 2, 0.2f);
    const auto sums = Product(set(), x, w, m, n, k, Epilogue::kStore);
    const auto added = Product(set(), x, w, m, n, k, Epilogue::kAdd);
    const auto bent = Product(set(), x, w, m, n, k, Epilogue::kGelu);
    for (int r = 0; r < m; ++r) {
      for (int i = 0; i < n; ++i) {
        const std::size_t at = Size(r, n + 5) + static_cast<std::size_t>(i);
        ASSERT_EQ(added[at], 0.25f + sums[at]);
        ASSERT_NEAR(bent[at], testing::ExactGelu(static_cast<double>(sums[at])), 1e-4);
      }
      EXPECT_EQ(bent[Size(r, n + 5) + n], 0.25f) << "wrote beyond the last column";
    }
  });
}

TEST_P(Int8Test, AnyPartsAndAnyNeighboursGiveTheSameBits) {
  BothWays([&] {
    const int m = 101, n = 200, k = 600;
    const auto x = testing::RandomFloats(Size(m, k), 1);
    const auto w = testing::RandomFloats(Size(n, k), 2);
    for (const Epilogue epilogue : {Epilogue::kAdd, Epilogue::kGelu}) {
      const auto whole = Product(set(), x, w, m, n, k, epilogue);
      for (const int row_step : {1, 5, 8, 17, 64}) {
        for (const int panel_step : {1, 3}) {
          ASSERT_EQ(Product(set(), x, w, m, n, k, epilogue, row_step, panel_step), whole)
              << row_step << " rows, " << panel_step << " panels";
        }
      }
    }
  });
}

// Rows beyond one block of every product, depths of one and of many blocks, a panel cut short.
TEST_P(Int8Test, ManyRowsEqualTheGenericSetBitForBit) {
  BothWays([&] {
    const int n = 150;
    for (const int m : {192, 193, 230}) {
      for (const int k : {64, 512, 580, 1100}) {
        const auto x = testing::RandomFloats(Size(m, k), 1);
        const auto w = testing::RandomFloats(Size(n, k), 2);
        for (const Epilogue epilogue : {Epilogue::kStore, Epilogue::kAdd}) {
          ASSERT_EQ(Product(set(), x, w, m, n, k, epilogue),
                    Product(generic(), x, w, m, n, k, epilogue))
              << m << " x " << n << " x " << k;
        }
        ASSERT_EQ(Product(set(), x, w, m, n, k, Epilogue::kGelu),
                  Product(set(), x, w, m, n, k, Epilogue::kGelu, 7, 1))
            << m << " x " << n << " x " << k;
      }
    }
  });
}

}  // namespace
}  // namespace wt::kernels
