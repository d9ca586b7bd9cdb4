#include "base/ids.h"

#include <gtest/gtest.h>

#include <array>

namespace wt::base {
namespace {

TEST(UuidTest, BeginsWithTheTimeAndStatesItsVersion) {
  std::array<std::byte, 10> random;
  random.fill(std::byte{0xFF});
  EXPECT_EQ(FormatUuidV7(0x0192'3456'789A, random), "01923456-789a-7fff-bfff-ffffffffffff");
  random.fill(std::byte{0});
  EXPECT_EQ(FormatUuidV7(0, random), "00000000-0000-7000-8000-000000000000");
}

TEST(UuidTest, LaterOnesSortLater) {
  const std::array<std::byte, 10> high = [] {
    std::array<std::byte, 10> bytes;
    bytes.fill(std::byte{0xFF});
    return bytes;
  }();
  EXPECT_LT(FormatUuidV7(1'700'000'000'000, high),
            FormatUuidV7(1'700'000'000'001, std::array<std::byte, 10>{}));
}

TEST(UuidTest, ReadsBothSpellings) {
  const std::string canonical = "01923456-789a-7fff-bfff-ffffffffffff";
  EXPECT_EQ(CanonicalUuid("01923456-789A-7FFF-BFFF-FFFFFFFFFFFF"), canonical);
  EXPECT_EQ(CanonicalUuid("01923456789a7fffbfffffffffffffff"), canonical);
  for (const char* bad :
       {"", "01923456-789a-7fff-bfff-fffffffffff", "../../../../etc/passwd",
        "01923456x789a-7fff-bfff-ffffffffffff", "g1923456789a7fffbfffffffffffffff"}) {
    EXPECT_FALSE(CanonicalUuid(bad)) << bad;
  }
}

TEST(TimeTest, WritesUtcWithMilliseconds) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(1'709'251'199'007), "2024-02-29T23:59:59.007Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatTime(4'102'444'800'000), "2100-01-01T00:00:00.000Z");
}

TEST(TimeTest, ReadsWhatItWrites) {
  for (const UnixMillis time : {0LL, 1'709'251'199'007LL, -1LL, 2'147'483'648'000LL}) {
    EXPECT_EQ(ParseTime(FormatTime(time)), time);
  }
}

TEST(TimeTest, ReadsOffsetsAndDecimals) {
  EXPECT_EQ(ParseTime("1970-01-01T01:30:00+01:30"), 0);
  EXPECT_EQ(ParseTime("1969-12-31t19:00:00.5-05:00"), 500);
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00.123456789Z"), 123);
}

TEST(TimeTest, RefusesWhatIsNoTime) {
  for (const char* bad : {"", "1970-01-01", "1970-01-01T00:00:00", "1970-02-30T00:00:00Z",
                          "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:00.Z",
                          "1970-01-01T00:00:00Z ", "1970-1-01T00:00:00Z", "1970-13-01T00:00:00Z"}) {
    EXPECT_FALSE(ParseTime(bad)) << bad;
  }
}

}  // namespace
}  // namespace wt::base
