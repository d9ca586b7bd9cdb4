// Writes one object of the local store: see fs_store.h for the order of things. Used from one
// thread; large content has a second one for its hash.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/blob/fs/content_digest.h"
#include "service/blob/fs/fs_store.h"

namespace wt::blob {

class FsWriter : public BlobWriter {
 public:
  /// `file` is the new content file of sidecar.generation.
  FsWriter(FsBlobStore* store, Sidecar sidecar, std::unique_ptr<DiskFile> file);
  ~FsWriter() override;

  Status Write(std::span<const std::byte> bytes) override;
  Result<BlobInfo> Commit() override;

 private:
  Status WriteUnlessFailed(std::span<const std::byte> bytes);
  Status EmitBlock(std::span<const std::byte> plain, BlockCipher::Position position);
  Status CheckLimits();
  Status Publish();

  FsBlobStore* const store_;
  Sidecar sidecar_;
  FsBlobStore::Paths paths_;
  std::unique_ptr<DiskFile> file_;
  /// Null for plain content.
  std::unique_ptr<BlockCipher> cipher_;
  ContentDigest hash_;
  /// The block that is not written yet: whether it is the last one is known when more comes.
  std::vector<std::byte> pending_;
  std::vector<std::byte> sealed_;
  std::int64_t unchecked_bytes_ = 0;
  /// The first failure: everything after it fails the same way.
  Status failure_;
  bool committed_ = false;
};

}  // namespace wt::blob
