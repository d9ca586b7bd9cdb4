#include "platform/sha256.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace wt::platform {
namespace {

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// FIPS 180-4 example values (NIST, "SHA256.pdf") and the empty message.
constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kEmpty =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256Test, PublishedExamplesHold) {
  EXPECT_EQ(Sha256Hex(Bytes("abc")), kAbc);
  EXPECT_EQ(Sha256Hex({}), kEmpty);
  EXPECT_EQ(Sha256Hex(Bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256Test, PortionsGiveTheDigestOfTheWhole) {
  Sha256 hash;
  hash.Update(Bytes("a"));
  hash.Update({});
  hash.Update(Bytes("bc"));
  EXPECT_EQ(hash.Finish(), kAbc);
}

TEST(Sha256Test, FinishStartsAgain) {
  Sha256 hash;
  hash.Update(Bytes("something"));
  hash.Finish();
  EXPECT_EQ(hash.Finish(), kEmpty);
}

}  // namespace
}  // namespace wt::platform
