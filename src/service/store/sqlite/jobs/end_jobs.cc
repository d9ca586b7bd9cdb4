// SqliteJobStore: how attempts and runs end.
#include <utility>

#include "base/status_macros.h"
#include "service/jobs/rules/transitions.h"
#include "service/store/sqlite/jobs/job_rows.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"

namespace wt::store {
namespace {

using jobs::AttemptEnd;
using jobs::Lease;

#define WT_FREED                                                                       \
  " lease_owner = NULL, lease_token = NULL, lease_boot_id = NULL, lease_until = NULL," \
  " lease_expires_at = NULL, "
#define WT_HELD " WHERE id = ?1 AND attempt = ?2 AND lease_token = ?3 AND state = 'running'"

struct Failure {
  jobs::FailureKind kind = jobs::FailureKind::kUnknown;
  std::string code;
  std::string message;
  /// Counts against the poison rule.
  bool worker_lost = false;
};

Status EndFailed(Connection& connection, const base::Clock& clock, const Lease& lease,
                 const Failure& failure, bool dead_letter) {
  WT_ASSIGN(const std::int64_t changed,
            connection.Execute(
                "UPDATE jobs SET state = 'failed'," WT_FREED
                " failure = ?4, error_code = ?5, error_message = ?6,"
                " dead_letter = ?7, rescues = rescues + ?8, finished_at = ?9,"
                " updated_at = ?9" WT_HELD,
                {lease.job_id, lease.attempt, lease.token, jobs::FailureKindName(failure.kind),
                 failure.code, failure.message, dead_letter, failure.worker_lost, clock.Now()}));
  return HeldOrLost(changed);
}

Status EndCancelled(Connection& connection, const base::Clock& clock, const Lease& lease) {
  WT_ASSIGN(const std::int64_t changed,
            connection.Execute("UPDATE jobs SET state = 'cancelled'," WT_FREED
                               " cancel_requested = 1, finished_at = ?4, updated_at = ?4" WT_HELD,
                               {lease.job_id, lease.attempt, lease.token, clock.Now()}));
  return HeldOrLost(changed);
}

Status RetryLater(Connection& connection, const base::Clock& clock, const Lease& lease,
                  const Failure& failure, std::int64_t wait_ms) {
  const base::UnixMillis now = clock.Now();
  WT_ASSIGN(const std::int64_t changed,
            connection.Execute("UPDATE jobs SET state = 'retry_wait'," WT_FREED
                               " stage = 'waiting', rescues = rescues + ?4, due_boot_id = ?5,"
                               " due_boot_ms = ?6, run_at = ?7, updated_at = ?8" WT_HELD,
                               {lease.job_id, lease.attempt, lease.token, failure.worker_lost,
                                clock.boot_id(), clock.Boot() + wait_ms, now + wait_ms, now}));
  WT_TRY(HeldOrLost(changed));
  // The reason stays visible, in the job's log.
  WT_TRY(connection.Execute("UPDATE jobs SET event_seq = event_seq + 1 WHERE id = ?1",
                            {lease.job_id}));
  return connection
      .Execute(
          "INSERT INTO job_events (job_id, seq, type, data_json, time)"
          " SELECT id, event_seq, 'log', json_object('code', ?2, 'message', ?3,"
          " 'attempt', ?4, 'retry_in_ms', ?5), ?6 FROM jobs WHERE id = ?1",
          {lease.job_id, failure.code, failure.message, lease.attempt, wait_ms, now})
      .status();
}

/// What the rules look at; kAborted when the lease is not held.
Result<jobs::AttemptFacts> ReadFacts(Connection& connection, const Lease& lease) {
  WT_ASSIGN(Statement row,
            connection.Query("SELECT attempt, attempts_max, rescues, cancel_requested"
                             " FROM jobs" WT_HELD,
                             {lease.job_id, lease.attempt, lease.token}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return LostLease();
  return jobs::AttemptFacts{.attempt = row.SmallInt(0),
                            .attempts_max = row.SmallInt(1),
                            .rescues = row.SmallInt(2),
                            .cancel_requested = row.Bool(3)};
}

Status EndAttempt(Connection& connection, const base::Clock& clock, const Lease& lease,
                  AttemptEnd end, const Failure& failure, std::int64_t wait_ms) {
  switch (end) {
    case AttemptEnd::kCancel: return EndCancelled(connection, clock, lease);
    case AttemptEnd::kRetry: return RetryLater(connection, clock, lease, failure, wait_ms);
    case AttemptEnd::kFail:
    case AttemptEnd::kDeadLetter:
      return EndFailed(connection, clock, lease, failure, end == AttemptEnd::kDeadLetter);
  }
  return Status();
}

}  // namespace

struct SqliteJobStore::ExpiredLease {
  Lease lease;
};

Status SqliteJobStore::Succeed(const Lease& lease, const jobs::NewResult& result) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  const base::UnixMillis now = clock_->Now();
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE jobs SET state = 'succeeded'," WT_FREED
                        " result_ref = ?4, stage = 'done', seconds_total = ?5, seconds_done = ?5,"
                        " detected_language = iif(?6 = '', detected_language, ?6),"
                        " finished_at = ?7, updated_at = ?7" WT_HELD,
                        {lease.job_id, lease.attempt, lease.token, result.id, result.duration_s,
                         result.detected_language, now}));
  WT_TRY(HeldOrLost(changed));
  WT_TRY(
      tx->Execute("INSERT INTO results (id, job_id, owner, run, attempt, blob_key, sha256, bytes,"
                  " detected_language, duration_s, speech_s, processing_ms, words, text,"
                  " metadata_json, created_at)"
                  " SELECT ?2, id, owner, run, attempt, ?3, ?4, ?5, ?6, ?7, ?8,"
                  " max(?9 - claimed_boot_ms, 0), ?10, ?11, ?12, ?13 FROM jobs WHERE id = ?1",
                  {lease.job_id, result.id, result.blob_key, result.sha256, result.bytes,
                   result.detected_language, result.duration_s, result.speech_s, clock_->Boot(),
                   result.words, result.text, result.metadata_json, now}));
  WT_TRY(tx->Execute("DELETE FROM checkpoints WHERE job_id = ?1", {lease.job_id}));
  return tx.Commit("succeed");
}

