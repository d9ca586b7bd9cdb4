// Reads one object of the local store; every block is checked before any of it is handed out. One
// thread.
#pragma once

#include <memory>
#include <vector>

#include "service/blob/blob_store.h"
#include "service/blob/fs/cipher.h"
#include "service/blob/fs/disk.h"
#include "service/blob/fs/sidecar.h"

namespace wt::blob {

class FsReader : public BlobReader {
 public:
  /// `cipher` is null for plain content. kDataCorrupt when the file has not the size it should.
  static Result<std::unique_ptr<BlobReader>> Make(Sidecar sidecar, BlobInfo info,
                                                  std::unique_ptr<DiskFile> file,
                                                  std::unique_ptr<BlockCipher> cipher,
                                                  std::int64_t plain_copy_bytes_max);

  const BlobInfo& info() const override { return info_; }
  Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override;
  Result<platform::FileDescriptor> OpenDescriptor() override;

 private:
  FsReader() = default;
  Status LoadBlock(std::int64_t block);
  Status OpenSealedBlock(std::int64_t block, std::size_t plain_bytes);
  Result<platform::FileDescriptor> DecryptToMemory();
  std::size_t BlockSize(std::int64_t block) const;

  Sidecar sidecar_;
  BlobInfo info_;
  std::unique_ptr<DiskFile> file_;
  std::unique_ptr<BlockCipher> cipher_;
  std::int64_t plain_copy_bytes_max_ = 0;
  /// Content of block loaded_, checked; -1: none.
  std::vector<std::byte> block_;
  std::int64_t loaded_ = -1;
  std::vector<std::byte> sealed_;
};

}  // namespace wt::blob
