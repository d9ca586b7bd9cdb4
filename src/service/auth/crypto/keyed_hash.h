// A fast keyed 128-bit hash (SipHash-2-4, by libsodium) for table keys made from strangers' text.
//
// Without the key nobody can aim at a bucket, and the text cannot be read back. Pure: thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wt::auth {

struct Hash128 {
  std::array<std::uint64_t, 2> words{};
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

/// For unordered containers: the value is a hash already.
struct Hash128Hasher {
  std::size_t operator()(const Hash128& hash) const { return hash.words[0]; }
};

struct HashKey {
  std::array<unsigned char, 16> bytes{};
  /// From a secret that several processes share.
  static HashKey FromSecret(std::string_view secret, std::string_view purpose);
  /// For this process only.
  static HashKey Random();
};

Hash128 KeyedHash(const HashKey& key, std::string_view text);

/// 32 lower-case hex digits and back; false when `text` is not that.
std::string ToHex(const Hash128& hash);
bool FromHex(std::string_view text, Hash128* hash);

}  // namespace wt::auth
