#include "service/store/sqlite/jobs/sqlite_job_support.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"
#include "service/jobs/rules/fairness.h"
#include "service/store/sqlite/jobs/job_rows.h"

namespace wt::store {
namespace {

constexpr std::size_t kSettingNameBytesMax = 64;
constexpr std::size_t kSettingValueBytesMax = 4'096;

std::string ToJson(const std::vector<std::string>& names) {
  // Names come from configuration; a byte that is no UTF-8 must not throw.
  return base::JsonToText(nlohmann::json(names));
}

std::vector<std::string> FromJson(const std::string& text) {
  std::vector<std::string> names;
  const nlohmann::json list = base::JsonFromText(text);
  if (!list.is_array()) return names;
  for (const nlohmann::json& name : list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

Status CheckSetting(const std::string& name, const std::string& value) {
  const bool allowed = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
  if (allowed && !name.empty() && name.size() <= kSettingNameBytesMax &&
      value.size() <= kSettingValueBytesMax) {
    return Status();
  }
  return Status(StatusCode::kInvalidArgument, "The setting's name or value is not allowed.");
}

Result<std::vector<std::string>> ReadTexts(Statement rows) {
  std::vector<std::string> texts;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return texts;
    texts.push_back(rows.Text(0));
  }
}

Result<double> ReadNumber(Connection& connection, const char* sql,
                          std::initializer_list<Value> values) {
  WT_ASSIGN(Statement row, connection.Query(sql, values));
  WT_ASSIGN(const bool found, row.Step());
  return found ? row.Real(0) : 0.0;
}

}  // namespace

Status SqliteWorkerRegistry::Beat(const jobs::WorkerBeat& beat) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(
      tx->Execute("INSERT INTO workers (id, host, process_id, slots, job_ids_json, models_json,"
                  " started_at, heartbeat_at, beat_boot_id, beat_boot_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)"
                  " ON CONFLICT (id) DO UPDATE SET host = excluded.host,"
                  " process_id = excluded.process_id, slots = excluded.slots,"
                  " job_ids_json = excluded.job_ids_json, models_json = excluded.models_json,"
                  " heartbeat_at = excluded.heartbeat_at, beat_boot_id = excluded.beat_boot_id,"
                  " beat_boot_ms = excluded.beat_boot_ms",
                  {beat.worker_id, beat.host, beat.process_id, beat.slots, ToJson(beat.job_ids),
                   ToJson(beat.models), clock_->Now(), clock_->boot_id(), clock_->Boot()}));
  return tx.Commit();
}

Result<std::vector<jobs::WorkerState>> SqliteWorkerRegistry::Workers(std::int64_t stale_ms) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT id, host, process_id, slots, job_ids_json, models_json, started_at,"
                      " heartbeat_at, iif(beat_boot_id = ?1, ?2 - beat_boot_ms, -1)"
                      " FROM workers ORDER BY id",
                      {clock_->boot_id(), clock_->Boot()}));
  std::vector<jobs::WorkerState> workers;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return workers;
    const std::int64_t age = rows.Int(8);
    workers.push_back({.beat = {.worker_id = rows.Text(0),
                                .host = rows.Text(1),
                                .process_id = rows.Int(2),
                                .slots = rows.SmallInt(3),
                                .job_ids = FromJson(rows.Text(4)),
                                .models = FromJson(rows.Text(5))},
                       .started_at = rows.Int(6),
                       .heartbeat_at = rows.Int(7),
                       .age_ms = age,
                       .stale = age < 0 || age >= stale_ms});
  }
}

Status SqliteWorkerRegistry::Leave(const std::string& worker_id) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(tx->Execute("DELETE FROM workers WHERE id = ?1", {worker_id}));
  return tx.Commit();
}

Status SqliteWorkerRegistry::Forget(std::int64_t age_ms) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(tx->Execute("DELETE FROM workers WHERE heartbeat_at < ?1", {clock_->Now() - age_ms}));
  return tx.Commit();
}

Result<std::optional<std::string>> SqliteRuntimeSettings::GetSetting(const std::string& name) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row, tx->Query("SELECT value FROM runtime_settings WHERE name = ?1", {name}));
  WT_ASSIGN(const bool found, row.Step());
  return found ? std::optional<std::string>(row.Text(0)) : std::nullopt;
}

Status SqliteRuntimeSettings::SetSetting(const std::string& name, const std::string& value,
                                         const std::string& changed_by) {
  WT_TRY(CheckSetting(name, value));
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(
      tx->Execute("INSERT INTO runtime_settings (name, value, changed_by, changed_at)"
                  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET"
                  " value = excluded.value, changed_by = excluded.changed_by,"
                  " changed_at = excluded.changed_at",
                  {name, value, changed_by, clock_->Now()}));
  return tx.Commit();
}

Status SqliteRuntimeSettings::ClearSetting(const std::string& name) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(tx->Execute("DELETE FROM runtime_settings WHERE name = ?1", {name}));
  return tx.Commit();
}

