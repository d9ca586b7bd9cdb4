// Claims jobs and runs them, several at a time, until it is stopped.
//
//   JobWorker worker(ports, options);   // Starts.
//   hints.Connect(&worker);             // JobAvailable, CancelRequested.
//   worker.Stop(std::chrono::seconds(20));
//
// One dispatcher thread claims while places are free, a thread for each job runs it (job_run.h),
// one keeper thread holds the leases. With every hint lost the poll still finds the work. Nothing
// is claimed before its place is free. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/jobs/job_store.h"
#include "service/jobs/worker_registry.h"
#include "service/worker/jobs/job_run.h"
#include "service/worker/jobs/lease_keeper.h"
#include "service/worker/jobs/yield_policy.h"

namespace wt::worker {

struct WorkerOptions {
  /// Unique per process start.
  std::string worker_id;
  std::string host;
  std::int64_t process_id = 0;
  /// Jobs at a time (MAX_CONCURRENT_JOBS); 0: none are claimed.
  int slots = 16;
  std::int64_t lease_ms = 30'000;
  /// Looks for work and for cancelled jobs this often without hints.
  std::int64_t poll_ms = 1'000;
  std::int64_t yield_check_ms = 1'000;
  /// Beats to the worker registry.
  std::int64_t beat_ms = 10'000;
  int running_per_owner_max = 0;
  YieldOptions yield;
  RunOptions run;
  /// May be null; outlives the worker.
  jobs::WorkerRegistry* registry = nullptr;
};

struct WorkerCounters {
  std::int64_t claimed = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  std::int64_t released = 0;
  std::int64_t discarded = 0;
  /// Jobs that were asked to give their place to another one.
  std::int64_t yields = 0;
  /// Calls to the store that failed while looking for work.
  std::int64_t store_errors = 0;
};

struct WorkerSnapshot {
  int slots = 0;
  std::vector<std::string> running;
  WorkerCounters counters;
  /// When the dispatcher last went round: an old one means that it hangs.
  base::UnixMillis last_round_at = 0;
  bool stopping = false;
};

class JobWorker final : public jobs::JobHints {
 public:
  /// Starts at once. What the ports name outlives this.
  JobWorker(const WorkerPorts& ports, WorkerOptions options);
  /// Stop(0) if it was not stopped.
  ~JobWorker() override;

  // Hints, from any thread; they return at once.
  void JobAvailable() override;
  void CancelRequested(const std::string& job_id) override;
  void JobChanged(const std::string& /*job_id*/) override {}

  /// More places are used at once; fewer as jobs end.
  void SetSlots(int slots);
  WorkerSnapshot Snapshot() const;

  /// Claims nothing more. Jobs that will be done within `grace` go on; the others stop at their
  /// next end of a window, and at the latest when it is over. Each keeps its checkpoint and is
  /// handed back without a charge. Returns when all have; later calls wait for the same.
  void Stop(std::chrono::milliseconds grace);

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    std::unique_ptr<JobRun> run;
    std::jthread thread;
    Clock::time_point since;
    bool asked_to_yield = false;
    bool done = false;
  };

  void Dispatch();
  /// Claims one job if a place is free. False when there is nothing to do now.
  bool ClaimOne();
  void Start(jobs::Claim claim);
  void RunJob(Running* running);
  void Reap();
  void MakeWay();
  void Beat();
  std::chrono::milliseconds PollTime();
  void AskToRelease(Clock::time_point deadline);

  const WorkerPorts ports_;
  const WorkerOptions options_;
  LeaseKeeper keeper_;

  std::mutex stop_mutex_;  // Held by Stop().
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int slots_;  // Guarded by mutex_, as all below.
  bool hinted_ = false;
  bool stopping_ = false;
  /// By token: see LeaseKeeper.
  std::map<std::string, std::unique_ptr<Running>> running_;
  WorkerCounters counters_;
  base::UnixMillis last_round_at_ = 0;
  Clock::time_point next_yield_check_{};
  Clock::time_point next_beat_{};
  std::jthread dispatcher_;
};

}  // namespace wt::worker
