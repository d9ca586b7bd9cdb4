#include "service/api/admin/admin_routes.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/admin/admin_internal.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using audit::EventType;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr int kConcurrencyMax = 1'024;
// Enough for a mean that one odd job does not turn.
constexpr int kJobsForMean = 100;
constexpr base::UnixMillis kDayMs = 86'400'000;

Result<int> Concurrency(const AdminRouteParts& parts, bool* is_set) {
  const auto value = parts.settings->GetSetting(jobs::kMaxConcurrentJobsSetting);
  if (!value.ok()) return value.status();
  *is_set = value->has_value();
  // Only SetConcurrency() writes it.
  return *is_set ? std::atoi((*value)->c_str()) : parts.max_concurrent_jobs;
}

Reply GetConcurrency(const AdminRouteParts& parts, Call&) {
  bool is_set = false;
  const Result<int> value = Concurrency(parts, &is_set);
  if (!value.ok()) return value.status();
  return JsonResponse(200, Json{{"max_concurrent_jobs", *value},
                                {"configured", parts.max_concurrent_jobs},
                                {"source", is_set ? "runtime" : "configuration"}});
}

Reply SetConcurrency(const AdminRouteParts& parts, Call& call) {
  const int wanted = (*call.json)["max_concurrent_jobs"].get<int>();
  const Status stored = parts.settings->SetSetting(jobs::kMaxConcurrentJobsSetting,
                                                   std::to_string(wanted), call.principal.user_id);
  if (!stored.ok()) return stored;
  audit::Event event = MakeEvent(call, EventType::kConfigChange, "concurrency.set");
  event.detail = "max_concurrent_jobs=" + std::to_string(wanted);
  Audit(parts.audit, event);
  // There may be room for a waiting job now.
  parts.hints->JobAvailable();
  return GetConcurrency(parts, call);
}

Reply ClearConcurrency(const AdminRouteParts& parts, Call& call) {
  const Status cleared = parts.settings->ClearSetting(jobs::kMaxConcurrentJobsSetting);
  if (!cleared.ok()) return cleared;
  Audit(parts.audit, MakeEvent(call, EventType::kConfigChange, "concurrency.clear"));
  parts.hints->JobAvailable();
  return GetConcurrency(parts, call);
}

Json WorkersJson(const std::vector<jobs::WorkerState>& workers) {
  Json list = Json::array();
  for (const jobs::WorkerState& worker : workers) {
    list.push_back({{"worker_id", worker.beat.worker_id},
                    {"host", worker.beat.host},
                    {"process_id", worker.beat.process_id},
                    {"slots", worker.beat.slots},
                    {"job_ids", worker.beat.job_ids},
                    {"models", worker.beat.models},
                    {"started_at", base::FormatTime(worker.started_at)},
                    {"last_heartbeat", base::FormatTime(worker.heartbeat_at)},
                    {"age_seconds",
                     worker.age_ms < 0 ? Json() : Json(static_cast<double>(worker.age_ms) / 1e3)},
                    {"status", worker.stale ? "stale" : "alive"}});
  }
  return list;
}

Reply Heartbeat(const AdminRouteParts& parts, Call&) {
  const auto workers = parts.workers->Workers(parts.worker_stale_ms);
  if (!workers.ok()) return workers.status();
  std::size_t alive = 0;
  for (const jobs::WorkerState& worker : *workers) alive += worker.stale ? 0 : 1;
  return JsonResponse(200, Json{{"alive", alive},
                                {"stale", workers->size() - alive},
                                {"workers", WorkersJson(*workers)}});
}

/// Seconds that the newest finished jobs took; null without any.
Json MeanSeconds(const AdminRouteParts& parts) {
  jobs::JobFilter filter;
  filter.statuses = {"completed"};
  filter.sort_by = "updated_at";
  filter.limit = kJobsForMean;
  const auto page = parts.jobs->List(filter);
  if (!page.ok()) return {};
  double sum = 0;
  int counted = 0;
  for (const jobs::Job& job : page->jobs) {
    if (!job.started_at || !job.finished_at) continue;
    sum += static_cast<double>(*job.finished_at - *job.started_at) / 1e3;
    ++counted;
  }
  return counted == 0 ? Json() : Json(sum / counted);
}