Status SqliteJobStore::Fail(const Lease& lease, jobs::FailureKind kind, const std::string& code,
                            const std::string& message, bool transient,
                            const jobs::RetryPolicy& policy) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const jobs::AttemptFacts facts, ReadFacts(*tx, lease));
  const AttemptEnd end = jobs::AfterFailure(facts, transient);
  const Failure failure{.kind = kind, .code = code, .message = message};
  WT_TRY(EndAttempt(*tx, *clock_, lease, end, failure,
                    jobs::BackoffMs(policy, facts.attempt, randomness_.jitter())));
  return tx.Commit("fail");
}

Status SqliteJobStore::FinishCancelled(const Lease& lease) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(EndCancelled(*tx, *clock_, lease));
  return tx.Commit("finish_cancelled");
}

Status SqliteJobStore::Release(const Lease& lease) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const jobs::AttemptFacts facts, ReadFacts(*tx, lease));
  if (facts.cancel_requested) {
    WT_TRY(EndCancelled(*tx, *clock_, lease));
    return tx.Commit("release");
  }
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE jobs SET state = 'queued'," WT_FREED
                        " attempt = attempt - 1, stage = 'waiting', updated_at = ?4" WT_HELD,
                        {lease.job_id, lease.attempt, lease.token, clock_->Now()}));
  WT_TRY(HeldOrLost(changed));
  return tx.Commit("release");
}

