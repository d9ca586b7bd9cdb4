// SqliteJobStore: what users do to their jobs, and reading single jobs.
#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/jobs/rules/details.h"
#include "service/jobs/rules/fairness.h"
#include "service/store/sqlite/jobs/job_rows.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"

namespace wt::store {
namespace {

using jobs::Job;

Status NotFinished() {
  return Status(StatusCode::kFailedPrecondition,
                "The job has not ended yet. Cancel it or wait for its end.");
}

double SystemJitter() {
  std::array<std::byte, 4> bytes;
  platform::FillSecureRandom(bytes);
  std::uint32_t number = 0;
  for (const std::byte b : bytes) number = number << 8 | std::to_integer<std::uint32_t>(b);
  return number * 0x1p-32;
}

JobRandomness WithDefaults(JobRandomness randomness) {
  if (!randomness.new_token) {
    randomness.new_token = [] { return platform::NewToken(18); };
  }
  if (!randomness.jitter) randomness.jitter = SystemJitter;
  return randomness;
}

}  // namespace

SqliteJobStore::SqliteJobStore(Database* database, const base::Clock* clock,
                               JobRandomness randomness)
    : database_(database), clock_(clock), randomness_(WithDefaults(std::move(randomness))) {}

Result<jobs::Created> SqliteJobStore::Create(const jobs::NewJob& job,
                                             const jobs::QueueLimits& limits) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(jobs::Created created, InsertJob(*tx, *clock_, job, limits, /*held=*/false));
  if (!created.replayed) WT_TRY(tx.Commit("create"));
  return created;
}

Result<Job> SqliteJobStore::Get(const std::string& id, const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return FindJob(*tx, id, owner);
}

Result<std::vector<std::pair<std::string, std::int64_t>>> SqliteJobStore::Counts(
    const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            owner.empty()
                ? tx->Query("SELECT status, sum(jobs) FROM job_counts GROUP BY status"
                            " HAVING sum(jobs) > 0 ORDER BY status")
                : tx->Query("SELECT status, jobs FROM job_counts WHERE owner = ?1 AND jobs > 0"
                            " ORDER BY status",
                            {owner}));
  std::vector<std::pair<std::string, std::int64_t>> counts;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return counts;
    counts.emplace_back(rows.Text(0), rows.Int(1));
  }
}

Result<jobs::LibraryCounts> SqliteJobStore::Library(const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  jobs::LibraryCounts counts;
  {
    WT_ASSIGN(Statement row,
              tx->Query("SELECT (SELECT count(*) FROM jobs WHERE owner = ?1 AND starred = 1),"
                        " (SELECT count(*) FROM jobs WHERE owner = ?1 AND archived = 1)",
                        {owner}));
    WT_TRY(row.Step());
    counts.starred = row.Int(0);
    counts.archived = row.Int(1);
  }
  WT_ASSIGN(Statement rows, tx->Query("SELECT t.value, count(*) FROM jobs j,"
                                      " json_each(j.tags_json) t WHERE j.owner = ?1"
                                      " GROUP BY t.value ORDER BY count(*) DESC, t.value LIMIT ?2",
                                      {owner, jobs::kTagsListedMax}));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return counts;
    counts.tags.emplace_back(rows.Text(0), rows.Int(1));
  }
}

Result<Job> SqliteJobStore::SetDetails(const std::string& id, const std::string& owner,
                                       const jobs::DetailsPatch& patch) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(Job job, FindJob(*tx, id, owner));
  jobs::ApplyDetails(patch, &job.details);
  job.updated_at = clock_->Now();
  WT_TRY(tx->Execute(
      "UPDATE jobs SET title = ?2, notes = ?3, tags_json = ?4, starred = ?5,"
      " archived = ?6, updated_at = ?7 WHERE id = ?1",
      {id, job.details.title, job.details.notes, base::JsonToText(nlohmann::json(job.details.tags)),
       job.details.starred, job.details.archived, job.updated_at}));
  WT_TRY(tx.Commit("details"));
  return job;
}

Result<std::int64_t> SqliteJobStore::QueuePosition(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(const Job job, FindJob(*tx, id, ""));
  if (job.state != jobs::JobState::kQueued && job.state != jobs::JobState::kRetryWait) {
    return std::int64_t{0};
  }
  WT_ASSIGN(const std::int64_t ahead, JobsAhead(*tx, job));
  WT_ASSIGN(const std::vector<jobs::OwnerLoad> owners, QueuedOwners(*tx, CountJobs::kYes));
  return jobs::PositionInQueue(owners, job.owner, ahead);
}

