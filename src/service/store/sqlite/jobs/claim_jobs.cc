// SqliteJobStore: claiming, and everything that a worker says about a job that it holds.
#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "service/jobs/rules/fairness.h"
#include "service/jobs/rules/transitions.h"
#include "service/store/sqlite/jobs/job_rows.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"

namespace wt::store {
namespace {

using jobs::Claim;
using jobs::Lease;

// The fence: a change happens only for the holder of the current token.
#define WT_HELD " WHERE id = ?1 AND attempt = ?2 AND lease_token = ?3 AND state = 'running'"

/// Retries whose time has come go back to the queue. Another boot's times count as over.
Status QueueDueRetries(Connection& connection, const base::Clock& clock) {
  return connection
      .Execute(
          "UPDATE jobs SET state = 'queued', due_boot_id = '', due_boot_ms = 0"
          " WHERE state = 'retry_wait' AND ((due_boot_id = ?1 AND due_boot_ms <= ?2)"
          " OR due_boot_id < ?1 OR due_boot_id > ?1)",
          {clock.boot_id(), clock.Boot()})
      .status();
}

Result<std::int64_t> RunningJobs(Connection& connection) {
  WT_ASSIGN(Statement count, connection.Query("SELECT count(*) FROM jobs WHERE state = 'running'"));
  WT_TRY(count.Step());
  return count.Int(0);
}

/// The owner's next job whose batch has a free place; empty: none.
Result<std::string> BestJob(Connection& connection, const std::string& owner) {
  WT_ASSIGN(Statement best,
            connection.Query(
                "SELECT j.id FROM jobs j WHERE j.owner = ?1 AND j.state = 'queued' AND j.held = 0"
                " AND (j.batch_id IS NULL OR"
                "  (SELECT count(*) FROM jobs r WHERE r.batch_id = j.batch_id"
                "   AND r.status IN ('processing', 'enriching'))"
                "  < (SELECT b.parallel_max FROM batches b WHERE b.id = j.batch_id))"
                " ORDER BY j.claim_rank, j.id LIMIT 1",
                {owner}));
  WT_ASSIGN(const bool found, best.Step());
  return found ? best.Text(0) : std::string();
}

Result<std::string> ReadCheckpoint(Connection& connection, const std::string& id) {
  WT_ASSIGN(Statement row,
            connection.Query("SELECT data FROM checkpoints WHERE job_id = ?1", {id}));
  WT_ASSIGN(const bool found, row.Step());
  return found ? row.Text(0) : std::string();
}

Status CheckProgress(const jobs::JobProgress& progress) {
  const bool finite = std::isfinite(progress.seconds_done) &&
                      std::isfinite(progress.seconds_total) && std::isfinite(progress.speed);
  if (finite && progress.segments >= 0) return Status();
  return Status(StatusCode::kInvalidArgument, "The job's progress is not a number.");
}

}  // namespace

Result<bool> SqliteJobStore::AnythingDue() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement due,
            tx->Query("SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'queued' AND held = 0)"
                      " OR EXISTS (SELECT 1 FROM jobs WHERE state = 'retry_wait'"
                      "  AND ((due_boot_id = ?1 AND due_boot_ms <= ?2)"
                      "   OR due_boot_id < ?1 OR due_boot_id > ?1))",
                      {clock_->boot_id(), clock_->Boot()}));
  WT_TRY(due.Step());
  return due.Bool(0);
}

Result<std::optional<Claim>> SqliteJobStore::ClaimFor(Transaction& tx, const std::string& owner,
                                                      const jobs::ClaimOptions& options) {
  WT_ASSIGN(const std::string id, BestJob(*tx, owner));
  if (id.empty()) return std::optional<Claim>();
  const std::string token = randomness_.new_token();
  const base::UnixMillis now = clock_->Now();
  const base::BootMillis boot = clock_->Boot();
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE jobs SET state = 'running', attempt = attempt + 1,"
                        " lease_owner = ?2, lease_token = ?3, lease_boot_id = ?4, lease_until = ?5,"
                        " lease_expires_at = ?6, claimed_boot_ms = ?7, stage = 'loading',"
                        " updated_at = ?8, started_at = coalesce(started_at, ?8)"
                        " WHERE id = ?1 AND state = 'queued' AND held = 0",
                        {id, options.worker_id, token, clock_->boot_id(), boot + options.lease_ms,
                         now + options.lease_ms, boot, now}));
  WT_TRY(HeldOrLost(changed));
  WT_TRY(
      tx->Execute("UPDATE job_owners SET last_served ="
                  " (SELECT max(last_served) + 1 FROM job_owners) WHERE owner = ?1",
                  {owner}));
  Claim claim;
  WT_ASSIGN(claim.job, FindJob(*tx, id, owner));
  WT_ASSIGN(claim.checkpoint, ReadCheckpoint(*tx, id));
  claim.lease = {.job_id = id, .attempt = claim.job.attempt, .token = token};
  return std::optional<Claim>(std::move(claim));
}

