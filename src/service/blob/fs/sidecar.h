// The metadata file beside each blob's content: sizes, hashes, and keys of sealed content.
//
// docs/formats/blob.md has the layout. A sidecar that decodes is whole (its last 32 bytes are a
// SHA-256 of the others) and within the limits. Values: thread-compatible.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "whisper_transcriber/status.h"

namespace wt::blob {

/// Ranges are read and checked in blocks of this size: 32 bytes of hash per block are 0.05 %, and
/// a player's range request reads at most two blocks too much.
inline constexpr std::int64_t kBlockBytes = 64 << 10;
/// 256 GiB: its sidecar, which readers hold in memory, has 128 MiB. Recordings have at most 2 GiB
/// (1 MiB of hashes) unless configured.
inline constexpr std::int64_t kBlobBytesMax = 256LL << 30;
inline constexpr std::size_t kKeyIdBytesMax = 32;

using Digest = std::array<std::byte, 32>;

/// How sealed content is opened. The envelope holds data key and content digest, sealed under the
/// master key that key_id names.
struct SealedPart {
  std::string key_id;
  std::array<std::byte, 24> nonce{};
  std::array<std::byte, 80> envelope{};
};

struct Sidecar {
  std::string key;
  std::int64_t content_bytes = 0;
  /// Random; part of the content file's name, so that a name is never written twice.
  std::uint64_t generation = 0;
  base::UnixMillis created_at = 0;
  /// Of plain content only.
  Digest sha256{};
  /// One per block of plain content; sealed blocks carry their own tags.
  std::vector<Digest> blocks;
  std::optional<SealedPart> sealed;
};

/// Blocks of content of that size.
constexpr std::int64_t BlockCount(std::int64_t content_bytes) {
  return (content_bytes + kBlockBytes - 1) / kBlockBytes;
}

/// REQUIRES: a valid key, and blocks as many as the size asks for (none when sealed).
std::vector<std::byte> EncodeSidecar(const Sidecar& sidecar);

/// The bytes that the envelope is bound to: everything before its nonce.
std::vector<std::byte> SidecarHeader(const Sidecar& sidecar);

/// kDataCorrupt when any byte is wrong or missing.
Result<Sidecar> DecodeSidecar(std::span<const std::byte> bytes);

/// Bytes that the sidecar of the largest blob has.
std::int64_t SidecarBytesMax();

}  // namespace wt::blob
