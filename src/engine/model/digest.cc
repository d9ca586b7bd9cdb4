#include "engine/model/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace wt::model {

std::string Sha256Hex(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  WT_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) ==
           1);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::string Sha256HexOfParts(const std::vector<std::span<const std::byte>>& parts) {
  if (parts.size() == 1) return Sha256Hex(parts[0]);
  std::string all;
  for (const std::span<const std::byte> part : parts) all += Sha256Hex(part);
  return Sha256Hex(std::as_bytes(std::span<const char>(all)));
}

}  // namespace wt::model
