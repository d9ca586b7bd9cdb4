// Packed weights on disk: named blobs at 64-byte boundaries, mapped when read.
//
// What the blobs hold is the caller's business (engine/whisper packs matrices for its kernels). A
// file is tied to its key; it is written under a temporary name and renamed, and a damaged, foreign
// or older file is an error that the caller answers by packing again. Layout: docs in
// packed_cache.cc. PackedCache is immutable: thread-safe. The writer: one thread.
//
//   const PackedKey key = {.source = hash, .compute_type = "int8", .isa = "avx512_vnni"};
//   const std::string path = PackedCachePath(directory, key);
//   auto cache = PackedCache::Open(path, key);
//   if (!cache.ok()) {
//     WT_ASSIGN(PackedCacheWriter writer, PackedCacheWriter::Create(path, key));
//     WT_TRY(writer.Add("encoder.conv1", {.tag = 1, .shape = {512, 80, 3}}, bytes));
//     WT_TRY(writer.Commit());
//     cache = PackedCache::Open(path, key);
//   }
//   std::span<const std::byte> conv = (*cache)->Find("encoder.conv1");
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/weight_map.h"
#include "engine/model/writers/staged_file.h"
#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

/// What a packed file was made from and for.
struct PackedKey {
  /// Identity of the weights: WeightMap::source_hash().
  std::string source;
  std::string compute_type;
  /// Instruction set family that the packing is for.
  std::string isa;
  /// Raised by the packing code when its layout changes.
  int layout_version = 1;

  /// One line that holds all of it.
  std::string Text() const;
};

/// What the packing code wants to know of a blob; this file does not interpret it.
struct BlobInfo {
  std::uint32_t tag = 0;
  std::vector<std::int64_t> shape;  // At most 4 dimensions.
};

struct PackedBlob {
  BlobInfo info;
  /// At a 64-byte boundary of memory.
  std::span<const std::byte> bytes;
  std::uint32_t checksum = 0;
};

/// `directory`/HASH.wtpack.
std::string PackedCachePath(const std::string& directory, const PackedKey& key);

class PackedCache {
 public:
  /// Maps the file. Checks its table of contents, not the blobs' bytes: the time does not grow with
  /// them. Also marks the file as used now (see RemoveOldPackedFiles). kNotFound: there is none;
  /// kFailedPrecondition: another key or format version; kDataCorrupt: damaged. Pack again.
  static Result<std::shared_ptr<const PackedCache>> Open(const std::string& path,
                                                         const PackedKey& key);
  /// The same for a file of any key, to look at and not to use.
  static Result<std::shared_ptr<const PackedCache>> OpenAny(const std::string& path);

  /// Null when there is no such blob.
  const PackedBlob* FindBlob(std::string_view name) const;
  /// The blob's bytes; empty when there is none.
  std::span<const std::byte> Find(std::string_view name) const;
  const std::map<std::string, PackedBlob, std::less<>>& blobs() const { return blobs_; }

  /// Reads all bytes and compares checksums: kDataCorrupt naming the first damaged blob.
  Status VerifyData() const;
  /// Asks the system to read the file ahead. A hint.
  void Prefetch() const;

 private:
  PackedCache() = default;
  /// `key` may be null: any.
  static Result<std::shared_ptr<const PackedCache>> OpenFile(const std::string& path,
                                                             const std::string* key);
  Status Parse(const std::string* key);
  Status ParseEntry(std::span<const std::byte> toc, std::size_t* at, std::uint64_t* data_at);

  platform::MappedFile file_;
  std::map<std::string, PackedBlob, std::less<>> blobs_;
};

class PackedCacheWriter {
 public:
  /// The directory is created when it is missing.
  static Result<PackedCacheWriter> Create(const std::string& path, const PackedKey& key);

  /// Writes one blob now; nothing of it is kept. Names are unique, of 1 to 256 bytes.
  /// kInvalidArgument for a name that is there already or out of range.
  Status Add(std::string_view name, const BlobInfo& info, std::span<const std::byte> bytes);
  /// Writes the table of contents and renames. Nothing may be added after it.
  Status Commit();

 private:
  struct Entry {
    BlobInfo info;
    std::uint64_t offset;
    std::uint64_t bytes;
    std::uint32_t checksum;
  };
  PackedCacheWriter(StagedFile file, std::string key)
      : file_(std::move(file)), key_(std::move(key)) {}

  StagedFile file_;
  std::string key_;
  std::vector<std::pair<std::string, Entry>> entries_;  // In the order of their offsets.
  std::map<std::string, int, std::less<>> names_;
};

/// Removes the least recently used packed files of `directory` until the rest has at most
/// `bytes_max` bytes; `keep` stays in any case. Also removes temporary files older than a day,
/// which a crash has left. Faults of single files are ignored: others may clean up at the same
/// time.
void RemoveOldPackedFiles(const std::string& directory, std::int64_t bytes_max,
                          const std::string& keep);

struct PackedFilesCheck {
  int files = 0;
  std::int64_t bytes = 0;
  /// File and reason of each one that was damaged, and has been removed.
  std::vector<std::string> damaged;
};

/// Reads every packed file of `directory` whole and removes those whose bytes have changed: they
/// are packed again when they are needed. Files of other versions of the format are left alone. A
/// missing directory holds no files.
PackedFilesCheck CheckPackedFiles(const std::string& directory);

/// WeightMap::source_hash() without reading the weights again: `directory` remembers it under the
/// files' source_identity(). A directory that cannot be written to only costs the time.
std::string CachedSourceHash(const WeightMap& weights, const std::string& directory);

}  // namespace wt::model
