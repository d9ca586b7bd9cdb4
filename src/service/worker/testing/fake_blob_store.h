// Blobs in memory for tests, with faults to order. Thread-safe.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "platform/sha256.h"
#include "service/blob/blob_store.h"
#include "service/worker/sync/sync_transcriber.h"

namespace wt::worker::testing {

class FakeBlobStore final : public blob::BlobStore {
 public:
  /// Called after a blob was committed, without the lock.
  std::function<void(const std::string& key)> on_commit;
  /// Errors of the next calls to Commit(), in order.
  std::vector<Status> commit_failures;

  void Put(const std::string& key, std::string bytes) {
    const std::lock_guard lock(mutex_);
    blobs_[key] = std::move(bytes);
  }
  std::vector<std::string> Keys(const std::string& prefix) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    for (const auto& [key, bytes] : blobs_) {
      if (key.starts_with(prefix)) keys.push_back(key);
    }
    return keys;
  }

  Result<std::unique_ptr<blob::BlobWriter>> Create(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    if (blobs_.contains(key)) return Status(StatusCode::kAlreadyExists, "the key is taken");
    return std::unique_ptr<blob::BlobWriter>(std::make_unique<Writer>(this, key));
  }
  Result<std::unique_ptr<blob::BlobReader>> Open(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto found = blobs_.find(key);
    if (found == blobs_.end()) return Status(StatusCode::kNotFound, "there is no such blob");
    return std::unique_ptr<blob::BlobReader>(std::make_unique<Reader>(key, found->second));
  }
  Status Delete(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    blobs_.erase(key);
    return Status();
  }
  Result<std::vector<blob::BlobInfo>> List(const std::string&, int) override {
    return std::vector<blob::BlobInfo>();
  }
  Status CheckSpace(std::int64_t) override { return Status(); }
  Result<std::int64_t> FreeBytes() override { return std::int64_t{1} << 40; }

 private:
  static blob::BlobInfo InfoOf(const std::string& key, const std::string& bytes) {
    blob::BlobInfo info;
    info.key = key;
    info.bytes = static_cast<std::int64_t>(bytes.size());
    info.sha256 = platform::Sha256Hex(std::as_bytes(std::span(bytes)));
    return info;
  }

  class Writer final : public blob::BlobWriter {
   public:
    Writer(FakeBlobStore* store, std::string key) : store_(store), key_(std::move(key)) {}
    Status Write(std::span<const std::byte> bytes) override {
      bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return Status();
    }
    Result<blob::BlobInfo> Commit() override {
      {
        const std::lock_guard lock(store_->mutex_);
        if (!store_->commit_failures.empty()) {
          Status failure = store_->commit_failures.front();
          store_->commit_failures.erase(store_->commit_failures.begin());
          return failure;
        }
        store_->blobs_[key_] = bytes_;
      }
      if (store_->on_commit) store_->on_commit(key_);
      return InfoOf(key_, bytes_);
    }

   private:
    FakeBlobStore* store_;
    std::string key_;
    std::string bytes_;
  };

  class Reader final : public blob::BlobReader {
   public:
    Reader(const std::string& key, std::string bytes)
        : bytes_(std::move(bytes)), info_(InfoOf(key, bytes_)) {}
    const blob::BlobInfo& info() const override { return info_; }
    Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override {
      const std::size_t at = std::min(static_cast<std::size_t>(offset), bytes_.size());
      const std::size_t count = std::min(out.size(), bytes_.size() - at);
      std::memcpy(out.data(), bytes_.data() + at, count);
      return count;
    }
    Result<platform::FileDescriptor> OpenDescriptor() override { return MemoryDescriptor(bytes_); }

   private:
    std::string bytes_;
    blob::BlobInfo info_;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::string> blobs_;
};

}  // namespace wt::worker::testing
