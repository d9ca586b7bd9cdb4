// Reads members of a ZIP archive that lies in memory (APPNOTE 6.3.10): stored and deflated, ZIP64.
//
// Made for wheels, which are plain ZIP files from the network: every offset and length is checked
// against the span, members may not overlap the directory, what a member inflates to is bounded by
// what its entry says, and that by the caller's maximum. Encrypted, split and self-extracting
// archives are refused. Names are only compared, never used as paths. Holds spans into the bytes
// given, which must outlive it. Immutable after opening: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::archive {

inline constexpr int kZipEntriesMax = 65'536;
inline constexpr std::uint64_t kZipMemberBytesMax = 8ULL << 30;

struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;  // 0 stored, 8 deflated.
  std::uint16_t flags = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t header_offset = 0;
};

/// Receives a member's bytes in order. An error stops the extraction and is returned by it.
using ByteSink = std::function<Status(std::span<const std::byte>)>;

class ZipReader {
 public:
  /// kDataCorrupt when the directory is damaged or lies, kUnsupported for kinds not read here.
  static Result<ZipReader> Open(std::span<const std::byte> archive);

  const std::vector<ZipEntry>& entries() const { return entries_; }

  /// kNotFound when there is no member of that exact name.
  Result<const ZipEntry*> Find(std::string_view name) const;

  /// Hands the member's bytes to `sink` in portions of at most 256 KiB and checks length and CRC-32
  /// at the end. kResourceExhausted when the entry says more than `bytes_max`.
  Status Extract(const ZipEntry& entry, std::uint64_t bytes_max, const ByteSink& sink) const;

  /// The same into memory; for small members.
  Result<std::string> Read(std::string_view name, std::uint64_t bytes_max) const;

 private:
  Result<std::span<const std::byte>> PackedBytes(const ZipEntry& entry) const;

  std::span<const std::byte> archive_;
  std::uint64_t directory_offset_ = 0;
  std::vector<ZipEntry> entries_;
};

}  // namespace wt::archive
