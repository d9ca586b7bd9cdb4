#include "service/auth/limits/rate_limiter.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/status_macros.h"

namespace wt::auth {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
/// Records in one transaction of Sync(): some milliseconds of SQLite.
constexpr std::size_t kSyncBatch = 500;
/// Buckets in one Sync(); what is left waits for the next.
constexpr std::size_t kSyncMax = 8'000;
/// Longest identity that is hashed; header fields are bounded long before.
constexpr std::size_t kWhoBytesMax = 256;

std::int64_t CeilDiv(std::int64_t a, std::int64_t b) { return a <= 0 ? 0 : (a + b - 1) / b; }

/// Time that one request costs.
std::int64_t CostUs(const RateLimit& limit) {
  return std::max<std::int64_t>(limit.period_ms * 1'000 / limit.count, 1);
}

/// What processes together took too much is paid back by waiting: at most what this many of them
/// can take between two calls of Sync(), a second apart.
std::int64_t DebtMaxMs(std::int64_t room_ms) {
  constexpr std::int64_t kProcesses = 16;
  return kProcesses * (room_ms + 1'000);
}

/// Milliseconds until a stored bucket is full. After a reboot only the wall clock is left, which
/// may be wrong: no debt then.
std::int64_t LeftMs(const DurableTime& full_at, const base::Clock& clock, std::int64_t room_ms) {
  const bool same_boot = full_at.boot_id == clock.boot_id();
  return Remaining(full_at, clock, same_boot ? DebtMaxMs(room_ms) : room_ms);
}

std::string RecordId(RateClass rate_class, const Hash128& key) {
  return "rate:" + std::string(RateClassName(rate_class)) + ":" + ToHex(key);
}

/// The class and key of a record's id.
std::optional<std::pair<RateClass, Hash128>> ParseRecordId(std::string_view id) {
  for (int i = 0; i < kRateClasses; ++i) {
    const auto rate_class = static_cast<RateClass>(i);
    const std::string prefix = "rate:" + std::string(RateClassName(rate_class)) + ":";
    Hash128 key;
    if (id.starts_with(prefix) && FromHex(id.substr(prefix.size()), &key)) {
      return std::pair(rate_class, key);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view RateClassName(RateClass rate_class) {
  switch (rate_class) {
    case RateClass::kNone: return "none";
    case RateClass::kAnonymous: return "anonymous";
    case RateClass::kUser: return "user";
    case RateClass::kAdmin: return "admin";
    case RateClass::kLogin: return "login";
    case RateClass::kUpload: return "upload";
    case RateClass::kUploadChunk: return "upload_chunk";
    case RateClass::kOpenAi: return "openai";
  }
  return "";
}

std::array<RateLimit, kRateClasses> DefaultRateLimits() {
  std::array<RateLimit, kRateClasses> limits;
  const auto set = [&](RateClass rate_class, const RateLimit& limit) {
    limits[static_cast<std::size_t>(rate_class)] = limit;
  };
  set(RateClass::kNone, {});
  set(RateClass::kAnonymous, {60, kMinute, 10});
  set(RateClass::kUser, {300, kMinute, 10});
  set(RateClass::kAdmin, {100, kMinute, 10});
  set(RateClass::kLogin, {5, kMinute, 5});
  // Recordings come in heaps: an hour's worth may come at once.
  set(RateClass::kUpload, {100, kHour, 100});
  // 4 pieces in flight of 1 MiB each; 100 MiB/s is more than most disks take.
  set(RateClass::kUploadChunk, {6'000, kMinute, 200});
  set(RateClass::kOpenAi, {10, kMinute, 10});
  return limits;
}

RateLimiter::RateLimiter(const RateOptions& options, const base::Clock* clock)
    : clock_(clock),
      hash_key_(HashKey::FromSecret(options.secret, "rate limits")),
      enabled_(options.enabled),
      per_shard_max_(std::max<std::size_t>(options.buckets_max / kShards, 1)) {
  for (int i = 0; i < kRateClasses; ++i) {
    SetLimit(static_cast<RateClass>(i), options.limits[static_cast<std::size_t>(i)]);
  }
}

void RateLimiter::SetLimit(RateClass rate_class, const RateLimit& limit) {
  WT_CHECK(limit.count >= 0 && limit.period_ms > 0);
  AtomicLimit& to = limits_[static_cast<std::size_t>(rate_class)];
  to.count = limit.count;
  to.period_ms = limit.period_ms;
  to.burst = std::max<std::int64_t>(limit.burst, 1);
}

RateLimit RateLimiter::Limit(RateClass rate_class) const {
  const AtomicLimit& from = limits_[static_cast<std::size_t>(rate_class)];
  return {from.count.load(std::memory_order_relaxed),
          from.period_ms.load(std::memory_order_relaxed),
          from.burst.load(std::memory_order_relaxed)};
}

Hash128 RateLimiter::KeyOf(RateClass rate_class, std::string_view who) const {
  std::array<char, kWhoBytesMax + 1> text;
  const std::size_t size = std::min(who.size(), kWhoBytesMax);
  text[0] = static_cast<char>(rate_class);
  std::copy_n(who.data(), size, text.data() + 1);
  return KeyedHash(hash_key_, {text.data(), size + 1});
}

RateLimiter::Bucket& RateLimiter::EnsureBucket(Shard& shard, const Hash128& key,
                                               RateClass rate_class, std::int64_t now_us) {
  const auto it = shard.index.find(key);
  if (it != shard.index.end()) {
    shard.order.splice(shard.order.begin(), shard.order, it->second);
    return *it->second;
  }
  if (shard.index.size() >= per_shard_max_) Evict(shard, now_us);
  shard.order.push_front({key, rate_class, now_us, 0, 0});
  shard.index[key] = shard.order.begin();
  return shard.order.front();
}

void RateLimiter::Evict(Shard& shard, std::int64_t now_us) {
  // A few are looked at, so that the cost stays small: the oldest are nearly always full.
  constexpr int kTries = 8;
  auto victim = std::prev(shard.order.end());
  auto it = victim;
  for (int i = 0; i < kTries; ++i) {
    if (it->full_at_us <= now_us && it->taken_us == 0) {
      victim = it;
      break;
    }
    if (it == shard.order.begin()) break;
    --it;
  }
  if (victim->full_at_us > now_us) ++shard.evicted;
  shard.index.erase(victim->key);
  shard.order.erase(victim);
}

void RateLimiter::Take(Shard& shard, Bucket& bucket, std::int64_t cost_us, std::int64_t now_us) {
  bucket.full_at_us = std::max(bucket.full_at_us, now_us) + cost_us;
  if (bucket.taken_us == 0) {
    bucket.since_us = now_us;
    // Forgotten buckets leave their names behind; where nobody calls Sync() that must end.
    if (shard.dirty.size() < 2 * per_shard_max_) shard.dirty.push_back(bucket.key);
  }
  bucket.taken_us += cost_us;
}

RateDecision RateLimiter::Check(RateClass rate_class, std::string_view who) {
  const RateLimit limit = Limit(rate_class);
  if (!enabled_ || rate_class == RateClass::kNone || limit.count == 0) return {};
  const std::int64_t cost_us = CostUs(limit);
  const std::int64_t room_us = limit.burst * cost_us;
  const std::int64_t now_us = clock_->Boot() * 1'000;
  const Hash128 key = KeyOf(rate_class, who);
  RateDecision decision;
  decision.limit = limit.count;
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  Bucket& bucket = EnsureBucket(shard, key, rate_class, now_us);
  const std::int64_t after_us = std::max(bucket.full_at_us, now_us) + cost_us - now_us;
  decision.allowed = after_us <= room_us;
  if (decision.allowed) {
    Take(shard, bucket, cost_us, now_us);
    decision.remaining = (room_us - after_us) / cost_us;
  } else {
    ++shard.refused;
    decision.retry_after_s = CeilDiv(after_us - room_us, 1'000'000);
  }
  decision.reset_s = CeilDiv(bucket.full_at_us - now_us, 1'000'000);
  return decision;
}

void RateLimiter::Refund(RateClass rate_class, std::string_view who) {
  const RateLimit limit = Limit(rate_class);
  if (!enabled_ || rate_class == RateClass::kNone || limit.count == 0) return;
  const Hash128 key = KeyOf(rate_class, who);
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.index.find(key);
  if (it == shard.index.end()) return;
  Bucket& bucket = *it->second;
  // What was synced already cannot be taken back.
  const std::int64_t back_us = std::min(CostUs(limit), bucket.taken_us);
  bucket.full_at_us -= back_us;
  bucket.taken_us -= back_us;
}

Status RateLimiter::Restore(LimitStore* store) {
  const std::size_t buckets_max = per_shard_max_ * kShards;
  WT_ASSIGN(const std::vector<LimitRecord> records,
            store->LoadLimits("rate:", static_cast<int>(buckets_max)));
  const std::int64_t now_us = clock_->Boot() * 1'000;
  for (const LimitRecord& record : records) {
    const auto parsed = ParseRecordId(record.id);
    if (!parsed) continue;
    const auto& [rate_class, key] = *parsed;
    const RateLimit limit = Limit(rate_class);
    if (limit.count == 0) continue;
    const std::int64_t room_ms = limit.burst * CostUs(limit) / 1'000;
    const std::int64_t left_ms = LeftMs(record.until, *clock_, room_ms);
    if (left_ms <= 0) continue;
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    EnsureBucket(shard, key, rate_class, now_us).full_at_us = now_us + left_ms * 1'000;
  }
  return {};
}

std::vector<RateLimiter::Bucket> RateLimiter::CollectDirty() {
  std::vector<Bucket> taken;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    while (!shard.dirty.empty() && taken.size() < kSyncMax) {
      const auto it = shard.index.find(shard.dirty.back());
      shard.dirty.pop_back();
      if (it == shard.index.end() || it->second->taken_us == 0) continue;
      taken.push_back(*it->second);
      it->second->taken_us = 0;
    }
  }
  return taken;
}

void RateLimiter::Merge(const Bucket& taken, LimitRecord& record) {
  const RateLimit limit = Limit(taken.rate_class);
  if (limit.count == 0) return;
  const std::int64_t now_ms = clock_->Boot();
  const std::int64_t room_ms = limit.burst * CostUs(limit) / 1'000;
  std::int64_t shared_us = 0;
  if (!record.until.boot_id.empty()) {
    shared_us = (now_ms + LeftMs(record.until, *clock_, room_ms)) * 1'000;
  }
  const std::int64_t merged_us = std::max(shared_us, taken.since_us) + taken.taken_us;
  const std::int64_t full_at_us =
      std::min(std::max(merged_us, taken.full_at_us), (now_ms + DebtMaxMs(room_ms)) * 1'000);
  // Cut down to milliseconds: rounding up would add to itself with every Sync().
  record.until = InFuture(*clock_, full_at_us / 1'000 - now_ms);
  record.count += 1;
  Shard& shard = ShardOf(taken.key);
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.index.find(taken.key);
  if (it == shard.index.end()) return;
  // What was taken during this Sync() lies on top.
  const std::int64_t others_us = full_at_us - taken.full_at_us;
  if (others_us > 0) it->second->full_at_us += others_us;
}

Status RateLimiter::Sync(LimitStore* store) {
  const std::vector<Bucket> taken = CollectDirty();
  for (std::size_t from = 0; from < taken.size(); from += kSyncBatch) {
    const std::size_t count = std::min(kSyncBatch, taken.size() - from);
    std::vector<std::string> ids;
    ids.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(RecordId(taken[from + i].rate_class, taken[from + i].key));
    }
    // A failure loses this interval's use for the others only; the buckets here have it.
    WT_TRY(store->UpdateLimits(ids, [&](std::vector<LimitRecord>& records) {
      for (std::size_t i = 0; i < count; ++i) Merge(taken[from + i], records[i]);
    }));
  }
  return {};
}

RateStats RateLimiter::stats() const {
  RateStats stats;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    stats.buckets += static_cast<std::int64_t>(shard.index.size());
    stats.refused += shard.refused;
    stats.evicted += shard.evicted;
  }
  return stats;
}

}  // namespace wt::auth