Result<bool> SqliteJobStore::RescueOne(Connection& connection, const ExpiredLease& expired,
                                       const jobs::RetryPolicy& policy) {
  const Lease& lease = expired.lease;
  Result<jobs::AttemptFacts> facts = ReadFacts(connection, lease);
  // Whoever changed the job since the page was read was right: leave it.
  if (facts.status().code() == StatusCode::kAborted) return false;
  WT_TRY(facts.status());
  const AttemptEnd end = jobs::AfterLostLease(*facts, policy.rescues_max);
  const jobs::LostWorker lost = jobs::DescribeLostWorker(*facts, policy.rescues_max);
  const Failure failure{.kind = jobs::FailureKind::kThread,
                        .code = lost.code,
                        .message = lost.message,
                        .worker_lost = true};
  WT_TRY(EndAttempt(connection, *clock_, lease, end, failure,
                    jobs::BackoffMs(policy, facts->attempt, randomness_.jitter())));
  return true;
}

Result<std::vector<std::string>> SqliteJobStore::RescueAll(std::span<const Value> values,
                                                           const char* which,
                                                           const jobs::RetryPolicy& policy) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  std::vector<ExpiredLease> page;
  {
    WT_ASSIGN(Statement rows, tx->Query(which, values));
    while (true) {
      WT_ASSIGN(const bool more, rows.Step());
      if (!more) break;
      page.push_back(
          {{.job_id = rows.Text(0), .attempt = rows.SmallInt(1), .token = rows.Text(2)}});
    }
  }
  std::vector<std::string> changed;
  for (const ExpiredLease& expired : page) {
    WT_ASSIGN(const bool rescued, RescueOne(*tx, expired, policy));
    if (rescued) changed.push_back(expired.lease.job_id);
  }
  WT_TRY(tx.Commit("rescue"));
  return changed;
}

Result<std::vector<std::string>> SqliteJobStore::Rescue(const jobs::RetryPolicy& policy,
                                                        int limit) {
  const Value values[] = {clock_->boot_id(), clock_->Boot(), limit};
  return RescueAll(values,
                   "SELECT id, attempt, lease_token FROM jobs WHERE state = 'running' AND"
                   " ((lease_boot_id = ?1 AND lease_until < ?2) OR lease_boot_id < ?1"
                   " OR lease_boot_id > ?1) ORDER BY lease_boot_id, lease_until, id LIMIT ?3",
                   policy);
}

Result<std::vector<std::string>> SqliteJobStore::RescueWorker(const std::string& worker_id,
                                                              const jobs::RetryPolicy& policy,
                                                              int limit) {
  const Value values[] = {worker_id, limit};
  return RescueAll(values,
                   "SELECT id, attempt, lease_token FROM jobs WHERE state = 'running'"
                   " AND lease_owner = ?1 ORDER BY lease_boot_id, lease_until, id LIMIT ?2",
                   policy);
}

Result<std::vector<std::string>> SqliteJobStore::Expire(std::int64_t age_ms, int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  std::vector<std::string> changed;
  {
    // Age by the clock that does not step; only a run of an earlier boot is judged by the wall.
    WT_ASSIGN(
        Statement rows,
        tx->Query("SELECT id FROM jobs WHERE state IN ('queued', 'retry_wait', 'running')"
                  " AND held = 0 AND ((run_boot_id = ?1 AND run_boot_ms <= ?2)"
                  " OR (run_boot_id < ?1 AND run_began_at <= ?3)"
                  " OR (run_boot_id > ?1 AND run_began_at <= ?3))"
                  " ORDER BY run_began_at, id LIMIT ?4",
                  {clock_->boot_id(), clock_->Boot() - age_ms, clock_->Now() - age_ms, limit}));
    while (true) {
      WT_ASSIGN(const bool more, rows.Step());
      if (!more) break;
      changed.push_back(rows.Text(0));
    }
  }
  for (const std::string& id : changed) {
    WT_TRY(tx->Execute("UPDATE jobs SET state = 'expired'," WT_FREED
                       " failure = 'timeout', error_code = 'JOB_EXPIRED',"
                       " error_message = 'The job did not end within the time allowed.',"
                       " finished_at = ?2, updated_at = ?2"
                       " WHERE id = ?1 AND state IN ('queued', 'retry_wait', 'running')",
                       {id, clock_->Now()}));
  }
  WT_TRY(tx.Commit("expire"));
  return changed;
}

#undef WT_HELD
#undef WT_FREED

}  // namespace wt::store
