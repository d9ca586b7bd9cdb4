#include "service/jobs/rules/transitions.h"

#include <algorithm>

namespace wt::jobs {
namespace {

bool IsWaiting(JobState state) {
  return state == JobState::kQueued || state == JobState::kRetryWait;
}

std::optional<JobState> If(bool allowed, JobState to) {
  if (!allowed) return std::nullopt;
  return to;
}

}  // namespace

std::optional<JobState> NextState(JobState from, Transition transition) {
  const bool running = from == JobState::kRunning;
  switch (transition) {
    case Transition::kClaim: return If(from == JobState::kQueued, JobState::kRunning);
    case Transition::kSucceed: return If(running, JobState::kSucceeded);
    case Transition::kFail: return If(running, JobState::kFailed);
    case Transition::kRetryLater: return If(running, JobState::kRetryWait);
    case Transition::kDue: return If(from == JobState::kRetryWait, JobState::kQueued);
    case Transition::kRelease: return If(running, JobState::kQueued);
    case Transition::kCancel: return If(running || IsWaiting(from), JobState::kCancelled);
    case Transition::kExpire: return If(running || IsWaiting(from), JobState::kExpired);
    case Transition::kRestart: return If(IsTerminal(from), JobState::kQueued);
  }
  return std::nullopt;
}

AttemptEnd AfterFailure(const AttemptFacts& facts, bool transient) {
  if (facts.cancel_requested) return AttemptEnd::kCancel;
  if (!transient) return AttemptEnd::kFail;
  return facts.attempt < facts.attempts_max ? AttemptEnd::kRetry : AttemptEnd::kDeadLetter;
}

AttemptEnd AfterLostLease(const AttemptFacts& facts, int rescues_max) {
  if (facts.cancel_requested) return AttemptEnd::kCancel;
  if (facts.rescues + 1 >= rescues_max) return AttemptEnd::kDeadLetter;
  return facts.attempt < facts.attempts_max ? AttemptEnd::kRetry : AttemptEnd::kDeadLetter;
}

LostWorker DescribeLostWorker(const AttemptFacts& facts, int rescues_max) {
  if (facts.rescues + 1 < rescues_max) {
    return {.code = "WORKER_LOST", .message = "The worker of this job ended unexpectedly."};
  }
  return {.code = "POISON_JOB",
          .message =
              "The job ended its worker several times without getting on; it is not tried "
              "again. Check the recording, then restart the job."};
}

std::int64_t BackoffMs(const RetryPolicy& policy, int attempt, double jitter) {
  // 4^15 x 1 ms is twelve days: beyond any cap, and far from overflow.
  const int steps = std::clamp(attempt - 1, 0, 15);
  const double wait = static_cast<double>(policy.base_ms) * static_cast<double>(1LL << (2 * steps));
  const double jittered = wait * (1 + std::clamp(jitter, 0.0, 1.0) / 4);
  return static_cast<std::int64_t>(std::min(jittered, static_cast<double>(policy.max_ms)));
}

Status CheckEvents(const std::vector<JobEvent>& events) {
  const bool fits =
      events.size() <= kEventsPerCallMax && std::ranges::all_of(events, [](const JobEvent& event) {
        return event.data_json.size() <= kEventBytesMax;
      });
  if (fits) return Status();
  return Status(StatusCode::kInvalidArgument, "The job's events are too many or too large.");
}

}  // namespace wt::jobs
