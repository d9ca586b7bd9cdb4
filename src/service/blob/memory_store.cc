#include "service/blob/memory_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "platform/sha256.h"
#include "service/blob/key.h"

namespace wt::blob {
namespace {

Status Unavailable() {
  return Status(StatusCode::kUnavailable, "the storage does not answer; try again later");
}

Status Full() {
  return Status(StatusCode::kResourceExhausted,
                "the storage is full; nothing was stored. Try again later");
}

bool KeyOrder(const std::string& a, const std::string& b) {
  const KeyParts left = SplitKey(a);
  const KeyParts right = SplitKey(b);
  return std::tie(left.area, left.owner, left.name) < std::tie(right.area, right.owner, right.name);
}

}  // namespace

BlobFaults FailNth(int n, BlobFault fault) {
  return [n, fault, count = 0](BlobOperation, const std::string&) mutable {
    return ++count == n ? fault : BlobFault::kNone;
  };
}

class MemoryWriter : public BlobWriter {
 public:
  MemoryWriter(MemoryBlobStore* store, std::string key) : store_(store) {
    info_.key = std::move(key);
    info_.created_at = store->clock_->Now();
  }

  Status Write(std::span<const std::byte> bytes) override {
    const std::lock_guard<std::mutex> lock(store_->mutex_);
    const BlobFault fault = store_->NextFault(BlobOperation::kWrite, info_.key);
    const std::int64_t after = store_->UsedBytes() + static_cast<std::int64_t>(content_.size()) +
                               static_cast<std::int64_t>(bytes.size());
    if (failure_.ok() && (fault == BlobFault::kDiskFull || after > store_->capacity_bytes_)) {
      failure_ = Full();
    } else if (failure_.ok() && fault != BlobFault::kNone) {
      failure_ = Unavailable();
    }
    if (failure_.ok()) content_.insert(content_.end(), bytes.begin(), bytes.end());
    return failure_;
  }

  Result<BlobInfo> Commit() override {
    const std::lock_guard<std::mutex> lock(store_->mutex_);
    WT_TRY(failure_);
    info_.bytes = static_cast<std::int64_t>(content_.size());
    info_.sha256 = platform::Sha256Hex(content_);
    MemoryBlobStore::Object object{
        info_, std::make_shared<const std::vector<std::byte>>(std::move(content_))};
    switch (store_->NextFault(BlobOperation::kCommit, info_.key)) {
      case BlobFault::kFails:
      case BlobFault::kBitRot: return Unavailable();
      case BlobFault::kDiskFull: return Full();
      case BlobFault::kLostReply: WT_TRY(store_->Put(object)); return Unavailable();
      case BlobFault::kDelayed:
        store_->delayed_.push_back([store = store_, object] { (void)store->Put(object); });
        return Unavailable();
      case BlobFault::kDuplicated:
        store_->delayed_.push_back([store = store_, object] { (void)store->Put(object); });
        return store_->Put(object);
      case BlobFault::kNone: break;
    }
    return store_->Put(object);
  }

 private:
  MemoryBlobStore* const store_;
  BlobInfo info_;
  std::vector<std::byte> content_;
  Status failure_;
};

class MemoryReader : public BlobReader {
 public:
  MemoryReader(MemoryBlobStore* store, MemoryBlobStore::Object object)
      : store_(store), object_(std::move(object)) {}

  const BlobInfo& info() const override { return object_.info; }

  Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override {
    WT_TRY(CheckFault());
    if (offset < 0) {
      return Status(StatusCode::kInvalidArgument, "a range begins before the content");
    }
    if (offset >= object_.info.bytes) return std::size_t{0};
    const std::size_t count =
        std::min(out.size(), object_.content->size() - static_cast<std::size_t>(offset));
    std::copy_n(object_.content->begin() + offset, count, out.begin());
    return count;
  }

  Result<platform::FileDescriptor> OpenDescriptor() override {
    WT_TRY(CheckFault());
    platform::FileDescriptor fd(::memfd_create("wt-blob", MFD_CLOEXEC));
    const auto size = static_cast<ssize_t>(object_.content->size());
    WT_CHECK(fd.valid() &&
             ::write(fd.get(), object_.content->data(), object_.content->size()) == size);
    WT_CHECK(::lseek(fd.get(), 0, SEEK_SET) == 0);
    return fd;
  }

