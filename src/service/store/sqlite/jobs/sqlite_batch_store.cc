#include "service/store/sqlite/jobs/sqlite_batch_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "service/store/sqlite/jobs/job_rows.h"

namespace wt::store {
namespace {

using jobs::Batch;
using jobs::BatchStatus;

Status NoSuchBatch() { return Status(StatusCode::kNotFound, "There is no such batch."); }

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

/// Batches with the counts of their jobs. The status is a column too, so that lists and totals
/// filter by the same rule as jobs::StatusOf (a test compares them).
constexpr std::string_view kBatches =
    "SELECT *, CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled'"
    "  WHEN started_at IS NULL THEN 'pending'"
    "  WHEN waiting + running > 0 THEN 'processing'"
    "  WHEN succeeded > 0 THEN iif(failed + cancelled + rejected = 0, 'completed', 'partial')"
    "  WHEN cancelled > 0 AND failed + rejected = 0 THEN 'cancelled'"
    "  ELSE 'failed' END AS status"
    " FROM (SELECT b.id, b.owner, b.name, b.description, b.model, b.language, b.priority,"
    "  b.parallel_max, b.rejected_json, b.created_at, b.started_at, b.cancelled_at, b.rejected,"
    "  count(j.id) FILTER (WHERE j.status = 'queued') AS waiting,"
    "  count(j.id) FILTER (WHERE j.status IN ('processing', 'enriching')) AS running,"
    "  count(j.id) FILTER (WHERE j.status = 'completed') AS succeeded,"
    "  count(j.id) FILTER (WHERE j.status LIKE 'failed%') AS failed,"
    "  count(j.id) FILTER (WHERE j.status = 'cancelled') AS cancelled"
    "  FROM batches b LEFT JOIN jobs j ON j.batch_id = b.id"
    "  WHERE (?1 = '' OR b.owner = ?1) AND (?2 = '' OR b.id = ?2) GROUP BY b.id)";

Batch ReadBatch(const Statement& row) {
  Batch batch;
  batch.id = row.Text(0);
  batch.owner = row.Text(1);
  batch.name = row.Text(2);
  batch.description = row.Text(3);
  batch.model = row.Text(4);
  batch.language = row.Text(5);
  batch.priority = jobs::ParsePriority(row.Text(6)).value_or(jobs::Priority::kNormal);
  batch.parallel_max = row.SmallInt(7);
  batch.rejected_json = row.Text(8);
  batch.created_at = row.Int(9);
  batch.started_at = row.OptionalInt(10);
  batch.cancelled_at = row.OptionalInt(11);
  batch.counts = {.waiting = row.Int(13),
                  .running = row.Int(14),
                  .succeeded = row.Int(15),
                  .failed = row.Int(16),
                  .cancelled = row.Int(17),
                  .rejected = row.Int(12)};
  return batch;
}

Result<Batch> FindBatch(Connection& connection, const std::string& id, const std::string& owner) {
  if (id.empty()) return NoSuchBatch();
  WT_ASSIGN(Statement row, connection.Query(kBatches, {owner, id}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return NoSuchBatch();
  return ReadBatch(row);
}

Result<std::vector<std::string>> JobIds(Connection& connection, const std::string& batch_id) {
  WT_ASSIGN(Statement rows,
            connection.Query("SELECT id FROM jobs WHERE batch_id = ?1 ORDER BY id", {batch_id}));
  std::vector<std::string> ids;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return ids;
    ids.push_back(rows.Text(0));
  }
}

/// Waiting jobs are cancelled, running ones flagged.
Status CancelJobs(Connection& connection, const base::Clock& clock, const std::string& batch_id) {
  WT_ASSIGN(const std::vector<std::string> ids, JobIds(connection, batch_id));
  for (const std::string& id : ids) WT_TRY(CancelJob(connection, clock, id));
  return connection
      .Execute("UPDATE batches SET cancelled_at = coalesce(cancelled_at, ?2) WHERE id = ?1",
               {batch_id, clock.Now()})
      .status();
}

Status CheckNewBatch(const jobs::NewBatch& batch, const jobs::BatchLimits& limits) {
  const auto files = static_cast<std::int64_t>(batch.jobs.size()) + batch.batch.counts.rejected;
  if (files < 1 || files > limits.jobs_max) {
    return Invalid(
        fmt::format("A batch has 1 to {} files; this one has {}.", limits.jobs_max, files));
  }
  const int parallel = batch.batch.parallel_max;
  if (parallel < 1 || parallel > limits.parallel_max) {
    return Invalid(fmt::format("A batch runs 1 to {} jobs at once.", limits.parallel_max));
  }
  return Status();
}

Status CheckActive(Connection& connection, const std::string& owner, int active_max) {
  WT_ASSIGN(Statement count,
            connection.Query(fmt::format("SELECT count(*) FROM ({}) WHERE status IN"
                                         " ('pending', 'processing')",
                                         kBatches),
                             {owner, ""}));
  WT_TRY(count.Step());
  if (count.Int(0) < active_max) return Status();
  return Status(StatusCode::kResourceExhausted,
                fmt::format("You have {} unfinished batches, as many as allowed. Wait for one to "
                            "end, or cancel one.",
                            count.Int(0)));
}

}  // namespace

Result<Batch> SqliteBatchStore::CreateBatch(const jobs::NewBatch& new_batch,
                                            const jobs::BatchLimits& batch_limits,
                                            const jobs::QueueLimits& queue_limits) {
  WT_TRY(CheckNewBatch(new_batch, batch_limits));
  const Batch& batch = new_batch.batch;
  const bool held = new_batch.start == jobs::BatchStart::kLater;
  const base::UnixMillis now = clock_->Now();
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(CheckActive(*tx, batch.owner, batch_limits.active_per_owner_max));
  WT_TRY(tx->Execute(
      "INSERT INTO batches (id, owner, name, description, model, language, priority,"
      " parallel_max, rejected, rejected_json, created_at, started_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      {batch.id, batch.owner, batch.name, batch.description, batch.model, batch.language,
       jobs::PriorityName(batch.priority), batch.parallel_max, batch.counts.rejected,
       batch.rejected_json, now, held ? Value(std::nullopt) : Value(now)}));
  for (jobs::NewJob job : new_batch.jobs) {
    job.job.batch_id = batch.id;
    job.job.owner = batch.owner;
    WT_TRY(InsertJob(*tx, *clock_, job, queue_limits, held));
  }
  WT_ASSIGN(Batch created, FindBatch(*tx, batch.id, batch.owner));
  WT_TRY(tx.Commit());
  return created;
}

Result<Batch> SqliteBatchStore::GetBatch(const std::string& id, const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return FindBatch(*tx, id, owner);
}

Result<jobs::BatchPage> SqliteBatchStore::ListBatches(const jobs::BatchFilter& filter) {
  if (filter.limit < 1 || filter.limit > jobs::kListLimitMax) {
    return Invalid(fmt::format("The limit must be from 1 to {}.", jobs::kListLimitMax));
  }
  if (filter.offset < 0) return Invalid("The offset must not be negative.");
  const std::string_view status = filter.status ? jobs::BatchStatusName(*filter.status) : "";
  jobs::BatchPage page;
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  {
    WT_ASSIGN(
        Statement count,
        tx->Query(fmt::format("SELECT count(*) FROM ({}) WHERE ?3 = '' OR status = ?3", kBatches),
                  {filter.owner, "", status}));
    WT_TRY(count.Step());
    page.total = count.Int(0);
  }
  WT_ASSIGN(Statement rows,
            tx->Query(fmt::format("SELECT * FROM ({}) WHERE ?3 = '' OR status = ?3"
                                  " ORDER BY created_at DESC, id DESC LIMIT ?4 OFFSET ?5",
                                  kBatches),
                      {filter.owner, "", status, filter.limit, filter.offset}));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return page;
    page.batches.push_back(ReadBatch(rows));
  }
}

