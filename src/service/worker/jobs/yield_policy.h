// Which running job gives its place to one that waits, when all places are taken.
//
// Without it a long recording holds its place for hours while somebody else's short one waits. The
// rules agree with those of claiming (jobs/rules/fairness.h): whoever gets the place is the one
// that the place was made for. Pure function: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "service/jobs/job.h"

namespace wt::worker {

struct YieldOptions {
  /// A job keeps its place at least this long, where two could take it from each other in turns:
  /// less would spend the time on beginning again.
  std::int64_t quantum_ms = 60'000;
  /// A waiting job is served by a free place within this time as a rule.
  std::int64_t patience_ms = 1'000;
};

struct RunningJob {
  const jobs::Job* job = nullptr;
  std::int64_t running_ms = 0;
};

/// The id of the running job that hands its place back at its next end of a window; empty: none.
/// A waiting job takes the place of
///  1. a job of another owner who has at least one running job more than its own owner (two or
///     more: at once, because the places are then nearer to even and stay so), or
///  2. a job of the same owner with a lower priority and a later rank.
std::optional<std::string> ChooseYield(std::span<const RunningJob> running,
                                       std::span<const jobs::Job> waiting, base::UnixMillis now,
                                       const YieldOptions& options);

}  // namespace wt::worker
