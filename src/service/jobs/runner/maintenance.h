// The housekeeping of the queue as a step function: leases that ran out, runs that take too long.
//
// Every server process may run it; the store's conditions make that safe. Nothing here waits: the
// owner's thread calls Step() when NextStepIn() says. One thread at a time; store, clock and hints
// outlive it.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "service/jobs/job_store.h"

namespace wt::jobs {

struct MaintenanceOptions {
  RetryPolicy retry = {};
  /// How often to look; a third of the lease is enough (a lost worker is noticed after at most
  /// lease + interval).
  std::int64_t interval_ms = 10'000;
  /// A run that is not over after so long expires; 0: never.
  std::int64_t run_max_ms = 0;
  /// Jobs per transaction, so that the write lock is free in between.
  int page = 100;
  /// Pages per step, so that a step ends.
  int pages_max = 100;
};

struct MaintenanceReport {
  int rescued = 0;
  int expired = 0;
  /// The first thing that went wrong; the next step tries again.
  Status status = {};
};

class Maintenance {
 public:
  /// `hints` may be null.
  Maintenance(JobStore* store, const base::Clock* clock, JobHints* hints,
              MaintenanceOptions options);
  /// Does what is due; nothing when it is too early.
  MaintenanceReport Step();
  std::int64_t NextStepIn() const;

 private:
  Status RescueAll(MaintenanceReport* report);
  Status ExpireAll(MaintenanceReport* report);
  void Tell(const std::vector<std::string>& ids);

  JobStore* const store_;
  const base::Clock* const clock_;
  JobHints* const hints_;
  const MaintenanceOptions options_;
  base::BootMillis next_step_;
};

}  // namespace wt::jobs