Result<Batch> SqliteBatchStore::StartBatch(const std::string& id, const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Batch batch, FindBatch(*tx, id, owner));
  if (batch.cancelled_at) {
    return Status(StatusCode::kFailedPrecondition, "The batch was cancelled; make a new one.");
  }
  if (batch.started_at) return batch;
  const base::UnixMillis now = clock_->Now();
  WT_TRY(tx->Execute("UPDATE batches SET started_at = ?2 WHERE id = ?1", {id, now}));
  // The jobs' time begins now: they were not allowed to run before.
  WT_TRY(
      tx->Execute("UPDATE jobs SET held = 0, run_boot_id = ?2, run_boot_ms = ?3,"
                  " run_began_at = ?4, run_at = ?4, updated_at = ?4"
                  " WHERE batch_id = ?1 AND held = 1",
                  {id, clock_->boot_id(), clock_->Boot(), now}));
  WT_ASSIGN(Batch started, FindBatch(*tx, id, owner));
  WT_TRY(tx.Commit());
  return started;
}

Result<Batch> SqliteBatchStore::CancelBatch(const std::string& id, const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Batch batch, FindBatch(*tx, id, owner));
  const BatchStatus status = jobs::StatusOf(batch);
  if (status != BatchStatus::kPending && status != BatchStatus::kProcessing) {
    return Status(StatusCode::kFailedPrecondition, "The batch has ended; it cannot be cancelled.");
  }
  WT_TRY(CancelJobs(*tx, *clock_, id));
  WT_ASSIGN(Batch cancelled, FindBatch(*tx, id, owner));
  WT_TRY(tx.Commit());
  return cancelled;
}

