// Principals of credentials that were verified a moment ago, so that most requests cost one hash.
//
// Every change of a user, session or key in this process calls Clear(); changes of other processes
// are noticed by the store's generation, asked at most once a second (Authenticator). The tokens
// themselves are not kept, only their keyed hash. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "service/auth/access/cidr.h"
#include "service/auth/crypto/keyed_hash.h"
#include "service/auth/principal.h"
#include "service/auth/store/key_store.h"

namespace wt::auth {

/// What was found out about a credential. Shared because requests that run at once use it.
struct Verified {
  Principal principal;
  /// Ends whatever happens first.
  base::UnixMillis expires_wall = 0;
  base::BootMillis expires_boot = 0;
  /// Set for API keys.
  std::unique_ptr<const ApiKey> key;
  std::vector<Cidr> allowed;
};

class PrincipalCache {
 public:
  explicit PrincipalCache(std::size_t entries_max = 16'384);

  std::shared_ptr<const Verified> Find(const Hash128& credential) const;
  /// Names the state before something is read from the store, for Put().
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  /// Does nothing when Clear() was called since `epoch`: the value may be outdated.
  void Put(const Hash128& credential, std::shared_ptr<const Verified> value, std::uint64_t epoch);
  void Clear();

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<Hash128, std::shared_ptr<const Verified>, Hash128Hasher> entries;
  };

  const std::size_t per_shard_max_;
  std::atomic<std::uint64_t> epoch_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace wt::auth