Result<Job> SqliteJobStore::RequestCancel(const std::string& id, const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(FindJob(*tx, id, owner));
  WT_ASSIGN(const bool cancelled, CancelJob(*tx, *clock_, id));
  if (!cancelled) {
    return Status(StatusCode::kFailedPrecondition, "The job has ended; it cannot be cancelled.");
  }
  WT_ASSIGN(Job job, FindJob(*tx, id, owner));
  WT_TRY(tx.Commit("cancel"));
  return job;
}

Result<Job> SqliteJobStore::Restart(const std::string& id, const std::string& owner,
                                    jobs::RestartFrom from) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Job before, FindJob(*tx, id, owner));
  if (!jobs::IsTerminal(before.state)) return NotFinished();
  const base::UnixMillis now = clock_->Now();
  WT_TRY(tx->Execute(
      "UPDATE jobs SET state = 'queued', run = run + 1, attempt = 0, rescues = 0, held = 0,"
      " failure = 'none', error_code = '', error_message = '', dead_letter = 0,"
      " cancel_requested = 0, result_ref = NULL, stage = 'waiting', seconds_done = 0, speed = 0,"
      " segments = 0, detected_language = '', claim_rank = ?3, run_boot_id = ?4, run_boot_ms = ?5,"
      " run_began_at = ?2, run_at = ?2, updated_at = ?2, started_at = NULL, finished_at = NULL"
      " WHERE id = ?1",
      {id, now, jobs::ClaimRank(before.priority, now), clock_->boot_id(), clock_->Boot()}));
  if (from == jobs::RestartFrom::kBeginning) {
    WT_TRY(tx->Execute("DELETE FROM checkpoints WHERE job_id = ?1", {id}));
  }
  WT_ASSIGN(Job job, FindJob(*tx, id, owner));
  WT_TRY(tx.Commit("restart"));
  return job;
}

Result<std::vector<std::string>> SqliteJobStore::Delete(const std::string& id,
                                                        const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Job job, FindJob(*tx, id, owner));
  if (job.state == jobs::JobState::kRunning) {
    WT_TRY(CancelJob(*tx, *clock_, id));
    WT_TRY(tx.Commit("delete"));
    return NotFinished();
  }
  std::vector<std::string> blobs;
  WT_TRY(DeleteJob(*tx, job, &blobs));
  WT_TRY(tx.Commit("delete"));
  return blobs;
}

namespace {

/// Needs no escapes in a JSON text.
bool IsPlain(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

}  // namespace

Result<std::vector<jobs::EventHead>> SqliteJobStore::EventHeads(
    const std::vector<std::string>& ids) {
  // One statement for any number of ids: its text, and so its plan, is always the same.
  std::string list = "[";
  for (std::size_t i = 0; i < std::min(ids.size(), jobs::kEventHeadsMax); ++i) {
    if (!IsPlain(ids[i])) continue;  // No job has such an id.
    if (list.size() > 1) list += ',';
    list += '"' + ids[i] + '"';
  }
  list += ']';
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query("SELECT j.id, j.event_seq, j.finished_at IS NOT NULL"
                                      " FROM json_each(?1) w CROSS JOIN jobs j ON j.id = w.value",
                                      {list}));
  std::vector<jobs::EventHead> heads;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return heads;
    heads.push_back({.job_id = rows.Text(0), .seq = rows.Int(1), .ended = rows.Bool(2)});
  }
}

Result<std::vector<jobs::JobEvent>> SqliteJobStore::Events(const std::string& id,
                                                           std::int64_t after_seq, int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query("SELECT seq, type, data_json, time FROM job_events"
                                      " WHERE job_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
                                      {id, after_seq, limit}));
  std::vector<jobs::JobEvent> events;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return events;
    events.push_back(
        {.seq = rows.Int(0), .type = rows.Text(1), .data_json = rows.Text(2), .time = rows.Int(3)});
  }
}

Result<std::vector<jobs::NewResult>> SqliteJobStore::Results(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT id, blob_key, sha256, bytes, detected_language, duration_s, speech_s,"
                      " words, text, metadata_json, run, attempt, created_at FROM results"
                      " WHERE job_id = ?1 ORDER BY run DESC",
                      {id}));
  std::vector<jobs::NewResult> results;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return results;
    results.push_back({.id = rows.Text(0),
                       .blob_key = rows.Text(1),
                       .sha256 = rows.Text(2),
                       .bytes = rows.Int(3),
                       .detected_language = rows.Text(4),
                       .duration_s = rows.Real(5),
                       .speech_s = rows.Real(6),
                       .words = rows.Int(7),
                       .text = rows.Text(8),
                       .metadata_json = rows.Text(9),
                       .run = rows.SmallInt(10),
                       .attempt = rows.SmallInt(11),
                       .created_at = rows.Int(12)});
  }
}

}  // namespace wt::store