/// Totals, per state, the last day, the success rate.
Result<Json> JobNumbers(const AdminRouteParts& parts) {
  const auto counts = parts.jobs->Counts("");
  if (!counts.ok()) return counts.status();
  Json by_state = Json::object();
  std::int64_t total = 0;
  std::int64_t waiting = 0;
  std::int64_t good = 0;
  std::int64_t failed = 0;
  Json body;
  for (const auto& [slug, count] : *counts) {
    by_state[slug] = count;
    body["jobs_" + slug] = count;
    total += count;
    if (slug == "queued") waiting += count;
    if (slug == "completed") good += count;
    if (slug.starts_with("failed")) failed += count;
  }
  jobs::JobFilter recent;
  recent.created_after = parts.clock->Now() - kDayMs;
  recent.limit = 1;
  const auto page = parts.jobs->List(recent);
  if (!page.ok()) return page.status();
  jobs::JobFilter dead;
  dead.dead_letter_only = true;
  dead.limit = 1;
  const auto letters = parts.jobs->List(dead);
  if (!letters.ok()) return letters.status();
  body["total_jobs"] = total;
  body["by_status"] = std::move(by_state);
  body["recent_jobs_24h"] = page->total;
  body["jobs_per_hour"] = static_cast<double>(page->total) / 24;
  body["average_seconds"] = MeanSeconds(parts);
  body["success_rate"] = good + failed == 0
                             ? Json()
                             : Json(static_cast<double>(good) / static_cast<double>(good + failed));
  body["queue"] = {
      {"backend", parts.queue_backend}, {"length", waiting}, {"dead_letter", letters->total}};
  return body;
}

Reply JobStats(const AdminRouteParts& parts, Call&) {
  const Result<Json> numbers = JobNumbers(parts);
  if (!numbers.ok()) return numbers.status();
  return JsonResponse(200, *numbers);
}

Reply Stats(const AdminRouteParts& parts, Call&) {
  const Result<Json> status = SystemStatus(parts);
  if (!status.ok()) return status.status();
  return JsonResponse(200, *status);
}

Reply CleanUp(const AdminRouteParts& parts, Call& call) {
  // What removes data has to be asked for.
  const bool dry_run = call.Query("dry_run") != "false" && call.Query("dry_run") != "0";
  const Result<OrphanReport> report = parts.clean_up(dry_run);
  if (!report.ok()) return report.status();
  audit::Event event = MakeEvent(call, EventType::kAdminAction, "cleanup");
  event.detail = dry_run ? "dry run" : "removed " + std::to_string(report->removed);
  Audit(parts.audit, event);
  return JsonResponse(200, Json{{"dry_run", dry_run},
                                {"orphan_blobs", report->orphan_blobs},
                                {"missing_blobs", report->missing_blobs},
                                {"bytes", report->bytes},
                                {"removed", report->removed}});
}

template <bool kRestart>
Reply EndService(const AdminRouteParts& parts, Call& call) {
  if (!parts.end_service) {
    return Forbidden("SERVER_CONTROL_DISABLED",
                     "This server is not controlled from here (setting ENABLE_SERVER_CONTROL).");
  }
  audit::Event event = MakeEvent(call, EventType::kAdminAction, "server.control");
  event.detail = kRestart ? "restart" : "shutdown";
  Audit(parts.audit, event);
  parts.end_service(kRestart);
  // Requests in progress, this one among them, end before the sockets close.
  return JsonResponse(202, Json{{"status", kRestart ? "restarting" : "stopping"}});
}

}  // namespace

