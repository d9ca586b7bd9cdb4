// The state machine of a job as a table, and what becomes of an attempt that ends badly.
//
// Every store asks here; the database's constraints say the same once more. Pure functions:
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/jobs/job.h"
#include "service/jobs/job_store.h"

namespace wt::jobs {

enum class Transition : std::uint8_t {
  kClaim,
  kSucceed,
  kFail,
  kRetryLater,
  /// A retry's waiting time is over.
  kDue,
  /// Handed back without a charge.
  kRelease,
  kCancel,
  kExpire,
  kRestart,
};
inline constexpr int kTransitions = 9;

/// Empty: not allowed from there.
std::optional<JobState> NextState(JobState from, Transition transition);

enum class AttemptEnd : std::uint8_t { kRetry, kFail, kDeadLetter, kCancel };

struct AttemptFacts {
  int attempt = 0;
  int attempts_max = 0;
  /// Lost workers since the last progress, without this time.
  int rescues = 0;
  bool cancel_requested = false;
};

/// After a worker said that it failed.
AttemptEnd AfterFailure(const AttemptFacts& facts, bool transient);
/// After a lease ran out. A job that takes its workers down three times without getting on is
/// poison and is not tried again.
AttemptEnd AfterLostLease(const AttemptFacts& facts, int rescues_max);

/// What users and logs read about a job whose worker was lost.
struct LostWorker {
  std::string code;
  std::string message;
};
LostWorker DescribeLostWorker(const AttemptFacts& facts, int rescues_max);

/// Milliseconds to wait after attempt `attempt` (from 1): base x 4^(attempt-1), plus up to a
/// quarter of it by `jitter` in [0, 1), at most `max_ms`. Jitter keeps jobs that failed together
/// apart.
std::int64_t BackoffMs(const RetryPolicy& policy, int attempt, double jitter);

/// kInvalidArgument: more than kEventsPerCallMax, or one longer than kEventBytesMax.
Status CheckEvents(const std::vector<JobEvent>& events);

}  // namespace wt::jobs
