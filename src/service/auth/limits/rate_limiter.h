// Rate limits by class and by who asks (SEC-02, SEC-03, C-20): a bucket each, as GCRA.
//
// A bucket of `count` per `period` and `burst` accepts over any time T between burst + T·rate - 1
// and burst + T·rate + 1 requests (rate = count / period) from one who always asks. Only the clock
// that never steps is used. Buckets live in memory: at most `buckets_max`, full ones are forgotten
// first (that loses nothing), then those asked about least recently.
//
// Sync() writes what was used since the last one into the shared store and reads what others used.
// So a crash gives back at most what was used since the last Sync(), and N processes together
// accept at most N times the burst and N times one Sync() interval's worth more than one would.
// Check() takes well under a microsecond. Thread-safe; one Sync() at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "service/auth/crypto/keyed_hash.h"
#include "service/auth/store/limit_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

enum class RateClass : std::uint8_t {
  /// Health, static files: never limited.
  kNone,
  kAnonymous,
  kUser,
  kAdmin,
  /// By source and account; successful logins are given back.
  kLogin,
  /// Requests that create a job or an upload session.
  kUpload,
  /// Pieces of an upload that was let in.
  kUploadChunk,
  /// /v1.
  kOpenAi,
};
inline constexpr int kRateClasses = 8;
/// "anonymous", "user", ...: for settings, audit and records.
std::string_view RateClassName(RateClass rate_class);

struct RateLimit {
  /// Per period; 0: not limited.
  std::int64_t count = 0;
  std::int64_t period_ms = 60'000;
  /// At once after a pause; at least 1.
  std::int64_t burst = 10;
};

/// The one table (C-20), by RateClass.
std::array<RateLimit, kRateClasses> DefaultRateLimits();

struct RateOptions {
  bool enabled = true;
  std::array<RateLimit, kRateClasses> limits = DefaultRateLimits();
  /// About 150 bytes each.
  std::size_t buckets_max = 65'536;
  /// The same in all processes that share a store.
  std::string secret;
};

struct RateDecision {
  bool allowed = true;
  /// For X-RateLimit-Limit, -Remaining, -Reset (seconds until full); limit 0: not limited.
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::int64_t reset_s = 0;
  /// When not allowed: asking again after this many seconds is accepted, others being quiet.
  std::int64_t retry_after_s = 0;
};

struct RateStats {
  std::int64_t buckets = 0;
  std::int64_t refused = 0;
  /// Buckets that were forgotten while in use, for want of room.
  std::int64_t evicted = 0;
};

class RateLimiter {
 public:
  /// `clock` must outlive it.
  RateLimiter(const RateOptions& options, const base::Clock* clock);

  /// `who`: user id, key id or source address; any text.
  RateDecision Check(RateClass rate_class, std::string_view who);
  /// Takes back one accepted request.
  void Refund(RateClass rate_class, std::string_view who);
  void SetLimit(RateClass rate_class, const RateLimit& limit);
  RateLimit Limit(RateClass rate_class) const;

  /// Loads the buckets in use; call once before the first Check().
  Status Restore(LimitStore* store);
  /// Call every second or so, and at the end.
  Status Sync(LimitStore* store);
  RateStats stats() const;

 private:
  struct Bucket {
    Hash128 key;
    RateClass rate_class = RateClass::kNone;
    /// When it will be full (GCRA's "theoretical arrival time"), microseconds of the boot clock.
    std::int64_t full_at_us = 0;
    /// Taken since the last Sync(), as time, and when the first of it was.
    std::int64_t taken_us = 0;
    std::int64_t since_us = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    /// Most recently asked about first.
    std::list<Bucket> order;
    std::unordered_map<Hash128, std::list<Bucket>::iterator, Hash128Hasher> index;
    /// Buckets with taken_us != 0 (may hold some twice).
    std::vector<Hash128> dirty;
    std::int64_t refused = 0;
    std::int64_t evicted = 0;
  };
  struct AtomicLimit {
    std::atomic<std::int64_t> count;
    std::atomic<std::int64_t> period_ms;
    std::atomic<std::int64_t> burst;
  };
  static constexpr std::size_t kShards = 16;

  Hash128 KeyOf(RateClass rate_class, std::string_view who) const;
  Shard& ShardOf(const Hash128& key) { return shards_[key.words[1] % kShards]; }
  Bucket& EnsureBucket(Shard& shard, const Hash128& key, RateClass rate_class, std::int64_t now_us);
  void Evict(Shard& shard, std::int64_t now_us);
  void Take(Shard& shard, Bucket& bucket, std::int64_t cost_us, std::int64_t now_us);
  std::vector<Bucket> CollectDirty();
  void Merge(const Bucket& taken, LimitRecord& record);

  const base::Clock* clock_;
  const HashKey hash_key_;
  const bool enabled_;
  const std::size_t per_shard_max_;
  std::array<AtomicLimit, kRateClasses> limits_;
  std::array<Shard, kShards> shards_;
};

}  // namespace wt::auth
