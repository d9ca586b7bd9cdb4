// API keys: creation, life cycle, administration (KEY-01 to KEY-11).
//
// A secret is "wt_" and 256 random bits; it is shown once and kept as SHA-256, which is enough for
// what nobody can guess. Callers pass the user whose keys they may touch; administration passes "".
// Every change acts on the next request. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "service/auth/access/principal_cache.h"
#include "service/auth/scopes.h"
#include "service/auth/store/key_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

inline constexpr std::string_view kKeyPrefix = "wt_";
/// "wt_" and 43 characters of base64url.
inline constexpr std::size_t kKeySecretBytes = 46;
inline constexpr std::size_t kKeyNameCharactersMax = 255;
inline constexpr std::size_t kKeyDescriptionBytesMax = 2'000;
inline constexpr std::size_t kAllowedIpsMax = 100;
inline constexpr int kKeyDaysMax = 3'650;
inline constexpr std::int64_t kHourlyLimitMax = 10'000;
inline constexpr std::int64_t kQuotaMax = 1'000'000'000;
inline constexpr int kKeysPerUserMax = 10;

struct NewKey {
  std::string name = {};
  std::string description = {};
  std::vector<std::string> scopes = {"read"};
  std::vector<std::string> allowed_ips = {};
  int expires_days = 365;
  std::int64_t hourly_limit = 1'000;
  /// 0: none.
  std::int64_t daily_quota = 0;
  std::int64_t monthly_quota = 0;
};

/// What stays empty is left as it is.
struct KeyChange {
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
  std::optional<std::vector<std::string>> scopes = {};
  std::optional<std::vector<std::string>> allowed_ips = {};
  /// Counted from now.
  std::optional<int> expires_days = {};
  std::optional<std::int64_t> hourly_limit = {};
  std::optional<std::int64_t> daily_quota = {};
  std::optional<std::int64_t> monthly_quota = {};
};

struct KeyWithSecret {
  ApiKey key;
  /// Shown once.
  std::string secret;
};

struct KeySummary {
  std::int64_t total = 0;
  std::int64_t active = 0;
  std::int64_t revoked = 0;
  std::int64_t expired = 0;
  std::int64_t suspended = 0;
  std::int64_t requests_total = 0;
};

class ApiKeys {
 public:
  /// All must outlive it.
  ApiKeys(KeyStore* store, PrincipalCache* cache, const base::Clock* clock,
          int per_user_max = kKeysPerUserMax);

  /// kInvalidArgument, kPermissionDenied (a scope only administrators grant), kResourceExhausted
  /// (too many keys), kAlreadyExists (the name).
  Result<KeyWithSecret> Create(const std::string& user_id, const NewKey& wanted, Granter granter);
  /// kNotFound also for another user's key, here and below.
  Result<ApiKey> Get(const std::string& user_id, const std::string& id);
  Result<KeyPage> List(const KeyFilter& filter) { return store_->ListKeys(filter); }
  Result<ApiKey> Update(const std::string& user_id, const std::string& id, const KeyChange& change,
                        Granter granter);
  /// For good. Fine when it is revoked already.
  Status Revoke(const std::string& user_id, const std::string& id);
  /// A new secret for an active key; the old one ends at once.
  Result<KeyWithSecret> Regenerate(const std::string& user_id, const std::string& id);
  /// Administration: off and on again. kFailedPrecondition unless active (suspended).
  Status Suspend(const std::string& id);
  Status Unsuspend(const std::string& id);

  Result<KeySummary> Summary(const std::string& user_id);
  /// Days 1 to 365; the newest log rows at most `limit`.
  Result<std::vector<KeyUseDay>> UseByDay(const std::string& user_id, const std::string& id,
                                          int days);
  Result<std::vector<KeyUse>> Uses(const std::string& user_id, const std::string& id, int limit);

  /// The regular job: active keys beyond their time become expired. Returns how many.
  Result<std::int64_t> ExpireDue();

 private:
  Status Store(const ApiKey& key);
  Status ChangeStatus(const std::string& id, KeyStatus from, KeyStatus to);

  KeyStore* store_;
  PrincipalCache* cache_;
  const base::Clock* clock_;
  const int per_user_max_;
};

/// "wt_" and the right length: worth a look-up.
bool LooksLikeKey(std::string_view text);

}  // namespace wt::auth
