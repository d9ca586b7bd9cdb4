// Keeps the leases of running jobs, and hears when they are lost or to be cancelled.
//
// One thread for all jobs of a worker: it renews each lease every third of its time, and looks at
// the job's cancel flag every poll interval, at once after CheckNow(). A lease that could not be
// renewed for its whole time counts as lost: somebody else may hold it by now. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "service/jobs/job_store.h"

namespace wt::worker {

class LeaseKeeper {
 public:
  struct Options {
    std::int64_t lease_ms = 30'000;
    std::int64_t poll_ms = 1'000;
  };
  /// Called on the keeper's thread, each at most once; must return at once and not call the keeper.
  struct Callbacks {
    std::function<void()> on_cancel;
    std::function<void()> on_lost;
  };

  /// Both outlive this.
  LeaseKeeper(jobs::JobStore* store, const base::Clock* clock, const Options& options);
  ~LeaseKeeper();

  /// From a claim until Unwatch().
  void Watch(const jobs::Lease& lease, Callbacks callbacks);
  /// No callback of the lease is running or comes after it returns.
  void Unwatch(const jobs::Lease& lease);
  /// Looks at the job without waiting for the interval.
  void CheckNow(const std::string& job_id);

 private:
  struct Entry {
    jobs::Lease lease;
    Callbacks callbacks;
    base::BootMillis renewed_at = 0;
    std::mutex mutex;
    bool active = true;  // Guarded by mutex, as the two below.
    bool cancel_told = false;
    bool lost_told = false;
  };

  void Run(const std::stop_token& stop);
  void Look(Entry* entry);
  static void TellCancel(Entry* entry);
  static void TellLost(Entry* entry);

  jobs::JobStore* const store_;
  const base::Clock* const clock_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  /// By token: a job may be claimed again while an older attempt of it is still ending. Guarded by
  /// mutex_, as below.
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::vector<std::string> check_now_;
  std::jthread thread_;
};

}  // namespace wt::worker