 private:
  Status CheckFault() {
    const std::lock_guard<std::mutex> lock(store_->mutex_);
    const BlobFault fault = store_->NextFault(BlobOperation::kRead, object_.info.key);
    if (fault == BlobFault::kNone) return Status();
    if (fault != BlobFault::kBitRot) return Unavailable();
    return Status(StatusCode::kDataCorrupt,
                  "the stored object is damaged; restore it from a backup or upload it again");
  }

  MemoryBlobStore* const store_;
  const MemoryBlobStore::Object object_;
};

void MemoryBlobStore::SetFaults(BlobFaults faults) {
  const std::lock_guard<std::mutex> lock(mutex_);
  faults_ = std::move(faults);
}

void MemoryBlobStore::Settle() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& action : std::exchange(delayed_, {})) action();
}

BlobFault MemoryBlobStore::NextFault(BlobOperation operation, const std::string& key) {
  return faults_ ? faults_(operation, key) : BlobFault::kNone;
}

std::int64_t MemoryBlobStore::UsedBytes() const {
  std::int64_t used = 0;
  for (const auto& [key, object] : objects_) used += object.info.bytes;
  return used;
}

Result<BlobInfo> MemoryBlobStore::Put(Object object) {
  const BlobInfo info = object.info;
  if (!objects_.emplace(info.key, std::move(object)).second) {
    return Status(StatusCode::kAlreadyExists, "the stored object is there already");
  }
  return info;
}

Status MemoryBlobStore::Remove(const std::string& key) {
  objects_.erase(key);
  return Status();
}

Result<std::unique_ptr<BlobWriter>> MemoryBlobStore::Create(const std::string& key) {
  WT_TRY(CheckKey(key));
  const std::lock_guard<std::mutex> lock(mutex_);
  const BlobFault fault = NextFault(BlobOperation::kCreate, key);
  if (fault == BlobFault::kDiskFull) return Full();
  if (fault != BlobFault::kNone) return Unavailable();
  if (objects_.contains(key)) {
    return Status(StatusCode::kAlreadyExists, "the stored object is there already");
  }
  return std::unique_ptr<BlobWriter>(std::make_unique<MemoryWriter>(this, key));
}

Result<std::unique_ptr<BlobReader>> MemoryBlobStore::Open(const std::string& key) {
  WT_TRY(CheckKey(key));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (NextFault(BlobOperation::kOpen, key) != BlobFault::kNone) return Unavailable();
  const auto found = objects_.find(key);
  if (found == objects_.end()) {
    return Status(StatusCode::kNotFound, "the stored object is not there", InternalDetail(key));
  }
  return std::unique_ptr<BlobReader>(std::make_unique<MemoryReader>(this, found->second));
}

Status MemoryBlobStore::Delete(const std::string& key) {
  WT_TRY(CheckKey(key));
  const std::lock_guard<std::mutex> lock(mutex_);
  switch (NextFault(BlobOperation::kDelete, key)) {
    case BlobFault::kLostReply: WT_TRY(Remove(key)); return Unavailable();
    case BlobFault::kDelayed:
      delayed_.push_back([this, key] { (void)Remove(key); });
      return Unavailable();
    case BlobFault::kDuplicated:
      delayed_.push_back([this, key] { (void)Remove(key); });
      return Remove(key);
    case BlobFault::kNone: return Remove(key);
    default: return Unavailable();
  }
}

Result<std::vector<BlobInfo>> MemoryBlobStore::List(const std::string& after, int limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (NextFault(BlobOperation::kList, after) != BlobFault::kNone) return Unavailable();
  if (!after.empty()) WT_TRY(CheckKey(after));
  std::vector<BlobInfo> found;
  for (const auto& [key, object] : objects_) {
    if (after.empty() || KeyOrder(after, key)) found.push_back(object.info);
  }
  std::sort(found.begin(), found.end(),
            [](const BlobInfo& a, const BlobInfo& b) { return KeyOrder(a.key, b.key); });
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(limit, 0))));
  return found;
}

Status MemoryBlobStore::CheckSpace(std::int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return UsedBytes() + bytes <= capacity_bytes_ ? Status() : Full();
}

Result<std::int64_t> MemoryBlobStore::FreeBytes() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return capacity_bytes_ - UsedBytes();
}

}  // namespace wt::blob
