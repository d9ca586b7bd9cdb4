#include "service/blob/fs/digest.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "base/ids.h"

namespace wt::blob {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Digest Sha256Of(std::span<const std::byte> bytes) {
  Digest digest;
  unsigned int size = 0;
  WT_CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                      &size, EVP_sha256(), nullptr) == 1);
  WT_CHECK(size == digest.size());
  return digest;
}

std::string DigestHex(const Digest& digest) { return base::Hex(digest); }

std::optional<Digest> ParseDigest(std::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<std::byte>(high * 16 + low);
  }
  return digest;
}

}  // namespace wt::blob
