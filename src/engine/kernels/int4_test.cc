// Products with int4 matrices of every set: near the numbers that were packed, exact against
// arithmetic with what was packed, and the same under any split.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/kernels/kernels_testing.h"

namespace wt::kernels {
namespace {

std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

// W[column, i] read back from the panels.
float At(const PackedMatrix& w, int column, int i) {
  const std::byte* panel =
      w.data + static_cast<std::size_t>(column / w.panel) * w.bytes_per_panel();
  const int lane = column % w.panel;
  const auto byte = std::to_integer<int>(panel[(i / 8 * w.panel + lane) * 4 + i % 4]);
  const auto* scales = reinterpret_cast<const float*>(panel + w.value_bytes_per_panel());
  return (static_cast<float>(i % 8 < 4 ? byte & 15 : byte >> 4) - 7.5f) * scales[lane];
}

class Int4Test : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }

  // Rows x by w, in calls of `row_step` rows and `panel_step` panels; 0.25 beyond the columns.
  std::vector<float> Product(const std::vector<float>& x, const testing::Packed& w, int m,
                             int row_step = 1 << 20, int panel_step = 1 << 20) {
    const PackedMatrix& shape = w.matrix();
    const int stride = shape.padded_k() + 64;
    std::vector<std::int8_t> values(Size(m, stride));
    std::vector<float> scales(static_cast<std::size_t>(m));
    std::vector<std::int32_t> offsets(static_cast<std::size_t>(m));
    const Int8Rows rows = {values.data(), stride, scales.data(), offsets.data()};
    set().quantize(x.data(), shape.k, m, shape.k, shape.padded_k(), rows);
    std::vector<float> c(Size(m, shape.n + 5), 0.25f);
    const GemmArgs args = {.a8 = &rows, .w = &shape, .c = c.data(), .ldc = shape.n + 5};
    for (int p = 0; p < shape.panels(); p += std::min(shape.panels(), panel_step)) {
      for (int r = 0; r < m; r += std::min(m, row_step)) {
        set().gemm(args, {r, std::min(r + std::min(m, row_step), m)},
                   {p, std::min(p + std::min(shape.panels(), panel_step), shape.panels())},
                   nullptr);
      }
    }
    return c;
  }
};
INSTANTIATE_TEST_SUITE_P(Sets, Int4Test, ::testing::ValuesIn(testing::Sets()), testing::SetName);

TEST_P(Int4Test, PackedColumnsAreTheNearestOfSixteenLevels) {
  const int n = 70, k = 67;
  auto w = testing::RandomFloats(Size(n, k), 3);
  std::fill(w.begin() + 5 * k, w.begin() + 6 * k, 0.0f);
  w[Size(6, k)] = 40.0f;  // One number far out is cut off where that serves the others.
  const auto packed = testing::PackRows(set(), PackedType::kInt4, w, n, k);
  EXPECT_TRUE(packed.GuardIsIntact());
  for (int column = 0; column < n; ++column) {
    double error = 0, power = 0;
    for (int i = 0; i < k; ++i) {
      const float value = w[Size(column, k) + static_cast<std::size_t>(i)];
      error += std::pow(At(packed.matrix(), column, i) - value, 2);
      power += double{value} * double{value};
    }
    // 16 levels leave 1.2 % of the power of normally spread numbers (Max, 1960).
    EXPECT_LE(error, column == 6 ? power : 0.025 * power) << column;
  }
}

TEST_P(Int4Test, EveryShapeEqualsArithmeticWithWhatWasPacked) {
  for (const int k : {1, 7, 8, 64, 65, 512, 1300}) {
    for (const int n : {1, 16, 63, 64, 65, 200}) {
      const auto w = testing::RandomFloats(Size(n, k), 7);
      const auto packed = testing::PackRows(set(), PackedType::kInt4, w, n, k);
      for (const int m : {1, 2, 3, 4, 5, 6, 11, 16, 17, 40}) {
        const auto x = testing::RandomFloats(Size(m, k), 11);
        const auto c = Product(x, packed, m);
        const auto pieces = Product(x, packed, m, 2, 1);
        ASSERT_EQ(c, pieces) << "m " << m << " n " << n << " k " << k;
        for (int r = 0; r < m; ++r) {
          float largest = 0;
          for (int i = 0; i < k; ++i) {
            largest = std::max(largest, std::fabs(x[Size(r, k) + static_cast<std::size_t>(i)]));
          }
          for (int column = 0; column < n; ++column) {
            double sum = 0;
            for (int i = 0; i < k; ++i) {
              const float scaled = x[Size(r, k) + static_cast<std::size_t>(i)] * (127.0f / largest);
              sum += static_cast<double>(std::lrintf(scaled)) * At(packed.matrix(), column, i);
            }
            const double expected = sum * double{largest / 127.0f};
            ASSERT_NEAR(c[Size(r, n + 5) + static_cast<std::size_t>(column)], expected,
                        2e-5 * std::sqrt(k) * double{largest})
                << "m " << m << " n " << n << " k " << k << " at " << r << ", " << column;
          }
          for (int i = n; i < n + 5; ++i) {
            ASSERT_EQ(c[Size(r, n + 5) + static_cast<std::size_t>(i)], 0.25f) << "wrote beyond";
          }
        }
      }
    }
  }
}

TEST_P(Int4Test, NumbersWithoutASizeBecomeLevels) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> w = {kNan, 1.0f, -1.0f, 0.5f, 0.0f, 0.0f, 0.0f, 0.0f};
  const auto packed = testing::PackRows(set(), PackedType::kInt4, w, 2, 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(std::isnan(At(packed.matrix(), 0, i)));
    EXPECT_EQ(At(packed.matrix(), 1, i), 0.0f);
  }
}

TEST_P(Int4Test, WithWhatItLeavesInBytesARowIsFourTimesAsExactAsInBytesAlone) {
  const int n = 70, k = 512;
  auto w = testing::RandomFloats(Size(n, k), 3);
  // Sums of eight are spread nearly normally, as weights are.
  for (std::size_t i = 0; i + 8 < w.size(); ++i) {
    for (std::size_t j = 1; j < 8; ++j) w[i] += w[i + j];
  }
  auto rest = w;
  for (int row = 0; row < n; ++row) SubtractInt4(rest.data() + Size(row, k), k);
  const auto near = testing::PackRows(set(), PackedType::kInt4, w, n, k);
  const auto bytes = testing::PackRows(set(), PackedType::kInt8, w, n, k);
  const auto rests = testing::PackRows(set(), PackedType::kInt8, rest, n, k);
  double together = 0, alone = 0;
  for (int column = 0; column < n; ++column) {
    for (int i = 0; i < k; ++i) {
      const auto exact = static_cast<double>(w[Size(column, k) + static_cast<std::size_t>(i)]);
      const auto sum = static_cast<double>(At(near.matrix(), column, i) + rests.At(column, i));
      together += std::pow(sum - exact, 2);
      alone += std::pow(static_cast<double>(bytes.At(column, i)) - exact, 2);
    }
  }
  EXPECT_LT(together, alone / 16);
}

}  // namespace
}  // namespace wt::kernels
