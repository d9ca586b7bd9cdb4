// Who is served next: first the owner, then the owner's best job.
//
// Owners: fewest running jobs, then the one whose last claim is the longest ago, so that an owner
// with ten thousand jobs delays another's single one by at most one job. An owner's jobs: by
// priority, but waiting makes up for it. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "service/jobs/job.h"

namespace wt::jobs {

/// One step of priority is worth this much waiting: a low job of five hours ago goes before an
/// urgent one of now, and one of an hour ago does not.
inline constexpr std::int64_t kPriorityStepMs = 3'600'000;

/// Smaller is earlier, among the jobs of one owner; ties by id. It does not change while the job
/// waits, so it can stand in an index: ageing by comparing start times with a head start.
std::int64_t ClaimRank(Priority priority, UnixMillis queued_at);

struct OwnerLoad {
  std::string owner;
  std::int64_t running = 0;
  std::int64_t queued = 0;
  /// Grows with each claim of anybody; 0: never served.
  std::int64_t last_served = 0;
  /// Smallest ClaimRank of its queued jobs.
  std::int64_t best_rank = 0;
};

/// The owners that may be served, best first. `running_max` 0: no limit.
std::vector<OwnerLoad> InOrderOfService(std::vector<OwnerLoad> owners, int running_max);

/// Jobs that would be claimed before the owner's job that has `ahead` of its own jobs before it,
/// if nobody else came. `owners` are all that have queued jobs, including this one.
std::int64_t PositionInQueue(std::span<const OwnerLoad> owners, const std::string& owner,
                             std::int64_t ahead);

/// Seconds until a job starts: the audio before it at the speed measured (seconds of audio per
/// second, of one worker slot), shared by `slots`. 0 when the speed is unknown.
double EstimateWaitSeconds(double audio_ahead_s, double speed, int slots);

}  // namespace wt::jobs
