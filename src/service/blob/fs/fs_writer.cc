#include "service/blob/fs/fs_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "platform/crash_point.h"
#include "service/blob/fs/digest.h"

namespace wt::blob {
namespace {

// Free space is asked for once per MiB (a call takes 1 us): 200 writers at a time go at most
// 200 MiB under the floor, a tenth of the smallest default.
constexpr std::int64_t kSpaceCheckBytes = 1 << 20;

}  // namespace

FsWriter::FsWriter(FsBlobStore* store, Sidecar sidecar, std::unique_ptr<DiskFile> file)
    : store_(store),
      sidecar_(std::move(sidecar)),
      paths_(store->PathsOf(sidecar_.key, sidecar_.generation)),
      file_(std::move(file)) {
  if (store_->options_.keys != nullptr) cipher_ = BlockCipher::Fresh(sidecar_.generation);
  pending_.reserve(kBlockBytes);
}

FsWriter::~FsWriter() {
  if (committed_) return;
  // Best effort and not synced: what stays is no object, and Sweep() finds it.
  (void)store_->disk_->Remove(paths_.new_sidecar);
  (void)store_->disk_->Remove(paths_.content);
}

Status FsWriter::Write(std::span<const std::byte> bytes) {
  if (failure_.ok()) failure_ = WriteUnlessFailed(bytes);
  return failure_;
}

Status FsWriter::WriteUnlessFailed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (pending_.size() == static_cast<std::size_t>(kBlockBytes)) {
      WT_TRY(EmitBlock(pending_, BlockCipher::Position::kInside));
      pending_.clear();
    }
    if (pending_.empty() && bytes.size() > static_cast<std::size_t>(kBlockBytes)) {
      WT_TRY(EmitBlock(bytes.first(kBlockBytes), BlockCipher::Position::kInside));
      bytes = bytes.subspan(kBlockBytes);
      continue;
    }
    const std::size_t room = static_cast<std::size_t>(kBlockBytes) - pending_.size();
    const std::size_t count = std::min(room, bytes.size());
    pending_.insert(pending_.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
  }
  return Status();
}

Status FsWriter::EmitBlock(std::span<const std::byte> plain, BlockCipher::Position position) {
  const std::int64_t block = sidecar_.content_bytes / kBlockBytes;
  sidecar_.content_bytes += static_cast<std::int64_t>(plain.size());
  unchecked_bytes_ += static_cast<std::int64_t>(plain.size());
  WT_TRY(CheckLimits());
  hash_.Update(plain);
  if (cipher_ == nullptr) {
    sidecar_.blocks.push_back(Sha256Of(plain));
    return file_->Write(plain);
  }
  sealed_.resize(plain.size() + kTagBytes);
  cipher_->Seal(block, position, plain, sealed_);
  return file_->Write(sealed_);
}

Status FsWriter::CheckLimits() {
  if (sidecar_.content_bytes > store_->options_.blob_bytes_max) {
    return Status(StatusCode::kResourceExhausted,
                  "the content is larger than the storage takes; nothing was stored");
  }
  if (unchecked_bytes_ < kSpaceCheckBytes) return Status();
  unchecked_bytes_ = 0;
  return store_->CheckSpace(0);
}

Result<BlobInfo> FsWriter::Commit() {
  WT_CHECK(!committed_);
  if (failure_.ok()) failure_ = Publish();
  if (!failure_.ok()) return failure_;
  committed_ = true;
  return store_->InfoOf(sidecar_);
}

Status FsWriter::Publish() {
  if (!pending_.empty()) WT_TRY(EmitBlock(pending_, BlockCipher::Position::kLast));
  const std::optional<Digest> digest = ParseDigest(hash_.Finish());
  WT_CHECK(digest.has_value());
  if (cipher_ != nullptr) {
    SealEnvelope(*store_->options_.keys, cipher_->key(), *digest, &sidecar_);
  } else {
    sidecar_.sha256 = *digest;
  }
  platform::CrashPoint("blob.before_sync");
  WT_TRY(file_->Sync());
  platform::CrashPoint("blob.synced");
  WT_TRY(store_->WriteSidecar(sidecar_, paths_));
  platform::CrashPoint("blob.sidecar_written");
  WT_TRY(store_->disk_->RenameNew(paths_.new_sidecar, paths_.sidecar));
  platform::CrashPoint("blob.sidecar_renamed");
  const Status synced = store_->disk_->SyncDirectory(paths_.directory);
  platform::CrashPoint("blob.directory_synced");
  // Whether the names are on the medium is unknown, and asking again may lie: take them back.
  if (!synced.ok()) (void)store_->disk_->Remove(paths_.sidecar);
  return synced;
}

}  // namespace wt::blob