Result<std::optional<Claim>> SqliteJobStore::ClaimNext(const jobs::ClaimOptions& options) {
  // An idle worker looks every second; it must not take the write lock for that.
  WT_ASSIGN(const bool due, AnythingDue());
  if (!due) return std::optional<Claim>();
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(QueueDueRetries(*tx, *clock_));
  std::optional<Claim> claim;
  WT_ASSIGN(const std::int64_t running, RunningJobs(*tx));
  if (options.running_max == 0 || running < options.running_max) {
    WT_ASSIGN(std::vector<jobs::OwnerLoad> owners, QueuedOwners(*tx, CountJobs::kNo));
    for (const jobs::OwnerLoad& owner :
         jobs::InOrderOfService(std::move(owners), options.running_per_owner_max)) {
      WT_ASSIGN(claim, ClaimFor(tx, owner.owner, options));
      if (claim) break;
    }
  }
  WT_TRY(tx.Commit("claim"));
  return claim;
}

Result<jobs::Heartbeat> SqliteJobStore::Renew(const Lease& lease, std::int64_t lease_ms) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  jobs::Heartbeat heartbeat;
  {
    WT_ASSIGN(Statement row,
              tx->Query("UPDATE jobs SET lease_until = ?4, lease_expires_at = ?5" WT_HELD
                        " RETURNING cancel_requested",
                        {lease.job_id, lease.attempt, lease.token, clock_->Boot() + lease_ms,
                         clock_->Now() + lease_ms}));
    WT_ASSIGN(bool more, row.Step());
    if (!more) return LostLease();
    heartbeat.cancel_requested = row.Bool(0);
    // The update is complete only when the statement has ended.
    while (more) {
      WT_ASSIGN(more, row.Step());
    }
  }
  WT_TRY(tx.Commit("heartbeat"));
  return heartbeat;
}

Status SqliteJobStore::UpdateProgress(Connection& connection, const Lease& lease,
                                      const jobs::JobProgress& progress) {
  WT_TRY(CheckProgress(progress));
  WT_ASSIGN(const std::int64_t changed,
            connection.Execute(
                "UPDATE jobs SET stage = ?4, seconds_done = ?5, seconds_total = ?6, speed = ?7,"
                " segments = ?8, detected_language = iif(?9 = '', detected_language, ?9),"
                " updated_at = ?10" WT_HELD,
                {lease.job_id, lease.attempt, lease.token, progress.stage, progress.seconds_done,
                 progress.seconds_total, progress.speed, progress.segments,
                 progress.detected_language, clock_->Now()}));
  return HeldOrLost(changed);
}

Status SqliteJobStore::SaveProgress(const Lease& lease, const jobs::JobProgress& progress) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(UpdateProgress(*tx, lease, progress));
  return tx.Commit("progress");
}

Status SqliteJobStore::SaveCheckpoint(const Lease& lease, const std::string& checkpoint,
                                      const jobs::JobProgress& progress) {
  if (checkpoint.size() > jobs::kCheckpointBytesMax) {
    return Status(StatusCode::kInvalidArgument, "The checkpoint is too large.");
  }
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(UpdateProgress(*tx, lease, progress));
  WT_TRY(tx->Execute("UPDATE jobs SET rescues = 0" WT_HELD,
                     {lease.job_id, lease.attempt, lease.token}));
  WT_TRY(
      tx->Execute("INSERT INTO checkpoints (job_id, data, saved_at) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (job_id) DO UPDATE SET data = excluded.data,"
                  " saved_at = excluded.saved_at",
                  {lease.job_id, std::as_bytes(std::span(checkpoint)), clock_->Now()}));
  return tx.Commit("checkpoint");
}

Status SqliteJobStore::AppendEvents(const Lease& lease, const std::vector<jobs::JobEvent>& events) {
  WT_TRY(jobs::CheckEvents(events));
  if (events.empty()) return Status();
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  std::int64_t seq = 0;
  {
    WT_ASSIGN(Statement held, tx->Query("SELECT event_seq FROM jobs" WT_HELD,
                                        {lease.job_id, lease.attempt, lease.token}));
    WT_ASSIGN(const bool found, held.Step());
    if (!found) return LostLease();
    seq = held.Int(0);
  }
  for (const jobs::JobEvent& event : events) {
    WT_TRY(
        tx->Execute("INSERT INTO job_events (job_id, seq, type, data_json, time)"
                    " VALUES (?1, ?2, ?3, ?4, ?5)",
                    {lease.job_id, ++seq, event.type, event.data_json,
                     event.time != 0 ? event.time : clock_->Now()}));
  }
  WT_TRY(tx->Execute("UPDATE jobs SET event_seq = ?2 WHERE id = ?1", {lease.job_id, seq}));
  WT_TRY(tx->Execute("DELETE FROM job_events WHERE job_id = ?1 AND seq <= ?2",
                     {lease.job_id, seq - jobs::kEventsPerJobMax}));
  return tx.Commit("events");
}

Result<std::optional<std::int64_t>> SqliteJobStore::NextDueIn() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row,
            tx->Query("SELECT min(iif(due_boot_id = ?1, max(due_boot_ms - ?2, 0), 0))"
                      " FROM jobs WHERE state = 'retry_wait'",
                      {clock_->boot_id(), clock_->Boot()}));
  WT_TRY(row.Step());
  return row.OptionalInt(0);
}

#undef WT_HELD

}  // namespace wt::store
