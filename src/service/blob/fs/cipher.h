// Encryption of stored content: XChaCha20-Poly1305 (libsodium) per block of 64 KiB, under a key of
// the object's own, which is sealed under a master key.
//
// A block's nonce is its number; its associated data are generation, number and whether it is the
// last. So blocks cannot be swapped, repeated, cut off or taken from another object, and any block
// can be read alone. Destroying the sidecar destroys the content. KeyRing is immutable and
// thread-safe; BlockCipher has no state but its key: thread-compatible. docs/formats/blob.md
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "service/blob/fs/sidecar.h"
#include "whisper_transcriber/status.h"

namespace wt::blob {

/// Poly1305's tag after each block.
inline constexpr std::size_t kTagBytes = 16;

using SecretKey = std::array<std::byte, 32>;

struct NamedKey {
  /// 1 to 32 characters of [a-z0-9_.-]; stored in the clear with each object.
  std::string id;
  SecretKey key{};
};

/// The master keys: the first seals new objects, all open old ones. Rotation: put a new key in
/// front, rewrap, then drop the old one.
class KeyRing {
 public:
  /// kInvalidArgument: none, a bad or repeated id.
  static Result<KeyRing> Create(std::vector<NamedKey> keys);
  ~KeyRing();
  KeyRing(KeyRing&&) noexcept = default;
  KeyRing& operator=(KeyRing&&) noexcept = default;

  const NamedKey& current() const { return keys_.front(); }
  const NamedKey* Find(const std::string& id) const;

 private:
  explicit KeyRing(std::vector<NamedKey> keys) : keys_(std::move(keys)) {}
  std::vector<NamedKey> keys_;
};

class BlockCipher {
 public:
  BlockCipher(const SecretKey& key, std::uint64_t generation)
      : key_(key), generation_(generation) {}
  ~BlockCipher();
  BlockCipher(const BlockCipher&) = delete;
  BlockCipher& operator=(const BlockCipher&) = delete;

  /// A random key.
  static std::unique_ptr<BlockCipher> Fresh(std::uint64_t generation);

  enum class Position : std::uint8_t { kInside, kLast };

  /// REQUIRES: out.size() == plain.size() + kTagBytes.
  void Seal(std::int64_t block, Position position, std::span<const std::byte> plain,
            std::span<std::byte> out) const;
  /// False when it is not the block that Seal() made. REQUIRES: sizes as in Seal().
  [[nodiscard]] bool Open(std::int64_t block, Position position, std::span<const std::byte> sealed,
                          std::span<std::byte> plain) const;

  const SecretKey& key() const { return key_; }

 private:
  SecretKey key_;
  std::uint64_t generation_;
};

/// Fills sidecar->sealed: data key and digest under the ring's current key.
void SealEnvelope(const KeyRing& ring, const SecretKey& data_key, const Digest& sha256,
                  Sidecar* sidecar);

struct OpenedEnvelope {
  SecretKey data_key{};
  Digest sha256{};
};

/// kFailedPrecondition when the ring lacks the key, kDataCorrupt when the key does not fit.
Result<OpenedEnvelope> OpenEnvelope(const KeyRing& ring, const Sidecar& sidecar);

}  // namespace wt::blob
