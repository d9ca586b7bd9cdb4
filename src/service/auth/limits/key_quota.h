// Hourly limit, daily and monthly quota of API keys (KEY-08), counted in the shared store.
//
// A window begins with the first use and lasts an hour, a day or 30 days of the clock that never
// steps (of the wall clock after a reboot). Processes reserve a few uses at a time, a hundredth of
// the smallest limit, so that most calls touch no database: the limits are never exceeded, by
// however many processes; a crash forfeits what was reserved (at most 1 %, and nothing for limits
// below 200). Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "service/auth/store/key_store.h"
#include "service/auth/store/limit_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct QuotaDecision {
  bool allowed = true;
  /// Which one refuses: the hour (RATE_LIMIT_EXCEEDED), else a quota (QUOTA_EXCEEDED).
  bool hourly = true;
  /// Of the hour, or of the window that refuses.
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::int64_t reset_s = 0;
  std::int64_t retry_after_s = 0;
};

class KeyQuota {
 public:
  /// Both must outlive it. `keys_max`: keys whose reservations are held; others' go back.
  KeyQuota(LimitStore* store, const base::Clock* clock, std::size_t keys_max = 4'096);

  /// One use of the key, which must be active. An error: the store does not answer.
  Result<QuotaDecision> Take(const ApiKey& key);
  /// Gives back what is reserved and not used; call at the end.
  Status ReturnUnused();

 private:
  static constexpr std::size_t kWindows = 3;
  struct Window {
    std::int64_t period_ms = 0;
    /// 0: this window does not count.
    std::int64_t limit = 0;
    std::int64_t used = 0;
    DurableTime end;
  };
  struct Entry {
    std::mutex mutex;
    std::string key_id;
    std::array<Window, kWindows> windows;
    /// Uses that were reserved and are left.
    std::int64_t reserved = 0;
    /// Boot time until which the answer "no" stands without asking again.
    std::int64_t refused_until = 0;
  };

  std::shared_ptr<Entry> EnsureEntry(const std::string& key_id,
                                     std::vector<std::shared_ptr<Entry>>* dropped);
  Status Reserve(Entry& entry, const ApiKey& key);
  Status GiveBack(Entry& entry);
  QuotaDecision Describe(const Entry& entry, bool allowed) const;
  bool Expired(const Entry& entry) const;

  LimitStore* store_;
  const base::Clock* clock_;
  const std::size_t keys_max_;
  std::mutex mutex_;
  std::list<std::shared_ptr<Entry>> order_;
  std::unordered_map<std::string, std::list<std::shared_ptr<Entry>>::iterator> index_;
};

}  // namespace wt::auth
