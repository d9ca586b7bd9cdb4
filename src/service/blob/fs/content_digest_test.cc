#include "service/blob/fs/content_digest.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace wt::blob {
namespace {

std::vector<std::byte> Noise(std::size_t size) {
  std::mt19937 random(7);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

std::string InBlocks(std::span<const std::byte> bytes, std::size_t block) {
  ContentDigest digest;
  while (!bytes.empty()) {
    const std::size_t count = std::min(block, bytes.size());
    digest.Update(bytes.first(count));
    bytes = bytes.subspan(count);
  }
  return digest.Finish();
}

TEST(ContentDigestTest, IsTheSameBeforeAndAfterTheThreadStarts) {
  const std::vector<std::byte> noise = Noise(3 * ContentDigest::kBytesBeforeThread + 12345);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, ContentDigest::kBytesBeforeThread - 1,
        ContentDigest::kBytesBeforeThread, ContentDigest::kBytesBeforeThread + 1, noise.size()}) {
    const std::span<const std::byte> bytes = std::span(noise).first(size);
    platform::Sha256 whole;
    whole.Update(bytes);
    const std::string expected = whole.Finish();
    EXPECT_EQ(InBlocks(bytes, 64 << 10), expected) << size;
    EXPECT_EQ(InBlocks(bytes, 4099), expected) << size;
  }
}

TEST(ContentDigestTest, MayBeAbandonedWithBlocksWaiting) {
  const std::vector<std::byte> noise = Noise(2 * ContentDigest::kBytesBeforeThread);
  ContentDigest digest;
  for (int i = 0; i < 3; ++i) digest.Update(noise);
}

}  // namespace
}  // namespace wt::blob
