// Keeps a worker's right to its job alive, and says when to stop.
//
// A third of the lease after the last success it is renewed, so that two renewals may fail before
// the lease runs out. Nothing here waits: the worker's heartbeat thread calls Tick() when
// NextTickIn() says. One thread at a time; the store and the clock outlive it.
//
//   LeaseKeeper keeper(&store, &clock, claim.lease, 30'000);
//   while (working) { Sleep(keeper.NextTickIn()); if (keeper.Tick() != LeaseState::kHeld) Stop(); }
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "service/jobs/job_store.h"

namespace wt::jobs {

enum class LeaseState : std::uint8_t {
  kHeld,
  /// Somebody wants the job cancelled: stop and call FinishCancelled().
  kCancelRequested,
  /// Somebody else may have the job: stop, write nothing. Final.
  kLost,
};

class LeaseKeeper {
 public:
  /// The lease was taken at this moment.
  LeaseKeeper(JobStore* store, const base::Clock* clock, Lease lease, std::int64_t lease_ms);

  /// Renews when it is time. A store that cannot be reached is tried again, until the lease is
  /// over by this worker's own clock.
  LeaseState Tick();
  /// Milliseconds until Tick() has something to do; 0: now.
  std::int64_t NextTickIn() const;
  LeaseState state() const { return state_; }
  const Lease& lease() const { return lease_; }

 private:
  void Renew();

  JobStore* const store_;
  const base::Clock* const clock_;
  const Lease lease_;
  const std::int64_t lease_ms_;
  base::BootMillis held_until_;
  base::BootMillis next_beat_;
  LeaseState state_ = LeaseState::kHeld;
};

}  // namespace wt::jobs
