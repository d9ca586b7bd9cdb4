#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace wt::base {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Status(StatusCode::kInvalidArgument, "odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  WT_ASSIGN(const int half, Half(n));
  WT_TRY(Half(half));
  return half / 2;
}

TEST(StatusTest, ErrorsPropagateWithTheirCode) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Quarter(3).status().message(), "odd");
}

TEST(StatusTest, ContextGoesBeforeTheMessageAndKeepsTheRest) {
  const Status status(StatusCode::kNotFound, "no file", InternalDetail("errno 2"));
  EXPECT_EQ(status.WithContext("model.bin").message(), "model.bin: no file");
  EXPECT_EQ(status.WithContext("x").detail().ForLog(), "errno 2");
  EXPECT_TRUE(Status().WithContext("x").ok());
}

TEST(ByteReaderTest, NeverReadsPastTheEndAndKeepsItsPosition) {
  const std::array<std::byte, 5> bytes = {std::byte{1}, std::byte{2}, std::byte{0}, std::byte{0},
                                          std::byte{9}};
  ByteReader reader(bytes);
  std::uint32_t word = 0;
  ASSERT_TRUE(reader.Read(&word));
  EXPECT_EQ(word, 0x0201u);
  EXPECT_FALSE(reader.Read(&word));
  EXPECT_EQ(reader.offset(), 4u);
  std::span<const std::byte> rest;
  EXPECT_FALSE(reader.ReadBytes(2, &rest));
  EXPECT_TRUE(reader.ReadBytes(1, &rest));
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.SeekTo(6));
}

TEST(CheckedTest, OverflowIsReported) {
  std::int32_t out = 0;
  EXPECT_FALSE(CheckedMul<std::int32_t>(1 << 20, 1 << 12, &out));
  EXPECT_TRUE(CheckedAdd<std::int32_t>(1, 2, &out));
  EXPECT_EQ(out, 3);
}

TEST(RandomTest, SameSeedSameSequence) {
  Random a(7), b(7), c(8);
  const auto first = a.Next();
  EXPECT_EQ(first, b.Next());
  EXPECT_NE(first, c.Next());
  for (int i = 0; i < 1000; ++i) {
    const double u = a.Uniform();
    EXPECT_TRUE(u >= 0.0 && u < 1.0);
    EXPECT_LT(a.Below(3), 3u);
  }
}

}  // namespace
}  // namespace wt::base
