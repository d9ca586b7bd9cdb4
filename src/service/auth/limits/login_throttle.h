// Slows down guessing of passwords: delays that double, per account and source, and per source
// (AUTH-15). Nobody is locked out for good, and a victim's own source is not slowed by others'.
//
// An attempt is charged before the password is looked at, so that guesses made at once count like
// guesses in a row; success gives it back. The counters are rows of the shared store: they survive
// a restart and hold for all processes. Names and addresses go there as keyed digests (people type
// passwords into the name's field). Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "service/auth/crypto/keyed_hash.h"
#include "service/auth/store/limit_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct ThrottleOptions {
  /// Failures of one account from one source before the first delay (AUTH_MAX_ATTEMPTS).
  int attempts_max = 5;
  /// The longest delay (AUTH_LOCKOUT_SECONDS).
  std::int64_t delay_max_s = 900;
  /// The first one; each further failure doubles it.
  std::int64_t delay_first_s = 30;
  /// A source may fail this many times as often, over all accounts, before it is delayed.
  int source_factor = 4;
  /// Failures are forgotten when none happened for this long after the last delay.
  std::int64_t forget_s = 3'600;
  /// The same in all processes that share a store.
  std::string secret;
};

struct ThrottleVerdict {
  bool allowed = true;
  std::int64_t retry_after_s = 0;
  /// This attempt, if it fails, starts a delay: worth an audit event of higher severity.
  bool starts_delay = false;
};

class LoginThrottle {
 public:
  /// Both must outlive it.
  LoginThrottle(const ThrottleOptions& options, LimitStore* store, const base::Clock* clock);

  /// Charges an attempt, or says how long to wait (then nothing is charged: knocking during a delay
  /// does not lengthen it). `account` as typed, without regard to case.
  Result<ThrottleVerdict> Begin(std::string_view account, std::string_view source);
  /// The password was right: the account's failures from this source are forgotten, the source's
  /// only for this attempt, or one own account would wash all others.
  Status Succeeded(std::string_view account, std::string_view source);
  /// An administrator lifts all delays.
  Status ForgetAll();

 private:
  std::string PairId(std::string_view account, std::string_view source) const;
  std::string SourceId(std::string_view source) const;
  void Charge(LimitRecord& record, int attempts_max, ThrottleVerdict* verdict) const;
  std::int64_t LeftMs(const LimitRecord& record) const;

  const ThrottleOptions options_;
  const HashKey key_;
  LimitStore* store_;
  const base::Clock* clock_;
};

}  // namespace wt::auth
