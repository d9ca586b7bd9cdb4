#include "service/api/figures/figure_routes.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

// Running jobs that the queue's page shows.
constexpr int kRunningShown = 100;
constexpr int kOwnersShown = 100;

Json UsageJson(const FigureRouteParts& parts, const std::string& owner,
               const jobs::OwnerUsage& usage) {
  const std::int64_t quota = parts.quota_of(owner);
  return {{"bytes", usage.bytes},
          {"quota_bytes", quota > 0 ? Json(quota) : Json()},
          {"jobs", usage.jobs},
          {"active_jobs", usage.active_jobs},
          {"active_jobs_max", parts.active_jobs_max > 0 ? Json(parts.active_jobs_max) : Json()},
          {"jobs_created", usage.jobs_created},
          {"audio_seconds", usage.audio_seconds}};
}

Reply Usage(const FigureRouteParts& parts, const std::string& owner) {
  const Result<jobs::OwnerUsage> usage = parts.usage->Usage(owner);
  if (!usage.ok()) return usage.status();
  return JsonResponse(200, UsageJson(parts, owner, *usage));
}

Reply GetOwnUsage(const FigureRouteParts& parts, Call& call) {
  return Usage(parts, call.principal.user_id);
}

Reply ListUsage(const FigureRouteParts& parts, Call&) {
  const auto owners = parts.usage->Owners(kOwnersShown);
  if (!owners.ok()) return owners.status();
  Json list = Json::array();
  for (const auto& [owner, usage] : *owners) {
    Json entry = UsageJson(parts, owner, usage);
    entry["user_id"] = owner;
    list.push_back(std::move(entry));
  }
  return JsonResponse(200, Json{{"users", std::move(list)}});
}

Reply GetQueue(const FigureRouteParts& parts, Call&) {
  const auto counts = parts.jobs->Counts("");
  if (!counts.ok()) return counts.status();
  std::int64_t waiting = 0;
  for (const auto& [status, count] : *counts) waiting += status == "queued" ? count : 0;
  jobs::JobFilter oldest;
  oldest.statuses = {"queued"};
  oldest.descending = false;
  oldest.limit = 1;
  const Result<jobs::JobPage> first = parts.jobs->List(oldest);
  if (!first.ok()) return first.status();
  jobs::JobFilter working;
  working.statuses = {"processing", "enriching"};
  working.limit = kRunningShown;
  const Result<jobs::JobPage> running = parts.jobs->List(working);
  if (!running.ok()) return running.status();
  const auto workers = parts.workers->Workers(parts.worker_stale_ms);
  if (!workers.ok()) return workers.status();
  int slots = 0;
  for (const jobs::WorkerState& worker : *workers) slots += worker.stale ? 0 : worker.beat.slots;
  const base::UnixMillis now = parts.clock->Now();
  Json list = Json::array();
  for (const jobs::Job& job : running->jobs) list.push_back(JobToJson(job, now));
  Json age;
  if (!first->jobs.empty()) age = static_cast<double>(now - first->jobs[0].created_at) / 1e3;
  return JsonResponse(200, Json{{"waiting", waiting},
                                {"running", running->total},
                                {"slots", slots},
                                {"oldest_waiting_seconds", std::move(age)},
                                {"running_jobs", std::move(list)}});
}

Reply GetStorage(const FigureRouteParts& parts, Call&) {
  const Result<jobs::StorageTotals> totals = parts.usage->Totals();
  if (!totals.ok()) return totals.status();
  const Result<std::int64_t> free = parts.blobs->FreeBytes();
  return JsonResponse(200, Json{{"recordings", totals->recordings},
                                {"recording_bytes", totals->recording_bytes},
                                {"transcripts", totals->transcripts},
                                {"transcript_bytes", totals->transcript_bytes},
                                {"edited_transcripts", totals->documents},
                                {"audio_seconds", totals->audio_seconds},
                                {"waiting_for_deletion", totals->tombstones},
                                {"database_bytes", parts.database_bytes()},
                                {"model_bytes", parts.model_bytes()},
                                {"free_bytes", free.ok() ? Json(*free) : Json()}});
}

constexpr std::pair<const char*, const char*> kSchemas[] = {
    {"Usage", R"({"type":"object","required":["bytes","jobs","active_jobs"],"properties":{
      "user_id":{"type":"string"},"bytes":{"type":"integer"},
      "quota_bytes":{"type":["integer","null"]},"jobs":{"type":"integer"},
      "active_jobs":{"type":"integer"},"active_jobs_max":{"type":["integer","null"]},
      "jobs_created":{"type":"integer"},"audio_seconds":{"type":"number"}}})"},
    {"UsageList", R"({"type":"object","required":["users"],"properties":{"users":{"type":"array",
      "items":{"$ref":"#/components/schemas/Usage"}}}})"},
    {"QueueFigures", R"({"type":"object","required":["waiting","running","slots"],"properties":{
      "waiting":{"type":"integer"},"running":{"type":"integer"},"slots":{"type":"integer"},
      "oldest_waiting_seconds":{"type":["number","null"]},
      "running_jobs":{"type":"array","items":{"$ref":"#/components/schemas/Job"}}}})"},
    {"StorageFigures", R"({"type":"object","required":["recordings","recording_bytes"],
      "properties":{"recordings":{"type":"integer"},"recording_bytes":{"type":"integer"},
      "transcripts":{"type":"integer"},"transcript_bytes":{"type":"integer"},
      "edited_transcripts":{"type":"integer"},"audio_seconds":{"type":"number"},
      "waiting_for_deletion":{"type":"integer"},"database_bytes":{"type":"integer"},
      "model_bytes":{"type":"integer"},"free_bytes":{"type":["integer","null"]}}})"},
};

}  // namespace

Status AddFigureSchemas(Schemas* schemas) {
  for (const auto& [name, schema] : kSchemas) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddFigureRoutes(const FigureRouteParts& parts, RouteTable* table) {
  const auto make = [&parts](const char* pattern, const char* operation, const char* summary,
                             const char* schema, const char* tag, Permission permission,
                             Reply (*function)(const FigureRouteParts&, Call&)) {
    Route route = PlainRoute(Method::kGet, pattern, operation, summary, tag, permission,
                             [parts, function](Call& call) { return function(parts, call); });
    route.response_schema = schema;
    return route;
  };
  table->Add(make("/usage", "getUsage", "What the caller uses, and his quota", "Usage", "account",
                  Permission::kSignedIn, GetOwnUsage));
  table->Add(make("/admin/usage", "adminListUsage", "What each user uses, most bytes first",
                  "UsageList", "administration", Permission::kAdmin, ListUsage));
  table->Add(make("/admin/queue", "adminGetQueue", "What waits and what runs", "QueueFigures",
                  "administration", Permission::kAdmin, GetQueue));
  table->Add(make("/admin/storage", "adminGetStorage", "What is stored, in all", "StorageFigures",
                  "administration", Permission::kAdmin, GetStorage));
}

}  // namespace wt::api
