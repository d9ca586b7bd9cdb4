// The job system in one thread on a clock that a random number moves (reliability, T19).
//
// Clients, workers that crash, pause and lose replies, the housekeeping and an administrator who
// sets the wall clock act on the model store. Each seed draws its own parameters. First phase:
// everything goes wrong, and an observer checks after each call what must never happen. Second
// phase: all faults end, and every job must end within a computed time. A seed and a mutant repeat
// a run exactly. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "service/jobs/runner/lease_keeper.h"
#include "service/jobs/runner/maintenance.h"
#include "service/jobs/testing/model_job_store.h"

namespace wt::simulation {

/// Faults outside the store.
enum class WorkerMutant : std::uint8_t {
  kNone,
  /// Sleeps until a hint comes, and hints get lost.
  kNoPoll,
};

struct Parameters {
  int workers = 1;
  int owners = 1;
  int jobs = 1;
  int attempts_max = 3;
  std::int64_t lease_ms = 30'000;
  std::int64_t unit_ms = 1'000;
  int page = 1;
  int per_owner_max = 0;
  double crash = 0;
  double pause = 0;
  double lost_call = 0;
  double lost_hint = 0;
  double transient = 0;
  double poison = 0;
  double cancel = 0;
  double restart = 0;
  double wall_step = 0;
};
Parameters Draw(base::Random* random);

/// The model store behind a wire that loses calls and replies, with an observer on it.
class ObservedStore : public jobs::testing::ModelJobStore {
 public:
  ObservedStore(const base::ManualClock* clock, base::Random* random, std::uint64_t seed,
                jobs::testing::Mutant mutant);

  Result<jobs::Created> Create(const jobs::NewJob& job, const jobs::QueueLimits& limits) override;
  Result<std::optional<jobs::Claim>> ClaimNext(const jobs::ClaimOptions& options) override;
  Result<jobs::Heartbeat> Renew(const jobs::Lease& lease, std::int64_t lease_ms) override;
  Status Succeed(const jobs::Lease& lease, const jobs::NewResult& result) override;
  Status Release(const jobs::Lease& lease) override;

  /// Chance that a call, or its reply, is lost.
  double lost_call = 0;
  /// What must never happen and did; the first one only.
  const std::string& violation() const { return violation_; }
  /// States never change back, results are there exactly once.
  void CheckJobs();
  /// After the housekeeping: nobody whose lease ran out is left running.
  void CheckNoneForgotten();

 private:
  struct Holder {
    std::string token;
    base::BootMillis until = 0;
    int run = 0;
    int claims = 0;
    int releases = 0;
  };
  struct Seen {
    int run = 0;
    jobs::JobState state = jobs::JobState::kQueued;
    std::string result_ref;
  };
  bool Lost();
  void Violation(std::string text);

  const base::ManualClock* const clock_;
  base::Random* const random_;
  std::map<std::string, Holder> holders_;
  std::map<std::string, Seen> seen_;
  std::string violation_;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, jobs::testing::Mutant store_mutant, WorkerMutant worker_mutant);
  ~Simulation();
  /// Empty, or what went wrong.
  std::string Run();

 private:
  struct Worker {
    int number = 0;
    int starts = 0;
    base::BootMillis acts_at = 0;
    /// Idle, so that a hint makes it look at once; not while it is down or stopped.
    bool waits_for_work = false;
    std::optional<jobs::Claim> claim;
    std::unique_ptr<jobs::LeaseKeeper> keeper;
    int units_done = 0;
  };
  class Hints;

  bool Chance(double p) { return random_.Uniform() < p; }
  base::BootMillis NextMoment() const;
  void ActClient();
  void ActAdministrator();
  void ActWorker(Worker* worker);
  void LookForWork(Worker* worker);
  void Work(Worker* worker);
  void FinishJob(Worker* worker);
  void Drop(Worker* worker);
  void Step();
  std::string Heal();
  bool AllEnded();

  base::Random random_;
  const Parameters parameters_;
  const WorkerMutant worker_mutant_;
  base::ManualClock clock_;
  ObservedStore store_;
  std::unique_ptr<Hints> hints_;
  std::unique_ptr<jobs::Maintenance> maintenance_;
  std::vector<Worker> workers_;
  bool faults_ = true;
  int created_ = 0;
  int results_ = 0;
  base::BootMillis client_acts_at_ = 0;
};

}  // namespace wt::simulation
