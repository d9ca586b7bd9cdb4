#include "service/auth/access/principal_cache.h"

#include <algorithm>

namespace wt::auth {

PrincipalCache::PrincipalCache(std::size_t entries_max)
    : per_shard_max_(std::max<std::size_t>(entries_max / kShards, 1)) {}

std::shared_ptr<const Verified> PrincipalCache::Find(const Hash128& credential) const {
  const Shard& shard = shards_[credential.words[1] % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.entries.find(credential);
  return it == shard.entries.end() ? nullptr : it->second;
}

void PrincipalCache::Put(const Hash128& credential, std::shared_ptr<const Verified> value,
                         std::uint64_t epoch) {
  Shard& shard = shards_[credential.words[1] % kShards];
  const std::lock_guard lock(shard.mutex);
  // Clear() counts first and empties afterwards: whoever still sees the old count here is emptied.
  if (epoch != epoch_.load(std::memory_order_acquire)) return;
  // Starting again is simpler than choosing, and costs one look-up per credential.
  if (shard.entries.size() >= per_shard_max_) shard.entries.clear();
  shard.entries[credential] = std::move(value);
}

void PrincipalCache::Clear() {
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.entries.clear();
  }
}

}  // namespace wt::auth