Result<std::vector<std::string>> SqliteBatchStore::DeleteBatch(const std::string& id,
                                                               const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Batch batch, FindBatch(*tx, id, owner));
  if (batch.counts.running > 0) {
    WT_TRY(CancelJobs(*tx, *clock_, id));
    WT_TRY(tx.Commit());
    return Status(StatusCode::kFailedPrecondition,
                  "Jobs of the batch still run; they are being cancelled. Try again in a moment.");
  }
  std::vector<std::string> blobs;
  WT_ASSIGN(const std::vector<std::string> ids, JobIds(*tx, id));
  for (const std::string& job_id : ids) {
    WT_ASSIGN(const jobs::Job job, FindJob(*tx, job_id, ""));
    WT_TRY(DeleteJob(*tx, job, &blobs));
  }
  WT_TRY(tx->Execute("DELETE FROM batches WHERE id = ?1", {id}));
  WT_TRY(tx.Commit());
  return blobs;
}

Result<jobs::BatchStats> SqliteBatchStore::Stats(const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row,
            tx->Query(fmt::format("SELECT count(*), count(*) FILTER (WHERE status IN"
                                  " ('pending', 'processing')), coalesce(sum(rejected), 0),"
                                  " coalesce(sum(waiting), 0), coalesce(sum(running), 0),"
                                  " coalesce(sum(succeeded), 0), coalesce(sum(failed), 0),"
                                  " coalesce(sum(cancelled), 0) FROM ({})",
                                  kBatches),
                      {owner, ""}));
  WT_TRY(row.Step());
  return jobs::BatchStats{.batches = row.Int(0),
                          .active = row.Int(1),
                          .rejected = row.Int(2),
                          .jobs = {.waiting = row.Int(3),
                                   .running = row.Int(4),
                                   .succeeded = row.Int(5),
                                   .failed = row.Int(6),
                                   .cancelled = row.Int(7),
                                   .rejected = row.Int(2)}};
}

}  // namespace wt::store
