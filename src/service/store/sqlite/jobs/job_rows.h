// Rows of the tables of migration 0003 as values, and the statements that several parts of the job
// repositories share. Functions work inside the caller's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "service/jobs/job_store.h"
#include "service/jobs/rules/fairness.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

/// "SELECT ... FROM jobs j JOIN media m ..." with the columns that ReadJob expects.
std::string_view SelectJob();
jobs::Job ReadJob(const Statement& row);

/// kNotFound also when `owner` is not empty and another one's.
Result<jobs::Job> FindJob(Connection& connection, const std::string& id, const std::string& owner);
Status NoSuchJob();
/// kAborted: the caller does not hold the job any more.
Status LostLease();
/// LostLease() unless exactly one row was changed.
Status HeldOrLost(std::int64_t changed);

/// Checks limits and inserts media, job and idempotency record. `held`: waits for its batch.
Result<jobs::Created> InsertJob(Connection& connection, const base::Clock& clock,
                                const jobs::NewJob& new_job, const jobs::QueueLimits& limits,
                                bool held);
/// Cancels a job that waits, flags one that runs; false when it is neither.
Result<bool> CancelJob(Connection& connection, const base::Clock& clock, const std::string& id);
/// Removes the job and its recording (unless another job uses it); adds their blob keys.
Status DeleteJob(Connection& connection, const jobs::Job& job, std::vector<std::string>* blobs);

/// Whether OwnerLoad::queued is wanted: it costs a look at every queued job.
enum class CountJobs : std::uint8_t { kNo, kYes };
/// Owners with claimable jobs and their load, of the whole queue.
Result<std::vector<jobs::OwnerLoad>> QueuedOwners(Connection& connection, CountJobs counting);
/// Jobs of the same owner that are claimed before `job`, which is queued.
Result<std::int64_t> JobsAhead(Connection& connection, const jobs::Job& job);

}  // namespace wt::store
