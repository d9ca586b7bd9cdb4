// Blobs in memory, for tests and simulations of what stands on a blob store, with faults.
//
//   MemoryBlobStore store(&clock);
//   store.SetFaults([](BlobOperation op, const std::string& key) { return BlobFault::kLostReply;
//   });
//
// A fault is chosen per call. Thread-safe; the function is called under the store's lock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/blob/blob_store.h"

namespace wt::blob {

enum class BlobOperation : std::uint8_t { kCreate, kWrite, kCommit, kOpen, kRead, kDelete, kList };

enum class BlobFault : std::uint8_t {
  kNone,
  /// Not done, kUnavailable.
  kFails,
  /// Not done, kResourceExhausted.
  kDiskFull,
  /// Done, but the caller hears kUnavailable.
  kLostReply,
  /// The caller hears kUnavailable, and it is done at the next Settle().
  kDelayed,
  /// Done, and done once more at the next Settle().
  kDuplicated,
  /// Of reading: one bit is wrong, so kDataCorrupt.
  kBitRot,
};

using BlobFaults = std::function<BlobFault(BlobOperation operation, const std::string& key)>;

/// Fails one call, counted from 1, and only that.
BlobFaults FailNth(int n, BlobFault fault);

class MemoryBlobStore : public BlobStore {
 public:
  explicit MemoryBlobStore(const base::Clock* clock, std::int64_t capacity_bytes = 1LL << 40)
      : clock_(clock), capacity_bytes_(capacity_bytes) {}

  void SetFaults(BlobFaults faults);
  /// Does what was delayed.
  void Settle();

  Result<std::unique_ptr<BlobWriter>> Create(const std::string& key) override;
  Result<std::unique_ptr<BlobReader>> Open(const std::string& key) override;
  Status Delete(const std::string& key) override;
  Result<std::vector<BlobInfo>> List(const std::string& after, int limit) override;
  Status CheckSpace(std::int64_t bytes) override;
  Result<std::int64_t> FreeBytes() override;

 private:
  friend class MemoryWriter;
  friend class MemoryReader;

  struct Object {
    BlobInfo info;
    /// Shared because readers go on after deletion, and content never changes.
    std::shared_ptr<const std::vector<std::byte>> content;
  };

  BlobFault NextFault(BlobOperation operation, const std::string& key);
  Result<BlobInfo> Put(Object object);
  Status Remove(const std::string& key);
  std::int64_t UsedBytes() const;

  const base::Clock* const clock_;
  const std::int64_t capacity_bytes_;
  std::mutex mutex_;
  /// Guarded by mutex_, as all below.
  std::map<std::string, Object> objects_;
  BlobFaults faults_;
  std::vector<std::function<void()>> delayed_;
};

}  // namespace wt::blob
