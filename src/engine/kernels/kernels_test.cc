// The registry of kernel sets, and the packing of matrices.
#include "engine/kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "engine/kernels/kernels_testing.h"
#include "platform/cpu.h"

namespace wt::kernels {
namespace {

TEST(KernelRegistryTest, GenericComesFirstAndBestComesLast) {
  const KernelList list = RunnableKernels();
  ASSERT_GE(list.count, 1);
  EXPECT_EQ(list.sets[0]->isa, Isa::kGeneric);
  EXPECT_EQ(list.sets[list.count - 1], &BestKernels());
}

TEST(KernelRegistryTest, EveryRunnableSetIsFoundByItsNameAndIsComplete) {
  std::set<std::string> names;
  for (const KernelSet* set : testing::Sets()) {
    const std::string name(IsaName(set->isa));
    EXPECT_TRUE(names.insert(name).second) << name;
    const auto found = FindKernels(name);
    ASSERT_TRUE(found.ok()) << name;
    EXPECT_EQ(*found, set);
    EXPECT_GT(set->panel, 0);
    EXPECT_GT(set->tile_rows, 0);
    EXPECT_TRUE(set->pack && set->pack_transposed && set->gemm && set->layer_norm && set->softmax &&
                set->gelu && set->quantize && set->attention && set->add && set->max &&
                set->sum_exp && set->cached_attention);
  }
}

TEST(KernelRegistryTest, AutoIsTheBestSet) {
  const auto found = FindKernels("auto");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, &BestKernels());
}

TEST(KernelRegistryTest, UnknownNamesAreUnsupported) {
  for (const char* name : {"", "sse9", "AVX2", "generic "}) {
    const auto found = FindKernels(name);
    ASSERT_FALSE(found.ok()) << name;
    EXPECT_EQ(found.status().code(), StatusCode::kUnsupported);
  }
}

TEST(KernelRegistryTest, SetsMatchTheFeatureBitsOfTheProcessor) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "vector sets exist for x86-64 only";
#endif
  const platform::CpuFeatures cpu = platform::DetectCpuFeatures();
  EXPECT_EQ(FindKernels("avx2").ok(), cpu.avx2_fma);
  EXPECT_EQ(FindKernels("avx2_vnni").ok(), cpu.avx_vnni);
  EXPECT_EQ(FindKernels("avx512").ok(), cpu.avx512);
  EXPECT_EQ(FindKernels("avx512_vnni").ok(), cpu.avx512_vnni);
  EXPECT_EQ(FindKernels("avx512_bf16").ok(), cpu.avx512_bf16);
}

class PackTest : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const KernelSet& set() const { return *GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Sets, PackTest, ::testing::ValuesIn(testing::Sets()), testing::SetName);

struct PackShape {
  int n;
  int k;
};
// Full, partial and tiny panels; odd k; more than one panel of every set.
constexpr PackShape kShapes[] = {{64, 64}, {1, 1},  {3, 7},    {16, 16},  {17, 33},
                                 {63, 5},  {65, 2}, {130, 40}, {200, 31}, {28, 100}};
constexpr PackedType kTypes[] = {PackedType::kF32, PackedType::kBf16};

void ExpectHolds(const testing::Packed& packed, const std::vector<float>& w, int ld) {
  const PackedMatrix& shape = packed.matrix();
  for (int c = 0; c < shape.panels() * shape.panel; ++c) {
    for (int i = 0; i < shape.padded_k(); ++i) {
      const bool inside = c < shape.n && i < shape.k;
      const float expected =
          inside ? testing::Rounded(shape.type, w[static_cast<std::size_t>(c * ld + i)]) : 0.0f;
      ASSERT_EQ(packed.At(c, i), expected)
          << "n " << shape.n << " k " << shape.k << " at " << c << ", " << i;
    }
  }
  EXPECT_TRUE(packed.GuardIsIntact());
}

TEST_P(PackTest, PanelsHoldTheMatrixAndZerosBeyond) {
  for (const PackedType type : kTypes) {
    for (const auto [n, k] : kShapes) {
      const int ld = k + 3;  // Rows of a wider matrix.
      const auto w = testing::RandomFloats(static_cast<std::size_t>(n * ld), 1);
      testing::Packed packed(set(), type, n, k);
      set().pack(w.data(), ld, 0, n, packed.matrix(), packed.data());
      ExpectHolds(packed, w, ld);
    }
  }
}

TEST_P(PackTest, PartsPackedOneAfterAnotherEqualTheWhole) {
  for (const PackedType type : kTypes) {
    const int n = 3 * set().panel + 5;
    const int k = 37;
    const auto w = testing::RandomFloats(static_cast<std::size_t>(n * k), 2);
    testing::Packed packed(set(), type, n, k);
    const int cuts[] = {0, set().panel, 3 * set().panel, n};
    for (int part = 0; part < 3; ++part) {
      const int first = cuts[part];
      set().pack(w.data() + first * k, k, first, cuts[part + 1] - first, packed.matrix(),
                 packed.data());
    }
    ExpectHolds(packed, w, k);
  }
}

TEST_P(PackTest, TransposedSourceGivesTheSamePanels) {
  for (const PackedType type : kTypes) {
    for (const auto [n, k] : kShapes) {
      const auto w = testing::RandomFloats(static_cast<std::size_t>(n * k), 3);
      const int ld = n + 5;
      std::vector<float> transposed(static_cast<std::size_t>(k * ld));
      for (int c = 0; c < n; ++c) {
        for (int i = 0; i < k; ++i) {
          transposed[static_cast<std::size_t>(i * ld + c)] = w[static_cast<std::size_t>(c * k + i)];
        }
      }
      testing::Packed packed(set(), type, n, k);
      set().pack_transposed(transposed.data(), ld, 0, packed.matrix().k, packed.matrix(),
                            packed.data());
      ExpectHolds(packed, w, k);
    }
  }
}

TEST_P(PackTest, Bf16RoundsToNearestEvenAndFlushesDenormals) {
  // Every case of rounding meets every lane: the list's length shares no factor with a panel.
  const float inf = std::numeric_limits<float>::infinity();
  const float cases[] = {0.0f,      -0.0f,     1.0f + 0x1p-8f, 1.0f + 0x3p-8f, -1.0f - 0x1.8p-8f,
                         0x1p-126f, 0x1p-127f, -0x1p-149f,     3.4e38f,        -3.4e38f,
                         inf,       -inf,      1e30f};
  const int n = 130;
  const int k = 34;
  std::vector<float> w(static_cast<std::size_t>(n * k));
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = cases[i % std::size(cases)];
  ExpectHolds(testing::PackRows(set(), PackedType::kBf16, w, n, k), w, k);
}

TEST_P(PackTest, Bf16KeepsNan) {
  const std::vector<float> w(64 * 32, std::numeric_limits<float>::quiet_NaN());
  const testing::Packed packed = testing::PackRows(set(), PackedType::kBf16, w, 64, 32);
  for (int c = 0; c < 64; ++c) EXPECT_TRUE(std::isnan(packed.At(c, c % 32)));
}

}  // namespace
}  // namespace wt::kernels
