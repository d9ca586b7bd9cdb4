#include "service/store/sqlite/jobs/job_rows.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"

namespace wt::store {
namespace {

using jobs::Job;

/// A name that the schema's CHECK allows, so that parsing it cannot fail.
template <typename T>
T Parsed(std::optional<T> value) {
  return value.value_or(T{});
}

jobs::Media ReadMedia(const Statement& row, int first) {
  jobs::Media media;
  media.id = row.Text(first);
  media.owner = row.Text(first + 1);
  media.blob_key = row.Text(first + 2);
  media.sha256 = row.Text(first + 3);
  media.bytes = row.Int(first + 4);
  media.filename = row.Text(first + 5);
  media.container = row.Text(first + 6);
  media.duration_s = row.OptionalReal(first + 7);
  if (!row.IsNull(first + 8)) media.sample_rate = row.SmallInt(first + 8);
  if (!row.IsNull(first + 9)) media.channels = row.SmallInt(first + 9);
  media.has_video = row.Bool(first + 10);
  return media;
}

void ReadOutcome(const Statement& row, int first, Job* job) {
  job->state = Parsed(jobs::ParseJobState(row.Text(first)));
  job->failure = Parsed(jobs::ParseFailureKind(row.Text(first + 1)));
  job->error_code = row.Text(first + 2);
  job->error_message = row.Text(first + 3);
  job->dead_letter = row.Bool(first + 4);
  job->cancel_requested = row.Bool(first + 5);
  job->attempt = row.SmallInt(first + 6);
  job->attempts_max = row.SmallInt(first + 7);
  job->rescues = row.SmallInt(first + 8);
  job->run = row.SmallInt(first + 9);
  job->lease_owner = row.Text(first + 10);
  job->lease_expires_at = row.OptionalInt(first + 11);
  job->result_ref = row.Text(first + 12);
}

void ReadProgress(const Statement& row, int first, jobs::JobProgress* progress) {
  progress->stage = row.Text(first);
  progress->seconds_done = row.Real(first + 1);
  progress->seconds_total = row.Real(first + 2);
  progress->speed = row.Real(first + 3);
  progress->segments = row.SmallInt(first + 4);
}

void ReadTimes(const Statement& row, int first, Job* job) {
  job->created_at = row.Int(first);
  job->updated_at = row.Int(first + 1);
  job->run_at = row.Int(first + 2);
  job->started_at = row.OptionalInt(first + 3);
  job->finished_at = row.OptionalInt(first + 4);
}

/// A JSON array of texts.
void ReadTexts(const Statement& row, int column, std::vector<std::string>* texts) {
  const auto list = base::JsonFromText(row.Text(column));
  for (const auto& text : list) {
    if (text.is_string()) texts->push_back(text.get<std::string>());
  }
}

void ReadDetails(const Statement& row, int first, jobs::JobDetails* details) {
  details->title = row.Text(first);
  details->notes = row.Text(first + 1);
  ReadTexts(row, first + 2, &details->tags);
  details->starred = row.Bool(first + 3);
  details->archived = row.Bool(first + 4);
}

Status InsertMedia(Connection& connection, const jobs::Media& media, base::UnixMillis now) {
  // A second job over the same recording shares its row.
  WT_ASSIGN(Statement existing,
            connection.Query("SELECT owner FROM media WHERE id = ?1", {media.id}));
  WT_ASSIGN(const bool found, existing.Step());
  if (found) {
    if (existing.Text(0) == media.owner) return Status();
    return Status(StatusCode::kAlreadyExists, "The recording's id is taken.");
  }
  return connection
      .Execute(
          "INSERT INTO media (id, owner, blob_key, sha256, bytes, filename, container,"
          " duration_s, sample_rate, channels, has_video, created_at)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
          {media.id, media.owner, media.blob_key, media.sha256, media.bytes, media.filename,
           media.container, media.duration_s, media.sample_rate, media.channels, media.has_video,
           now})
      .status();
}

Status InsertJobRow(Connection& connection, const base::Clock& clock, const Job& job, bool held) {
  const base::UnixMillis now = clock.Now();
  return connection
      .Execute(
          "INSERT INTO jobs (id, owner, media_id, batch_id, held, state, priority, claim_rank,"
          " model, language, options_json, seconds_total, attempts_max, run_boot_id,"
          " run_boot_ms, run_began_at, request_id, created_at, updated_at, run_at, traceparent)"
          " VALUES (?1, ?2, ?3, ?4, ?5, 'queued', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
          " ?15, ?16, ?15, ?15, ?15, ?17)",
          {job.id, job.owner, job.media.id, NullIfEmpty(job.batch_id), held,
           jobs::PriorityName(job.priority), jobs::ClaimRank(job.priority, now), job.model,
           job.language, job.options_json, job.media.duration_s.value_or(0), job.attempts_max,
           clock.boot_id(), clock.Boot(), now, job.request_id, job.traceparent})
      .status();
}

/// `sql` counts up to ?1 rows; true when there are that many.
Result<bool> IsFull(Connection& connection, const char* sql, std::initializer_list<Value> values,
                    int limit) {
  WT_ASSIGN(Statement count, connection.Query(sql, values));
  WT_TRY(count.Step());
  return count.Int(0) >= limit;
}

Status CheckLimits(Connection& connection, const std::string& owner,
                   const jobs::QueueLimits& limits) {
  WT_ASSIGN(const bool queue_full,
            IsFull(connection,
                   "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE status = 'queued' LIMIT ?1)",
                   {limits.queue_depth_max}, limits.queue_depth_max));
  if (queue_full) {
    return Status(StatusCode::kResourceExhausted, std::string(jobs::kQueueFullMessage));
  }
  WT_ASSIGN(const bool owner_full,
            IsFull(connection,
                   "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE owner = ?2 AND status IN"
                   " ('queued', 'processing', 'enriching') LIMIT ?1)",
                   {limits.active_per_owner_max, owner}, limits.active_per_owner_max));
  if (owner_full) {
    return Status(StatusCode::kResourceExhausted, std::string(jobs::kOwnerLimitMessage));
  }
  return Status();
}

/// The job that the key stands for, if the key is known.
Result<std::optional<Job>> FindReplayed(Connection& connection, const jobs::NewJob& new_job) {
  WT_ASSIGN(
      Statement record,
      connection.Query("SELECT digest, job_id FROM idempotency_keys WHERE owner = ?1 AND key = ?2",
                       {new_job.job.owner, new_job.idempotency_key}));
  WT_ASSIGN(const bool found, record.Step());
  if (!found) return std::optional<Job>();
  if (record.Text(0) != new_job.request_digest) {
    return Status(StatusCode::kAlreadyExists,
                  "The idempotency key was used for another request. Use a new key.");
  }
  WT_ASSIGN(Job job, FindJob(connection, record.Text(1), new_job.job.owner));
  return std::optional<Job>(std::move(job));
}

}  // namespace

std::string_view SelectJob() {
  return "SELECT j.id, j.owner, j.batch_id, j.held, j.priority, j.model, j.language,"
         " j.options_json, j.detected_language, j.request_id,"
         " m.id, m.owner, m.blob_key, m.sha256, m.bytes, m.filename, m.container, m.duration_s,"
         " m.sample_rate, m.channels, m.has_video,"
         " j.state, j.failure, j.error_code, j.error_message, j.dead_letter, j.cancel_requested,"
         " j.attempt, j.attempts_max, j.rescues, j.run, j.lease_owner, j.lease_expires_at,"
         " j.result_ref,"
         " j.stage, j.seconds_done, j.seconds_total, j.speed, j.segments,"
         " j.created_at, j.updated_at, j.run_at, j.started_at, j.finished_at,"
         " j.title, j.notes, j.tags_json, j.starred, j.archived, j.traceparent, j.speakers_json"
         " FROM jobs j JOIN media m ON m.id = j.media_id";
}

Job ReadJob(const Statement& row) {
  Job job;
  job.id = row.Text(0);
  job.owner = row.Text(1);
  job.batch_id = row.Text(2);
  job.held = row.Bool(3);
  job.priority = Parsed(jobs::ParsePriority(row.Text(4)));
  job.model = row.Text(5);
  job.language = row.Text(6);
  job.options_json = row.Text(7);
  job.detected_language = row.Text(8);
  job.request_id = row.Text(9);
  job.media = ReadMedia(row, 10);
  ReadOutcome(row, 21, &job);
  ReadProgress(row, 34, &job.progress);
  job.progress.detected_language = job.detected_language;
  ReadTimes(row, 39, &job);
  ReadDetails(row, 44, &job.details);
  job.traceparent = row.Text(49);
  ReadTexts(row, 50, &job.speakers);
  return job;
}

Status NoSuchJob() { return Status(StatusCode::kNotFound, "There is no such job."); }

Status LostLease() {
  return Status(StatusCode::kAborted, "The job is not this worker's any more.");
}

Status HeldOrLost(std::int64_t changed) { return changed == 1 ? Status() : LostLease(); }

Result<Job> FindJob(Connection& connection, const std::string& id, const std::string& owner) {
  static const std::string any = std::string(SelectJob()) + " WHERE j.id = ?1";
  // Another one's job and a missing one end in the same search of the same index, so that not even
  // the time tells them apart (docs/promises.md, P10).
  static const std::string own = [] {
    constexpr std::string_view kFrom = " FROM jobs j ";
    std::string sql(SelectJob());
    sql.replace(sql.find(kFrom), kFrom.size(), " FROM jobs j INDEXED BY jobs_by_owner_id ");
    return sql + " WHERE j.owner = ?2 AND j.id = ?1";
  }();
  WT_ASSIGN(Statement row,
            owner.empty() ? connection.Query(any, {id}) : connection.Query(own, {id, owner}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return NoSuchJob();
  return ReadJob(row);
}

Result<jobs::Created> InsertJob(Connection& connection, const base::Clock& clock,
                                const jobs::NewJob& new_job, const jobs::QueueLimits& limits,
                                bool held) {
  const Job& job = new_job.job;
  if (!new_job.idempotency_key.empty()) {
    WT_ASSIGN(std::optional<Job> replayed, FindReplayed(connection, new_job));
    if (replayed) return jobs::Created{.job = std::move(*replayed), .replayed = true};
  }
  WT_TRY(CheckLimits(connection, job.owner, limits));
  WT_TRY(InsertMedia(connection, job.media, clock.Now()));
  WT_TRY(InsertJobRow(connection, clock, job, held));
  if (!new_job.idempotency_key.empty()) {
    WT_TRY(connection.Execute(
        "INSERT INTO idempotency_keys (owner, key, digest, job_id, created_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
        {job.owner, new_job.idempotency_key, new_job.request_digest, job.id, clock.Now()}));
  }
  WT_ASSIGN(Job created, FindJob(connection, job.id, job.owner));
  return jobs::Created{.job = std::move(created)};
}

Result<bool> CancelJob(Connection& connection, const base::Clock& clock, const std::string& id) {
  WT_ASSIGN(
      std::int64_t changed,
      connection.Execute("UPDATE jobs SET state = 'cancelled', held = 0, cancel_requested = 1,"
                         " finished_at = ?2, updated_at = ?2"
                         " WHERE id = ?1 AND state IN ('queued', 'retry_wait')",
                         {id, clock.Now()}));
  if (changed == 1) return true;
  WT_ASSIGN(changed, connection.Execute("UPDATE jobs SET cancel_requested = 1, updated_at = ?2"
                                        " WHERE id = ?1 AND state = 'running'",
                                        {id, clock.Now()}));
  return changed == 1;
}

Status DeleteJob(Connection& connection, const Job& job, std::vector<std::string>* blobs) {
  {
    WT_ASSIGN(Statement rows,
              connection.Query("SELECT blob_key FROM results WHERE job_id = ?1", {job.id}));
    while (true) {
      WT_ASSIGN(const bool more, rows.Step());
      if (!more) break;
      blobs->push_back(rows.Text(0));
    }
  }
  WT_TRY(connection.Execute("DELETE FROM jobs WHERE id = ?1", {job.id}));
  WT_ASSIGN(const std::int64_t removed,
            connection.Execute("DELETE FROM media WHERE id = ?1 AND NOT EXISTS"
                               " (SELECT 1 FROM jobs WHERE media_id = ?1)",
                               {job.media.id}));
  if (removed == 1) blobs->push_back(job.media.blob_key);
  return Status();
}

Result<std::vector<jobs::OwnerLoad>> QueuedOwners(Connection& connection, CountJobs counting) {
  // The recursion jumps from owner to owner along the index instead of reading every job.
  WT_ASSIGN(
      Statement rows,
      connection.Query(
          "WITH RECURSIVE waiting (owner) AS ("
          " SELECT min(owner) FROM jobs WHERE state = 'queued' AND held = 0"
          " UNION ALL"
          " SELECT (SELECT min(j.owner) FROM jobs j WHERE j.state = 'queued' AND j.held = 0"
          "  AND j.owner > waiting.owner) FROM waiting WHERE waiting.owner IS NOT NULL)"
          " SELECT w.owner,"
          " (SELECT coalesce(sum(c.jobs), 0) FROM job_counts c WHERE c.owner = w.owner"
          "  AND c.status IN ('processing', 'enriching')),"
          " iif(?1, (SELECT count(*) FROM jobs j WHERE j.owner = w.owner AND j.state = 'queued'"
          "  AND j.held = 0), 0),"
          " (SELECT o.last_served FROM job_owners o WHERE o.owner = w.owner),"
          " (SELECT min(j.claim_rank) FROM jobs j WHERE j.owner = w.owner"
          "  AND j.state = 'queued' AND j.held = 0)"
          " FROM waiting w WHERE w.owner IS NOT NULL",
          {counting == CountJobs::kYes}));
  std::vector<jobs::OwnerLoad> owners;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return owners;
    owners.push_back({.owner = rows.Text(0),
                      .running = rows.Int(1),
                      .queued = rows.Int(2),
                      .last_served = rows.Int(3),
                      .best_rank = rows.Int(4)});
  }
}

Result<std::int64_t> JobsAhead(Connection& connection, const Job& job) {
  WT_ASSIGN(Statement count,
            connection.Query("SELECT count(*) FROM jobs j, jobs self WHERE self.id = ?1"
                             " AND j.state = 'queued' AND j.held = 0 AND j.owner = self.owner"
                             " AND (j.claim_rank, j.id) < (self.claim_rank, self.id)",
                             {job.id}));
  WT_TRY(count.Step());
  return count.Int(0);
}

}  // namespace wt::store
