// Deletes what is kept for a time only: ended sessions, spent limits, uses of keys, the audit
// record.
//
// Once an hour, in a step of the server's housekeeping. A wall clock that jumps ahead would make
// everything old at once, so a jump stops all deletion until the clock is back or the server is
// started again: an operator has then seen the message. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "service/audit/audit_log.h"
#include "service/auth/store/key_store.h"
#include "service/auth/store/limit_store.h"
#include "service/auth/store/session_store.h"

namespace wt::host {

/// All outlive the sweep.
struct RetentionStores {
  auth::SessionStore* sessions = nullptr;
  auth::LimitStore* limits = nullptr;
  auth::KeyStore* keys = nullptr;
  audit::AuditLog* audit = nullptr;
};

struct RetentionPeriods {
  /// After their end. For so long a stolen refresh token is recognised as a used one.
  std::chrono::days sessions{7};
  /// After they have no effect any more: room for a wall clock that was set back.
  std::chrono::days limits{1};
  std::chrono::days key_uses{90};
  std::chrono::days audit{90};
};

struct RetentionReport {
  std::int64_t sessions = 0;
  std::int64_t limits = 0;
  std::int64_t key_uses = 0;
  std::int64_t audit = 0;
  /// The first failure; the other stores were swept all the same.
  Status status;
};

class Retention {
 public:
  Retention(const RetentionStores& stores, const RetentionPeriods& periods,
            const base::Clock* clock);

  /// Does something when an hour has passed since the last time; empty otherwise.
  std::optional<RetentionReport> Step();

 private:
  /// How far the wall clock is ahead of where it would be had nobody set it.
  std::int64_t Jump() const;

  const RetentionStores stores_;
  const RetentionPeriods periods_;
  const base::Clock* const clock_;
  const base::UnixMillis wall_at_start_;
  const base::BootMillis boot_at_start_;
  std::optional<base::BootMillis> last_;
};

}  // namespace wt::host
