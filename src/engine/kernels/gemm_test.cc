// The product with a packed matrix, of every set, against a reference in double and bit for bit
// against itself under any split.
//
// Tolerance of a float32 sum of k products in order: |error| <= k * 2^-24 * sum |a * w|; typical
// errors are sqrt(k) of that, so 2^-24 * (sqrt(k) + 4) * sum |a * w| fails for a wrong element and
// holds for every right order. With bf16 the operands are rounded first, in the reference too.
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

constexpr PackedType kTypes[] = {PackedType::kF32, PackedType::kBf16};

std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }
double D(float value) { return static_cast<double>(value); }

// One product with everything that a call needs. Rows of A and C have gaps behind them; those of A
// hold NaN, which would spread from any read beyond k, even one that meets a padding zero of W.
class Product {
 public:
  Product(const KernelSet& set, PackedType type, int m, int n, int k, unsigned seed = 1)
      : set_(set),
        m_(m),
        n_(n),
        k_(k),
        lda_(k + 3),
        ldc_(n + 7),
        a_(testing::RandomFloats(Size(m, lda_), seed)),
        w_(testing::RandomFloats(Size(n, k), seed + 1)),
        bias_(testing::RandomFloats(static_cast<std::size_t>(n), seed + 2)),
        c0_(testing::RandomFloats(Size(m, ldc_), seed + 3)),
        packed_(testing::PackRows(set, type, w_, n, k)),
        scratch_(Size(m, k + 64)) {
    for (std::size_t i = 0; i < a_.size(); ++i) {
      const bool in_gap = i % static_cast<std::size_t>(lda_) >= static_cast<std::size_t>(k_);
      if (in_gap) a_[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }

  GemmArgs Args(std::vector<float>& c, Epilogue epilogue = Epilogue::kStore) const {
    GemmArgs args;
    args.a = a_.data();
    args.lda = lda_;
    args.w = &packed_.matrix();
    args.bias = bias_.data();
    args.c = c.data();
    args.ldc = ldc_;
    args.epilogue = epilogue;
    return args;
  }
  Range AllRows() const { return {0, m_}; }
  Range AllPanels() const { return {0, packed_.matrix().panels()}; }

  std::vector<float> Run(Epilogue epilogue = Epilogue::kStore, float scale = 1.0f,
                         bool with_bias = true) {
    std::vector<float> c = c0_;
    GemmArgs args = Args(c, epilogue);
    args.scale = scale;
    if (!with_bias) args.bias = nullptr;
    set_.gemm(args, AllRows(), AllPanels(), scratch_.data());
    return c;
  }

  void ExpectExact(const std::vector<float>& c, Epilogue epilogue, float scale, bool with_bias) {
    const std::vector<double> a = RoundedValues(a_);
    const std::vector<double> w = RoundedValues(w_);
    for (int row = 0; row < m_; ++row) {
      for (int column = 0; column < ldc_; ++column) {
        const float before = c0_[Size(row, ldc_) + column];
        const float got = c[Size(row, ldc_) + column];
        if (column >= n_) {
          ASSERT_EQ(got, before) << "wrote into the gap of row " << row;
          continue;
        }
        double sum = 0.0;
        double magnitude = 0.0;
        for (int i = 0; i < k_; ++i) {
          const double product = a[Size(row, lda_) + i] * w[Size(column, k_) + i];
          sum += product;
          magnitude += std::abs(product);
        }
        double exact = sum * D(scale) + (with_bias ? D(bias_[column]) : 0.0);
        if (epilogue == Epilogue::kGelu) exact = testing::ExactGelu(exact);
        if (epilogue == Epilogue::kAdd) exact += D(before);
        const double tolerance =
            0x1p-24 * ((std::sqrt(k_) + 4) * magnitude * D(scale) + 4 * std::abs(exact) + 4);
        ASSERT_NEAR(D(got), exact, tolerance)
            << "m " << m_ << " n " << n_ << " k " << k_ << " at " << row << ", " << column;
      }
    }
  }

  // What the product sees of `values`.
  std::vector<double> RoundedValues(const std::vector<float>& values) const {
    std::vector<double> rounded;
    for (const float value : values) {
      rounded.push_back(D(testing::Rounded(packed_.matrix().type, value)));
    }
    return rounded;
  }

  const KernelSet& set_;
  int m_;
  int n_;
  int k_;
  int lda_;
  int ldc_;
  std::vector<float> a_;
  std::vector<float> w_;
  std::vector<float> bias_;
  std::vector<float> c0_;
  testing::Packed packed_;
  std::vector<std::uint16_t> scratch_;
};

class GemmTest : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Sets, GemmTest, ::testing::ValuesIn(testing::Sets()), testing::SetName);

TEST_P(GemmTest, EveryRowCountAndTailMatchesTheDefinition) {
  for (const PackedType type : kTypes) {
    for (int m = 1; m <= 13; ++m) {
      for (const int n : {1, 15, 16, 17, 40, 64, 65, 100, 130, 200}) {
        Product product(set(), type, m, n, 37);
        product.ExpectExact(product.Run(), Epilogue::kStore, 1.0f, true);
      }
    }
  }
}

TEST_P(GemmTest, EveryDepthMatchesTheDefinition) {
  for (const PackedType type : kTypes) {
    for (const int k : {1, 2, 3, 15, 16, 31, 64, 255, 256, 257, 511, 513, 1025, 1500, 2050}) {
      for (const int m : {1, 8, 13}) {
        Product product(set(), type, m, 70, k);
        product.ExpectExact(product.Run(), Epilogue::kStore, 1.0f, true);
      }
    }
  }
}

TEST_P(GemmTest, EveryEpilogueTakesScaleAndBias) {
  for (const PackedType type : kTypes) {
    for (const Epilogue epilogue : {Epilogue::kStore, Epilogue::kGelu, Epilogue::kAdd}) {
      for (const bool with_bias : {false, true}) {
        for (const int n : {64, 90}) {
          for (const int k : {20, 600}) {
            Product product(set(), type, 8, n, k);
            product.ExpectExact(product.Run(epilogue, 0.125f, with_bias), epilogue, 0.125f,
                                with_bias);
          }
        }
      }
    }
  }
}

TEST_P(GemmTest, AttentionShapesMatchTheDefinition) {
  for (const PackedType type : kTypes) {
    Product scores(set(), type, 7, 1500, 64);
    scores.ExpectExact(scores.Run(Epilogue::kStore, 0.125f, false), Epilogue::kStore, 0.125f,
                       false);
    Product values(set(), type, 7, 64, 1500);
    values.ExpectExact(values.Run(Epilogue::kStore, 1.0f, false), Epilogue::kStore, 1.0f, false);
  }
}

TEST_P(GemmTest, ManyRowsMatchTheDefinition) {
  for (const PackedType type : kTypes) {
    Product product(set(), type, 197, 66, 530);
    product.ExpectExact(product.Run(), Epilogue::kStore, 1.0f, true);
  }
}

TEST_P(GemmTest, AnySplitIntoRowsAndPanelsGivesTheSameBits) {
  // Past one block of 96 rows and one of 512 units of k (1,024 numbers of bf16), so that sums are
  // parked in some of the calls and not in others; added to C, so that a sum used twice is seen.
  for (const PackedType type : kTypes) {
    Product product(set(), type, 101, 200, type == PackedType::kF32 ? 530 : 1060);
    const auto whole = product.Run(Epilogue::kAdd);
    const int panels = product.AllPanels().end;
    for (const int row_step : {1, 5, 7, 64}) {
      for (const int panel_step : {1, 3}) {
        std::vector<float> c = product.c0_;
        const GemmArgs args = product.Args(c, Epilogue::kAdd);
        for (int p = 0; p < panels; p += panel_step) {
          for (int r = 0; r < product.m_; r += row_step) {
            set().gemm(args, {r, std::min(r + row_step, product.m_)},
                       {p, std::min(p + panel_step, panels)}, product.scratch_.data());
          }
        }
        ASSERT_EQ(c, whole) << "rows by " << row_step << ", panels by " << panel_step;
      }
    }
  }
}

TEST_P(GemmTest, ARowGivesTheSameBitsAlone) {
  // Batch neighbours must not change a result: row 5 of 13 equals the same row as a call of one.
  for (const PackedType type : kTypes) {
    Product product(set(), type, 13, 140, 777);
    const auto whole = product.Run();
    for (int row = 0; row < 13; ++row) {
      std::vector<float> c = product.c0_;
      GemmArgs args = product.Args(c);
      args.a += row * args.lda;
      args.c += row * args.ldc;
      set().gemm(args, {0, 1}, product.AllPanels(), product.scratch_.data());
      for (int i = 0; i < 140; ++i) {
        const std::size_t at = Size(row, product.ldc_) + static_cast<std::size_t>(i);
        ASSERT_EQ(c[at], whole[at]) << row << " " << i;
      }
    }
  }
}

TEST_P(GemmTest, EmptyRangesChangeNothing) {
  for (const PackedType type : kTypes) {
    Product product(set(), type, 3, 80, 10);
    std::vector<float> c = product.c0_;
    const GemmArgs args = product.Args(c);
    set().gemm(args, {0, 0}, product.AllPanels(), product.scratch_.data());
    set().gemm(args, {2, 2}, product.AllPanels(), product.scratch_.data());
    set().gemm(args, product.AllRows(), {1, 1}, product.scratch_.data());
    EXPECT_EQ(c, product.c0_);
  }
}

TEST_P(GemmTest, OnlyTheNamedBlockIsWritten) {
  Product product(set(), PackedType::kF32, 20, 4 * set().panel, 33);
  const auto whole = product.Run();
  std::vector<float> c = product.c0_;
  set().gemm(product.Args(c), {6, 13}, {1, 3}, product.scratch_.data());
  for (int row = 0; row < 20; ++row) {
    for (int column = 0; column < product.ldc_; ++column) {
      const bool inside = row >= 6 && row < 13 && column >= set().panel && column < 3 * set().panel;
      const std::size_t at = Size(row, product.ldc_) + static_cast<std::size_t>(column);
      ASSERT_EQ(c[at], inside ? whole[at] : product.c0_[at]) << row << " " << column;
    }
  }
}

TEST_P(GemmTest, LargeValuesOverflowToInfinityAndNanStaysNan) {
  for (const PackedType type : kTypes) {
    Product product(set(), type, 3, 64, 8);
    std::fill(product.a_.begin(), product.a_.end(), 1e30f);
    std::fill(product.w_.begin(), product.w_.end(), 1e30f);
    product.a_[Size(1, product.lda_)] = std::numeric_limits<float>::quiet_NaN();
    product.packed_ = testing::PackRows(set(), type, product.w_, 64, 8);
    const auto c = product.Run();
    EXPECT_EQ(c[0], std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::isnan(c[Size(1, product.ldc_)]));
    EXPECT_EQ(c[Size(2, product.ldc_)], std::numeric_limits<float>::infinity());
  }
}

TEST_P(GemmTest, Bf16FlushesDenormalOperands) {
  Product product(set(), PackedType::kBf16, 2, 64, 6);
  std::fill(product.a_.begin(), product.a_.end(), 0x1p-130f);
  std::fill(product.w_.begin(), product.w_.end(), 0x1p100f);
  product.packed_ = testing::PackRows(set(), PackedType::kBf16, product.w_, 64, 6);
  const auto c = product.Run(Epilogue::kStore, 1.0f, false);
  EXPECT_EQ(c[0], 0.0f);
}

TEST_P(GemmTest, Bf16EqualsTheGenericSetBitForBit) {
  // Products of bf16 numbers are exact in float32 and every set adds them in the same order.
  if (set().isa == Isa::kAvx512Amx) GTEST_SKIP() << "tiles add in an order of their own";
  const KernelSet& generic = *testing::Sets().front();
  for (const int m : {1, 5, 6, 13}) {
    for (const int k : {1, 2, 63, 64, 700}) {
      Product mine(set(), PackedType::kBf16, m, 100, k);
      Product oracle(generic, PackedType::kBf16, m, 100, k);
      ASSERT_EQ(mine.Run(), oracle.Run()) << m << " rows, depth " << k;
    }
  }
}

TEST_P(GemmTest, PackedTransposeMultipliesLikePackedRows) {
  for (const PackedType type : kTypes) {
    const int n = 64;
    const int k = 131;
    Product product(set(), type, 9, n, k);
    const auto expected = product.Run();
    std::vector<float> transposed(Size(k, n));
    for (int c = 0; c < n; ++c) {
      for (int i = 0; i < k; ++i) transposed[Size(i, n) + c] = product.w_[Size(c, k) + i];
    }
    set().pack_transposed(transposed.data(), n, 0, 50, product.packed_.matrix(),
                          product.packed_.data());
    set().pack_transposed(transposed.data() + Size(50, n), n, 50, k - 50, product.packed_.matrix(),
                          product.packed_.data());
    EXPECT_EQ(product.Run(), expected);
  }
}

}  // namespace
}  // namespace wt::kernels
