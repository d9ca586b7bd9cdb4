// API keys and their use as rows: a port, implemented in store/sqlite. Every call is one
// transaction. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

enum class KeyStatus : std::uint8_t { kActive, kRevoked, kExpired, kSuspended };
/// "active", "revoked", "expired", "suspended".
std::string_view KeyStatusName(KeyStatus status);
std::optional<KeyStatus> ParseKeyStatus(std::string_view name);

struct ApiKey {
  std::string id;
  std::string user_id;
  std::string name;
  std::string description;
  /// First characters of the secret, to recognise it by.
  std::string prefix;
  /// HashToken of the secret.
  std::string secret_hash;
  /// Stored names (scopes.h).
  std::vector<std::string> scopes;
  /// Addresses and blocks; empty: from anywhere.
  std::vector<std::string> allowed_ips;
  KeyStatus status = KeyStatus::kActive;
  std::int64_t hourly_limit = 1'000;
  /// 0: none.
  std::int64_t daily_quota = 0;
  std::int64_t monthly_quota = 0;
  base::UnixMillis created_at = 0;
  base::UnixMillis expires_at = 0;
  /// 0: never.
  base::UnixMillis last_used_at = 0;
  base::UnixMillis revoked_at = 0;
  std::int64_t requests_total = 0;
};

struct KeyFilter {
  /// Empty: all users (administration).
  std::string user_id;
  std::optional<KeyStatus> status;
  /// Part of the name, without regard to case.
  std::string search;
  int limit = 100;
  std::int64_t offset = 0;
};

struct KeyPage {
  std::vector<ApiKey> keys;
  std::int64_t total = 0;
};

/// One call with a key (KEY-12). Texts are cut by the recorder.
struct KeyUse {
  std::string key_id;
  base::UnixMillis at = 0;
  std::string method;
  /// The route's pattern, never the path: paths hold ids.
  std::string route;
  int status = 0;
  std::int64_t latency_ms = 0;
  std::string address;
  std::string agent;
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
  bool limited = false;
};

/// Sums of one UTC day.
struct KeyUseDay {
  /// "2026-11-21".
  std::string day;
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::int64_t limited = 0;
  std::int64_t latency_ms_sum = 0;
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
};

/// Rows of the usage log that are kept per key; days are kept for kUsageDaysMax.
inline constexpr int kUsageRowsPerKeyMax = 10'000;
inline constexpr int kUsageDaysMax = 366;

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// kResourceExhausted when the user has `per_user_max` keys that are active or suspended,
  /// kAlreadyExists when one of those has the name.
  virtual Status CreateKey(const ApiKey& key, int per_user_max) = 0;
  virtual Result<ApiKey> GetKey(const std::string& id) = 0;
  virtual Result<ApiKey> FindKey(const std::string& secret_hash) = 0;
  /// Newest first.
  virtual Result<KeyPage> ListKeys(const KeyFilter& filter) = 0;
  /// Writes all but user_id, created_at and the use counters. kNotFound, kAlreadyExists.
  virtual Status UpdateKey(const ApiKey& key) = 0;
  /// Active keys beyond their time become expired; returns how many.
  virtual Result<std::int64_t> ExpireKeys(base::UnixMillis now) = 0;
  /// Deletes revoked and expired keys that ended before `before`; returns how many.
  virtual Result<std::int64_t> DeleteEndedKeys(base::UnixMillis before) = 0;

  /// Log rows, day sums, requests_total and last_used_at. Unknown keys are skipped.
  virtual Status AppendUses(const std::vector<KeyUse>& uses) = 0;
  /// Newest first.
  virtual Result<std::vector<KeyUse>> ListUses(const std::string& key_id, int limit) = 0;
  /// From `first_day` on, in order; days without use are left out.
  virtual Result<std::vector<KeyUseDay>> UseByDay(const std::string& key_id,
                                                  const std::string& first_day) = 0;
  /// Log rows before `before` and beyond kUsageRowsPerKeyMax, days beyond kUsageDaysMax.
  virtual Result<std::int64_t> SweepUses(base::UnixMillis before, base::UnixMillis now) = 0;
};

}  // namespace wt::auth
