// JobStore over SQLite (migration 0003_jobs).
//
// Every transition is one conditional update inside BEGIN IMMEDIATE; the constraints and triggers
// of the schema state the same rules once more, keep the counters and write the status events.
// Leases and retry times are of the clock that does not step, with the boot that it belongs to.
// Thread-safe. The database and the clock outlive the store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "service/jobs/job_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

/// Where the store's random numbers come from. Thread-safe functions.
struct JobRandomness {
  /// A new lease token; empty: 144 bits of the system's generator.
  std::function<std::string()> new_token;
  /// Jitter in [0, 1); empty: of the system's generator.
  std::function<double()> jitter;
};

class SqliteJobStore : public jobs::JobStore {
 public:
  SqliteJobStore(Database* database, const base::Clock* clock, JobRandomness randomness = {});

  Result<jobs::Created> Create(const jobs::NewJob& job, const jobs::QueueLimits& limits) override;
  Result<jobs::Job> Get(const std::string& id, const std::string& owner) override;
  Result<jobs::JobPage> List(const jobs::JobFilter& filter) override;
  Result<std::vector<std::pair<std::string, std::int64_t>>> Counts(
      const std::string& owner) override;
  Result<jobs::LibraryCounts> Library(const std::string& owner) override;
  Result<jobs::Job> SetDetails(const std::string& id, const std::string& owner,
                               const jobs::DetailsPatch& patch) override;
  Result<std::vector<jobs::Job>> FirstWaiting(int owners_max) override;
  Result<std::int64_t> QueuePosition(const std::string& id) override;

  Result<std::optional<jobs::Claim>> ClaimNext(const jobs::ClaimOptions& options) override;
  Result<jobs::Heartbeat> Renew(const jobs::Lease& lease, std::int64_t lease_ms) override;
  Status SaveProgress(const jobs::Lease& lease, const jobs::JobProgress& progress) override;
  Status SaveCheckpoint(const jobs::Lease& lease, const std::string& checkpoint,
                        const jobs::JobProgress& progress) override;
  Status AppendEvents(const jobs::Lease& lease, const std::vector<jobs::JobEvent>& events) override;

  Status Succeed(const jobs::Lease& lease, const jobs::NewResult& result) override;
  Status Fail(const jobs::Lease& lease, jobs::FailureKind kind, const std::string& code,
              const std::string& message, bool transient, const jobs::RetryPolicy& policy) override;
  Status FinishCancelled(const jobs::Lease& lease) override;
  Status Release(const jobs::Lease& lease) override;
  Result<std::vector<std::string>> Rescue(const jobs::RetryPolicy& policy, int limit) override;
  Result<std::vector<std::string>> RescueWorker(const std::string& worker_id,
                                                const jobs::RetryPolicy& policy,
                                                int limit) override;
  Result<std::vector<std::string>> Expire(std::int64_t age_ms, int limit) override;

  Result<jobs::Job> RequestCancel(const std::string& id, const std::string& owner) override;
  Result<jobs::Job> Restart(const std::string& id, const std::string& owner,
                            jobs::RestartFrom from) override;
  Result<std::vector<std::string>> Delete(const std::string& id, const std::string& owner) override;

  Result<std::vector<jobs::EventHead>> EventHeads(const std::vector<std::string>& ids) override;
  Result<std::vector<jobs::JobEvent>> Events(const std::string& id, std::int64_t after_seq,
                                             int limit) override;
  Result<std::vector<jobs::NewResult>> Results(const std::string& id) override;
  Result<std::optional<std::int64_t>> NextDueIn() override;

 private:
  struct ExpiredLease;
  Result<bool> AnythingDue();
  Result<std::optional<jobs::Claim>> ClaimFor(Transaction& tx, const std::string& owner,
                                              const jobs::ClaimOptions& options);
  Status UpdateProgress(Connection& connection, const jobs::Lease& lease,
                        const jobs::JobProgress& progress);
  Result<std::vector<std::string>> RescueAll(std::span<const Value> values, const char* which,
                                             const jobs::RetryPolicy& policy);
  Result<bool> RescueOne(Connection& connection, const ExpiredLease& lease,
                         const jobs::RetryPolicy& policy);

  Database* const database_;
  const base::Clock* const clock_;
  const JobRandomness randomness_;
};

}  // namespace wt::store