Result<jobs::OwnerUsage> SqliteUsageStore::Usage(const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row,
            tx->Query("SELECT bytes, jobs, jobs_created, audio_ms,"
                      " (SELECT coalesce(sum(c.jobs), 0) FROM job_counts c WHERE c.owner = ?1"
                      "  AND c.status IN ('queued', 'processing', 'enriching'))"
                      " FROM job_owners WHERE owner = ?1",
                      {owner}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return jobs::OwnerUsage();
  return jobs::OwnerUsage{.bytes = row.Int(0),
                          .jobs = row.Int(1),
                          .active_jobs = row.Int(4),
                          .jobs_created = row.Int(2),
                          .audio_seconds = static_cast<double>(row.Int(3)) / 1'000};
}

Result<jobs::StorageTotals> SqliteUsageStore::Totals() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row,
            tx->Query("SELECT m.n, m.bytes, r.n, r.bytes, r.seconds,"
                      " (SELECT count(*) FROM documents), (SELECT count(*) FROM blob_tombstones)"
                      " FROM (SELECT count(*) AS n, coalesce(sum(bytes), 0) AS bytes FROM media) m,"
                      " (SELECT count(*) AS n, coalesce(sum(bytes), 0) AS bytes,"
                      "  coalesce(sum(duration_s), 0.0) AS seconds FROM results) r"));
  WT_TRY(row.Step());
  return jobs::StorageTotals{.recordings = row.Int(0),
                             .recording_bytes = row.Int(1),
                             .transcripts = row.Int(2),
                             .transcript_bytes = row.Int(3),
                             .documents = row.Int(5),
                             .audio_seconds = row.Real(4),
                             .tombstones = row.Int(6)};
}

Result<std::vector<std::pair<std::string, jobs::OwnerUsage>>> SqliteUsageStore::Owners(int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT o.owner, o.bytes, o.jobs, o.jobs_created, o.audio_ms,"
                      " (SELECT coalesce(sum(c.jobs), 0) FROM job_counts c"
                      "  WHERE c.owner = o.owner AND c.status IN ('queued', 'processing',"
                      "  'enriching')) FROM job_owners o ORDER BY o.bytes DESC, o.owner LIMIT ?1",
                      {limit}));
  std::vector<std::pair<std::string, jobs::OwnerUsage>> owners;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return owners;
    owners.emplace_back(rows.Text(0),
                        jobs::OwnerUsage{.bytes = rows.Int(1),
                                         .jobs = rows.Int(2),
                                         .active_jobs = rows.Int(5),
                                         .jobs_created = rows.Int(3),
                                         .audio_seconds = static_cast<double>(rows.Int(4)) / 1e3});
  }
}

Result<jobs::QueueOutlook> SqliteUsageStore::Outlook(const std::string& job_id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(const jobs::Job job, FindJob(*tx, job_id, ""));
  jobs::QueueOutlook outlook;
  WT_ASSIGN(const double running,
            ReadNumber(*tx, "SELECT count(*) FROM jobs WHERE state = 'running'", {}));
  outlook.running = static_cast<std::int64_t>(running);
  // Of the last 20 results, the middle one: a single odd job does not move the estimate.
  WT_ASSIGN(outlook.speed,
            ReadNumber(*tx,
                       "SELECT speed FROM (SELECT duration_s * 1000.0 / processing_ms AS speed"
                       " FROM (SELECT duration_s, processing_ms FROM results"
                       "  ORDER BY created_at DESC LIMIT 20) WHERE processing_ms > 0"
                       " ORDER BY speed) LIMIT 1 OFFSET (SELECT count(*) / 2 FROM"
                       " (SELECT processing_ms FROM results ORDER BY created_at DESC LIMIT 20)"
                       " WHERE processing_ms > 0)",
                       {}));
  if (job.state != jobs::JobState::kQueued && job.state != jobs::JobState::kRetryWait) {
    return outlook;
  }
  WT_ASSIGN(const std::int64_t ahead, JobsAhead(*tx, job));
  WT_ASSIGN(const std::vector<jobs::OwnerLoad> owners, QueuedOwners(*tx, CountJobs::kYes));
  outlook.position = jobs::PositionInQueue(owners, job.owner, ahead);
  WT_ASSIGN(const double rest,
            ReadNumber(*tx,
                       "SELECT coalesce(sum(max(seconds_total - seconds_done, 0)), 0) FROM jobs"
                       " WHERE state = 'running'",
                       {}));
  // Which jobs stand before it is known only as a number: they count with the mean length.
  WT_ASSIGN(const double mean, ReadNumber(*tx,
                                          "SELECT coalesce(avg(seconds_total), 0) FROM jobs"
                                          " WHERE state = 'queued' AND held = 0",
                                          {}));
  outlook.audio_ahead_s = rest + mean * static_cast<double>(outlook.position);
  return outlook;
}

Result<std::vector<std::string>> SqliteBlobReferences::ReferencedBlobs(const std::string& after,
                                                                       int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT * FROM (SELECT blob_key FROM media WHERE blob_key > ?1"
                      "  ORDER BY blob_key LIMIT ?2)"
                      " UNION SELECT * FROM (SELECT blob_key FROM results WHERE blob_key > ?1"
                      "  ORDER BY blob_key LIMIT ?2) ORDER BY 1 LIMIT ?2",
                      {after, limit}));
  return ReadTexts(std::move(rows));
}

Result<bool> SqliteBlobReferences::IsReferenced(const std::string& key) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row, tx->Query("SELECT EXISTS (SELECT 1 FROM media WHERE blob_key = ?1)"
                                     " OR EXISTS (SELECT 1 FROM results WHERE blob_key = ?1)"
                                     // Put together, and about to become a recording.
                                     " OR EXISTS (SELECT 1 FROM upload_sessions WHERE"
                                     "  state IN ('active', 'assembling')"
                                     "  AND 'media/' || owner || '/' || media_id = ?1)",
                                     {key}));
  WT_TRY(row.Step());
  return row.Bool(0);
}

Result<std::vector<std::string>> SqliteBlobReferences::Tombstones(int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT blob_key FROM blob_tombstones ORDER BY blob_key LIMIT ?1", {limit}));
  return ReadTexts(std::move(rows));
}

Status SqliteBlobReferences::Bury(const std::vector<std::string>& keys) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  for (const std::string& key : keys) {
    WT_TRY(tx->Execute("DELETE FROM blob_tombstones WHERE blob_key = ?1", {key}));
  }
  return tx.Commit();
}

}  // namespace wt::store