Result<nlohmann::ordered_json> SystemStatus(const AdminRouteParts& parts) {
  Result<Json> numbers = JobNumbers(parts);
  if (!numbers.ok()) return numbers.status();
  const auto workers = parts.workers->Workers(parts.worker_stale_ms);
  if (!workers.ok()) return workers.status();
  auth::UserFilter one;
  one.limit = 1;
  const auto users = parts.users->List(one);
  if (!users.ok()) return users.status();
  bool is_set = false;
  const Result<int> concurrency = Concurrency(parts, &is_set);
  if (!concurrency.ok()) return concurrency.status();
  Json body;
  body["version"] = parts.version;
  body["uptime_seconds"] = static_cast<double>(parts.clock->Boot() - parts.started_at) / 1e3;
  body["timestamp"] = base::FormatTime(parts.clock->Now());
  body["users"] = users->total;
  body["max_concurrent_jobs"] = *concurrency;
  body["queue"] = (*numbers)["queue"];
  body["jobs"] = *std::move(numbers);
  body["workers"] = WorkersJson(*workers);
  Json checks = Json::object();
  bool healthy = true;
  if (parts.readiness) {
    for (const ReadinessCheck& check : parts.readiness()) {
      checks[check.name] = {{"ok", check.ok}, {"reason", check.reason}};
      healthy = healthy && check.ok;
    }
  }
  body["status"] = healthy ? "ok" : "degraded";
  body["checks"] = std::move(checks);
  Json system = Json::object();
  if (parts.gauges) {
    for (const auto& [name, value] : parts.gauges()) system[name] = value;
  }
  body["system"] = std::move(system);
  return body;
}

Route AdminRoute(const AdminRouteParts& parts, Method method, const char* pattern,
                 const char* operation, const char* summary, AdminFunction function) {
  Route route = AccountRoute(method, pattern, operation, summary, auth::Permission::kAdmin,
                             [parts, function](Call& call) { return function(parts, call); });
  route.tag = "administration";
  return route;
}

Status AddAdminSchemas(Schemas* schemas) {
  return schemas->Add("Concurrency", R"({"type":"object","required":["max_concurrent_jobs"],
    "properties":{"max_concurrent_jobs":{"type":"integer","minimum":1,"maximum":1024},
    "configured":{"type":"integer"},"source":{"enum":["runtime","configuration"]}}})");
}

void AddAdminRoutes(const AdminRouteParts& parts, RouteTable* table) {
  static_assert(kConcurrencyMax == 1'024, "as the schema says");
  Route get = AdminRoute(parts, Method::kGet, "/admin/concurrency", "getConcurrency",
                         "How many jobs run at once", GetConcurrency);
  get.response_schema = "Concurrency";
  table->Add(std::move(get));
  for (const auto& [method, operation] :
       {std::pair(Method::kPost, "setConcurrency"), std::pair(Method::kPut, "putConcurrency")}) {
    Route set = AdminRoute(parts, method, "/admin/concurrency", operation,
                           "Change it at once, and for later starts", SetConcurrency);
    TakesJson("Concurrency", &set);
    set.response_schema = "Concurrency";
    table->Add(std::move(set));
  }
  Route clear = AdminRoute(parts, Method::kDelete, "/admin/concurrency", "clearConcurrency",
                           "Back to the configuration", ClearConcurrency);
  clear.response_schema = "Concurrency";
  table->Add(std::move(clear));

  Route beat = AdminRoute(parts, Method::kGet, "/heartbeat", "getHeartbeat",
                          "Workers and their last signs of life", Heartbeat);
  beat.aliases = {"/admin/workers"};
  table->Add(std::move(beat));
  table->Add(AdminRoute(parts, Method::kGet, "/admin/stats", "getStats",
                        "The server in numbers, as they are now", Stats));
  table->Add(AdminRoute(parts, Method::kGet, "/admin/jobs/stats", "getJobStats",
                        "All jobs in numbers", JobStats));
  if (parts.clean_up) {
    Route clean = AdminRoute(parts, Method::kPost, "/admin/cleanup", "cleanUp",
                             "Find files without a record and records without a file", CleanUp);
    clean.query = {{"dry_run", R"({"type":"boolean"})", "Default: true, nothing is removed"}};
    table->Add(std::move(clean));
  }
  Route stop = AdminRoute(parts, Method::kPost, "/admin/shutdown", "shutDown",
                          "End the service in order", EndService<false>);
  Route again = AdminRoute(parts, Method::kPost, "/admin/restart", "restart",
                           "End the service in order and start it again", EndService<true>);
  for (Route* route : {&stop, &again}) {
    route->success_status = 202;
    route->errors = {403};
    table->Add(std::move(*route));
  }
  AddAdminJobRoutes(parts, table);
  AddAuditRoutes(parts, table);
}

}  // namespace wt::api
