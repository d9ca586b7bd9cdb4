#include "service/blob/fs/fs_reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/status_macros.h"
#include "service/blob/fs/digest.h"

namespace wt::blob {
namespace {

Status Damaged(const std::string& key, const std::string& what) {
  return Status(StatusCode::kDataCorrupt,
                "the stored object is damaged; restore it from a backup or upload it again",
                InternalDetail(key + ": " + what));
}

std::int64_t StoredBytes(std::int64_t content_bytes, bool sealed) {
  return content_bytes +
         (sealed ? BlockCount(content_bytes) * static_cast<std::int64_t>(kTagBytes) : 0);
}

Status WriteToMemory(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return DiskStatus(ENOMEM, "memory file", "");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Status();
}

}  // namespace

Result<std::unique_ptr<BlobReader>> FsReader::Make(Sidecar sidecar, BlobInfo info,
                                                   std::unique_ptr<DiskFile> file,
                                                   std::unique_ptr<BlockCipher> cipher,
                                                   std::int64_t plain_copy_bytes_max) {
  WT_ASSIGN(const std::int64_t stored, file->Size());
  if (stored != StoredBytes(sidecar.content_bytes, cipher != nullptr)) {
    return Damaged(sidecar.key, "content has " + std::to_string(stored) + " bytes");
  }
  std::unique_ptr<FsReader> reader(new FsReader());
  reader->sidecar_ = std::move(sidecar);
  reader->info_ = std::move(info);
  reader->file_ = std::move(file);
  reader->cipher_ = std::move(cipher);
  reader->plain_copy_bytes_max_ = plain_copy_bytes_max;
  return std::unique_ptr<BlobReader>(std::move(reader));
}

std::size_t FsReader::BlockSize(std::int64_t block) const {
  return static_cast<std::size_t>(
      std::min(kBlockBytes, sidecar_.content_bytes - block * kBlockBytes));
}

Status FsReader::OpenSealedBlock(std::int64_t block, std::size_t plain_bytes) {
  constexpr std::int64_t kStoredBlock = kBlockBytes + static_cast<std::int64_t>(kTagBytes);
  sealed_.resize(plain_bytes + kTagBytes);
  WT_ASSIGN(const std::size_t count, file_->ReadAt(block * kStoredBlock, sealed_));
  const bool last = block + 1 == BlockCount(sidecar_.content_bytes);
  const auto position = last ? BlockCipher::Position::kLast : BlockCipher::Position::kInside;
  if (count != sealed_.size() || !cipher_->Open(block, position, sealed_, block_)) {
    return Damaged(sidecar_.key, "sealed block " + std::to_string(block));
  }
  return Status();
}

Status FsReader::LoadBlock(std::int64_t block) {
  if (block == loaded_) return Status();
  loaded_ = -1;
  block_.resize(BlockSize(block));
  if (cipher_ != nullptr) {
    WT_TRY(OpenSealedBlock(block, block_.size()));
  } else {
    WT_ASSIGN(const std::size_t count, file_->ReadAt(block * kBlockBytes, block_));
    if (count != block_.size() ||
        Sha256Of(block_) != sidecar_.blocks[static_cast<std::size_t>(block)]) {
      return Damaged(sidecar_.key, "block " + std::to_string(block));
    }
  }
  loaded_ = block;
  return Status();
}

Result<std::size_t> FsReader::ReadAt(std::int64_t offset, std::span<std::byte> out) {
  if (offset < 0) return Status(StatusCode::kInvalidArgument, "a range begins before the content");
  std::size_t done = 0;
  while (done < out.size() && offset < sidecar_.content_bytes) {
    WT_TRY(LoadBlock(offset / kBlockBytes));
    const auto from = static_cast<std::size_t>(offset % kBlockBytes);
    const std::size_t count = std::min(block_.size() - from, out.size() - done);
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(from), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
    offset += static_cast<std::int64_t>(count);
  }
  return done;
}

Result<platform::FileDescriptor> FsReader::OpenDescriptor() {
  if (cipher_ != nullptr) return DecryptToMemory();
  for (std::int64_t block = 0; block < BlockCount(sidecar_.content_bytes); ++block) {
    WT_TRY(LoadBlock(block));
  }
  return file_->Duplicate();
}

Result<platform::FileDescriptor> FsReader::DecryptToMemory() {
  if (sidecar_.content_bytes > plain_copy_bytes_max_) {
    return Status(StatusCode::kResourceExhausted,
                  "the encrypted recording is too large to be decrypted in memory",
                  InternalDetail(sidecar_.key + ": raise plain_copy_bytes_max"));
  }
  platform::FileDescriptor fd(::memfd_create("wt-blob", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return DiskStatus(errno, "memory file", "the server is too busy");
  for (std::int64_t block = 0; block < BlockCount(sidecar_.content_bytes); ++block) {
    WT_TRY(LoadBlock(block));
    WT_TRY(WriteToMemory(fd.get(), block_));
  }
  // Whoever gets the descriptor can neither change nor shorten what others read.
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0 || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
    return DiskStatus(errno, "memory file", "the server is too busy");
  }
  return fd;
}

}  // namespace wt::blob
