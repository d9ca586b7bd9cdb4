// A JobStore in memory: the linearizable model that the others are compared with, and a fake for
// tests of what stands on a store.
//
// Written for being obviously right: one map, one lock, every transition through NextState(). It
// can be told to contain one of the faults that job systems are known for; the simulation must find
// each of them. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "service/jobs/job_store.h"
#include "service/jobs/rules/fairness.h"
#include "service/jobs/rules/list_query.h"
#include "service/jobs/rules/transitions.h"

namespace wt::jobs::testing {

enum class Mutant : std::uint8_t {
  kNone,
  /// A result is taken from whoever brings it.
  kUnfencedCommit,
  /// The rescuer acts on what it read a while ago.
  kRescueWithoutRecheck,
  /// A job that runs already is handed out again.
  kDoubleClaim,
  /// Lost workers count neither against the attempts nor as poison.
  kPoisonOff,
  /// The rescuer's page is filled with jobs that need no rescue.
  kPageStarvation,
  /// Leases by the clock that administrators set.
  kWallClockLease,
};

class ModelJobStore : public JobStore {
 public:
  /// `clock` outlives the store. The same seed gives the same tokens and jitter.
  explicit ModelJobStore(const base::Clock* clock, std::uint64_t seed = 1,
                         Mutant mutant = Mutant::kNone);

  Result<Created> Create(const NewJob& job, const QueueLimits& limits) override;
  Result<Job> Get(const std::string& id, const std::string& owner) override;
  Result<JobPage> List(const JobFilter& filter) override;
  Result<std::vector<std::pair<std::string, std::int64_t>>> Counts(
      const std::string& owner) override;
  Result<LibraryCounts> Library(const std::string& owner) override;
  Result<Job> SetDetails(const std::string& id, const std::string& owner,
                         const DetailsPatch& patch) override;
  Result<std::vector<Job>> FirstWaiting(int owners_max) override;
  Result<std::int64_t> QueuePosition(const std::string& id) override;
  Result<std::optional<Claim>> ClaimNext(const ClaimOptions& options) override;
  Result<Heartbeat> Renew(const Lease& lease, std::int64_t lease_ms) override;
  Status SaveProgress(const Lease& lease, const JobProgress& progress) override;
  Status SaveCheckpoint(const Lease& lease, const std::string& checkpoint,
                        const JobProgress& progress) override;
  Status AppendEvents(const Lease& lease, const std::vector<JobEvent>& events) override;
  Status Succeed(const Lease& lease, const NewResult& result) override;
  Status Fail(const Lease& lease, FailureKind kind, const std::string& code,
              const std::string& message, bool transient, const RetryPolicy& policy) override;
  Status FinishCancelled(const Lease& lease) override;
  Status Release(const Lease& lease) override;
  Result<std::vector<std::string>> Rescue(const RetryPolicy& policy, int limit) override;
  Result<std::vector<std::string>> RescueWorker(const std::string& worker_id,
                                                const RetryPolicy& policy, int limit) override;
  Result<std::vector<std::string>> Expire(std::int64_t age_ms, int limit) override;
  Result<Job> RequestCancel(const std::string& id, const std::string& owner) override;
  Result<Job> Restart(const std::string& id, const std::string& owner, RestartFrom from) override;
  Result<std::vector<std::string>> Delete(const std::string& id, const std::string& owner) override;
  Result<std::vector<EventHead>> EventHeads(const std::vector<std::string>& ids) override;
  Result<std::vector<JobEvent>> Events(const std::string& id, std::int64_t after_seq,
                                       int limit) override;
  Result<std::vector<NewResult>> Results(const std::string& id) override;
  Result<std::optional<std::int64_t>> NextDueIn() override;

 private:
  struct Record {
    Job job;
    std::string token;
    std::string lease_boot_id;
    base::BootMillis lease_until = 0;
    std::string due_boot_id;
    base::BootMillis due_at = 0;
    std::string run_boot_id;
    base::BootMillis run_boot_ms = 0;
    UnixMillis run_began_at = 0;
    std::int64_t rank = 0;
    std::string checkpoint;
    std::int64_t event_seq = 0;
    std::vector<JobEvent> events;
    std::vector<NewResult> results;
  };
  using Page = std::vector<Lease>;

  Result<Record*> Find(const std::string& id, const std::string& owner);
  Result<Record*> Held(const Lease& lease);
  void AddEvent(Record* record, const std::string& type, std::string data, UnixMillis time);
  void StatusChanged(Record* record, std::string_view before);
  /// True when the table allows it; the state is changed, times and lease kept in step.
  bool Move(Record* record, Transition transition);
  void EndAttempt(Record* record, AttemptEnd end, FailureKind kind, const std::string& code,
                  const std::string& message, const RetryPolicy& policy);
  void QueueDueRetries();
  bool LeaseIsOver(const Record& record) const;
  base::BootMillis LeaseClock() const;
  Page ExpiredPage(int limit) const;
  std::vector<std::string> RescuePage(const Page& page, const RetryPolicy& policy);
  std::vector<OwnerLoad> QueuedOwners() const;
  std::vector<Record*> Claimable(const std::string& owner);
  bool Matches(const Record& record, const JobFilter& filter, const ListQuery& query) const;

  const base::Clock* const clock_;
  const Mutant mutant_;
  std::mutex mutex_;
  base::Random random_;
  std::map<std::string, Record> records_;
  /// By owner and key: digest and job.
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> keys_;
  std::map<std::string, std::int64_t> last_served_;
  std::int64_t claims_ = 0;
  Page stale_page_;
};

}  // namespace wt::jobs::testing
