#include "engine/tensor/numbers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace wt::tensor {
namespace {

TEST(NumbersTest, EveryHalfSurvivesTheRoundTrip) {
  for (std::uint32_t half = 0; half < 0x10000u; ++half) {
    const float value = HalfToFloat(static_cast<std::uint16_t>(half));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(HalfToFloat(FloatToHalf(value))));
    } else {
      ASSERT_EQ(FloatToHalf(value), half);
    }
  }
}

TEST(NumbersTest, HalvesRoundToNearestEven) {
  EXPECT_EQ(FloatToHalf(1.0f + 0x1.0p-11f), 0x3C00);  // Tie, even below.
  EXPECT_EQ(FloatToHalf(1.0f + 0x1.8p-10f), 0x3C02);  // Tie, even above.
  EXPECT_EQ(FloatToHalf(65519.0f), 0x7BFF);
  EXPECT_EQ(FloatToHalf(65520.0f), 0x7C00);    // First that is infinity.
  EXPECT_EQ(FloatToHalf(0x1.0p-25f), 0x0000);  // Tie at half the least denormal.
  EXPECT_EQ(FloatToHalf(0x1.8p-25f), 0x0001);
}

TEST(NumbersTest, Bf16RoundsToNearestEvenAndFlushesDenormals) {
  EXPECT_EQ(FloatToBf16(1.0f), 0x3F80);
  EXPECT_EQ(FloatToBf16(1.0f + 0x1.0p-8f), 0x3F80);
  EXPECT_EQ(FloatToBf16(1.0f + 0x1.8p-7f), 0x3F82);
  EXPECT_EQ(FloatToBf16(-0x1.0p-130f), 0x8000);
  EXPECT_TRUE(std::isnan(Bf16ToFloat(FloatToBf16(NAN))));
}

}  // namespace
}  // namespace wt::tensor
