// Stored content by key: recordings, transcripts, chunks. A port; blob/fs is the local disk.
//
// A blob is immutable. It exists for readers once Commit() has returned ok, and then survives a
// power cut: file synced, renamed, directory synced (docs/promises.md, P1). Every read is checked
// against the SHA-256 kept at writing; a wrong byte is kDataCorrupt, never served as content.
// Keys are "area/owner/name" of [a-z0-9_.-], no dots alone, at most 200 bytes. Thread-safe; one
// writer or reader object is used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::blob {

struct BlobInfo {
  std::string key;
  std::int64_t bytes = 0;
  /// Of the content, before encryption.
  std::string sha256;
  /// When writing began: sweepers leave young blobs alone, their row may be on its way.
  base::UnixMillis created_at = 0;
};

class BlobWriter {
 public:
  /// Not committed: what was written is removed.
  virtual ~BlobWriter() = default;
  /// kResourceExhausted when the disk is full or under its floor.
  virtual Status Write(std::span<const std::byte> bytes) = 0;
  /// Durable when it returns ok. A failed sync is never retried: the blob is gone. Once, last.
  virtual Result<BlobInfo> Commit() = 0;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual const BlobInfo& info() const = 0;
  /// Fills `out` from `offset`; fewer bytes only at the end. Blocks of 64 KiB are verified as they
  /// are read. kDataCorrupt.
  virtual Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) = 0;
  /// A descriptor over the plain content where the store has one (no encryption): for sendfile and
  /// the media helper. Else a sealed, bounded temporary copy. Verified as a whole before.
  virtual Result<platform::FileDescriptor> OpenDescriptor() = 0;
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// kAlreadyExists when the key is taken.
  virtual Result<std::unique_ptr<BlobWriter>> Create(const std::string& key) = 0;
  virtual Result<std::unique_ptr<BlobReader>> Open(const std::string& key) = 0;
  /// Fine when there is none. Durable when it returns ok.
  virtual Status Delete(const std::string& key) = 0;
  /// Up to `limit` objects after the key `after` (empty: from the first), in order of area, owner
  /// and name, for the sweeper and `storage verify`. One whose metadata cannot be read has an empty
  /// sha256.
  virtual Result<std::vector<BlobInfo>> List(const std::string& after, int limit) = 0;
  /// kResourceExhausted when `bytes` more would go under the floor of free space.
  virtual Status CheckSpace(std::int64_t bytes) = 0;
  /// Free bytes above the floor.
  virtual Result<std::int64_t> FreeBytes() = 0;
};

}  // namespace wt::blob
