#include "service/auth/crypto/keyed_hash.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

#include "base/ids.h"
#include "platform/system_clock.h"
#include "service/auth/crypto/digest.h"

namespace wt::auth {

static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16);
static_assert(crypto_shorthash_siphashx24_BYTES == 16);

HashKey HashKey::FromSecret(std::string_view secret, std::string_view purpose) {
  const std::string derived = DeriveKey(secret, purpose);
  HashKey key;
  std::memcpy(key.bytes.data(), derived.data(), key.bytes.size());
  return key;
}

HashKey HashKey::Random() {
  HashKey key;
  platform::FillSecureRandom(std::as_writable_bytes(std::span(key.bytes)));
  return key;
}

Hash128 KeyedHash(const HashKey& key, std::string_view text) {
  Hash128 hash;
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.words.data()),
                              reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                              key.bytes.data());
  return hash;
}

std::string ToHex(const Hash128& hash) { return base::Hex(std::as_bytes(std::span(hash.words))); }

bool FromHex(std::string_view text, Hash128* hash) {
  std::array<unsigned char, 16> bytes{};
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* digits = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, bytes[i], 16);
    if (error != std::errc() || end != digits + 2) return false;
  }
  std::memcpy(hash->words.data(), bytes.data(), bytes.size());
  return true;
}

}  // namespace wt::auth
