#include "service/api/uploads/batch_routes.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "platform/system_clock.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"
#include "service/api/uploads/batch_form.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using jobs::Batch;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kFormOverheadBytes = 1 << 20;

ApiError BatchError(const Status& status) {
  if (status.code() == StatusCode::kNotFound) return NotFound("Batch");
  if (status.code() == StatusCode::kFailedPrecondition) {
    return Conflict("BATCH_STATE", status.message());
  }
  return FromStatus(status);
}

ApiError CreateBatchError(const Status& status) {
  if (status.code() != StatusCode::kResourceExhausted) return BatchError(status);
  if (status.message() == jobs::kQueueFullMessage || status.message() == jobs::kOwnerLimitMessage) {
    return CreateError(status);
  }
  return BadRequest("BATCH_LIMIT", status.message());
}

std::string IdOf(const Call& call) {
  return base::CanonicalUuid(call.Parameter("batch_id"))
      .value_or("00000000-0000-7000-8000-000000000000");
}

Json BatchToJson(const Batch& batch) {
  const jobs::BatchCounts& counts = batch.counts;
  const std::int64_t ended = counts.succeeded + counts.failed + counts.cancelled;
  const std::int64_t all = counts.jobs();
  Json json;
  json["batch_id"] = json["id"] = batch.id;
  json["batch_name"] = json["name"] = batch.name;
  json["description"] = batch.description;
  json["status"] = jobs::BatchStatusName(jobs::StatusOf(batch));
  json["model"] = batch.model;
  json["language"] = batch.language.empty() ? Json() : Json(batch.language);
  json["priority"] = jobs::PriorityName(batch.priority);
  json["max_parallel_jobs"] = batch.parallel_max;
  json["total_files"] = all + counts.rejected;
  json["total_jobs"] = all;
  json["pending_jobs"] = counts.waiting;
  json["processing_jobs"] = counts.running;
  json["completed_jobs"] = counts.succeeded;
  json["failed_jobs"] = counts.failed;
  json["cancelled_jobs"] = counts.cancelled;
  json["rejected_files"] = counts.rejected;
  json["progress_percent"] = all == 0 ? 100.0 : static_cast<double>(ended * 10'000 / all) / 100;
  json["created_at"] = base::FormatTime(batch.created_at);
  json["started_at"] = batch.started_at ? Json(base::FormatTime(*batch.started_at)) : Json();
  const Json errors = base::OrderedJsonFromText(batch.rejected_json);
  json["errors"] = errors.is_array() ? errors : Json::array();
  return json;
}

Result<std::vector<jobs::Job>> JobsOf(const BatchRouteParts& parts, const Batch& batch) {
  jobs::JobFilter filter;
  filter.owner = batch.owner;
  filter.batch_id = batch.id;
  filter.descending = false;
  filter.limit = jobs::kListLimitMax;
  Result<jobs::JobPage> page = parts.jobs->List(filter);
  if (!page.ok()) return page.status();
  return std::move(page->jobs);
}

Reply Upload(const BatchRouteParts& parts, Call& call) {
  BatchForm form(parts, call);
  if (std::optional<ApiError> error = form.Read()) {
    form.Discard();
    return *std::move(error);
  }
  Submission submission;
  submission.owner = OwnerOf(call.principal);
  submission.model = form.options.model();
  submission.options = form.options.options();
  submission.priority = form.batch.priority;
  submission.request_id = call.request_id;
  submission.traceparent = call.traceparent;
  jobs::NewBatch made;
  made.batch = form.batch;
  made.start = form.start;
  made.batch.id = platform::NewId(*parts.clock);
  made.batch.owner = submission.owner;
  made.batch.model = submission.model;
  made.batch.language = submission.options.request.language.language;
  made.batch.rejected_json = base::JsonToText(form.rejected);
  made.batch.counts.rejected = static_cast<std::int64_t>(form.rejected.size());
  for (const uploads::AcceptedMedia& media : form.accepted) {
    made.jobs.push_back(parts.submitter->MakeJob(submission, media));
    made.jobs.back().job.batch_id = made.batch.id;
  }
  const Result<Batch> batch = parts.batches->CreateBatch(made, parts.limits, parts.queue_limits);
  if (!batch.ok()) {
    form.Discard();
    return CreateBatchError(batch.status());
  }
  if (made.start == jobs::BatchStart::kNow) parts.hints->JobAvailable();
  Json json = BatchToJson(*batch);
  Json ids = Json::array();
  for (const jobs::NewJob& job : made.jobs) ids.push_back(job.job.id);
  json["job_ids"] = std::move(ids);
  return JsonResponse(200, json);
}

Reply ListBatches(const BatchRouteParts& parts, Call& call) {
  jobs::BatchFilter filter;
  filter.owner = OwnerOf(call.principal);
  if (const std::string status = call.Query("status"); !status.empty()) {
    filter.status = jobs::ParseBatchStatus(status);
  }
  if (const std::string limit = call.Query("limit"); !limit.empty()) {
    filter.limit = std::stoi(limit);
  }
  if (const std::string offset = call.Query("offset"); !offset.empty()) {
    filter.offset = std::stoll(offset);
  }
  const Result<jobs::BatchPage> page = parts.batches->ListBatches(filter);
  if (!page.ok()) return BatchError(page.status());
  Json list = Json::array();
  for (const Batch& batch : page->batches) list.push_back(BatchToJson(batch));
  return JsonResponse(200, Json{{"batches", std::move(list)},
                                {"total", page->total},
                                {"limit", filter.limit},
                                {"offset", filter.offset}});
}

Reply GetBatch(const BatchRouteParts& parts, Call& call) {
  const Result<Batch> batch = parts.batches->GetBatch(IdOf(call), OwnerOf(call.principal));
  if (!batch.ok()) return BatchError(batch.status());
  const Result<std::vector<jobs::Job>> all = JobsOf(parts, *batch);
  if (!all.ok()) return BatchError(all.status());
  Json json = BatchToJson(*batch);
  Json list = Json::array();
  for (const jobs::Job& job : *all) list.push_back(JobToJson(job, parts.clock->Now()));
  json["jobs"] = std::move(list);
  return JsonResponse(200, json);
}

Reply GetProgress(const BatchRouteParts& parts, Call& call) {
  const Result<Batch> batch = parts.batches->GetBatch(IdOf(call), OwnerOf(call.principal));
  if (!batch.ok()) return BatchError(batch.status());
  return JsonResponse(200, BatchToJson(*batch));
}

Reply StartBatch(const BatchRouteParts& parts, Call& call) {
  const Result<Batch> batch = parts.batches->StartBatch(IdOf(call), OwnerOf(call.principal));
  if (!batch.ok()) return BatchError(batch.status());
  parts.hints->JobAvailable();
  return JsonResponse(200, BatchToJson(*batch));
}

/// Tells the workers of running jobs whose flag is set.
void HintCancelled(const BatchRouteParts& parts, const Batch& batch) {
  const Result<std::vector<jobs::Job>> all = JobsOf(parts, batch);
  if (!all.ok()) return;  // They look at the flag anyway, a little later.
  for (const jobs::Job& job : *all) {
    if (job.cancel_requested && !jobs::IsTerminal(job.state)) parts.hints->CancelRequested(job.id);
    parts.hints->JobChanged(job.id);
  }
}

Reply CancelBatch(const BatchRouteParts& parts, Call& call) {
  const Result<Batch> batch = parts.batches->CancelBatch(IdOf(call), OwnerOf(call.principal));
  if (!batch.ok()) return BatchError(batch.status());
  HintCancelled(parts, *batch);
  return JsonResponse(200, BatchToJson(*batch));
}

Reply DeleteBatch(const BatchRouteParts& parts, Call& call) {
  const std::string& owner = OwnerOf(call.principal);
  const Result<std::vector<std::string>> keys = parts.batches->DeleteBatch(IdOf(call), owner);
  if (keys.status().code() == StatusCode::kFailedPrecondition) {
    const Result<Batch> batch = parts.batches->GetBatch(IdOf(call), owner);
    if (batch.ok()) HintCancelled(parts, *batch);
    ApiError error =
        Conflict("BATCH_RUNNING", "The batch is being stopped. Delete it again in a moment.");
    error.retry_after_s = 1;
    return error;
  }
  if (!keys.ok()) return BatchError(keys.status());
  for (const std::string& key : *keys) {
    const Status deleted = parts.blobs->Delete(key);
    if (deleted.ok()) continue;
    base::Log(parts.log, base::LogLevel::kWarning,
              "a deleted batch's blob stays until the next sweep: " + deleted.message());
  }
  return http::Response::Text(204, "");
}

Reply GetStats(const BatchRouteParts& parts, Call& call) {
  const Result<jobs::BatchStats> stats = parts.batches->Stats(OwnerOf(call.principal));
  if (!stats.ok()) return BatchError(stats.status());
  return JsonResponse(200, Json{{"total_batches", stats->batches},
                                {"active_batches", stats->active},
                                {"total_jobs", stats->jobs.jobs()},
                                {"completed_jobs", stats->jobs.succeeded},
                                {"failed_jobs", stats->jobs.failed},
                                {"cancelled_jobs", stats->jobs.cancelled},
                                {"rejected_files", stats->rejected}});
}

struct Row {
  Method method;
  const char* pattern;
  const char* operation;
  const char* summary;
  Reply (*handler)(const BatchRouteParts&, Call&);
  std::vector<std::string> aliases;
};

std::vector<Row> Rows() {
  const std::string old = "/batch-upload/{batch_id}";
  const std::string ui = "/batches/{batch_id}";
  return {
      {Method::kPost,
       "/batch/upload",
       "createBatch",
       "Send many recordings and queue them",
       Upload,
       {"/batch-upload/create", "/uploads/batch", "/batches"}},
      {Method::kGet,
       "/batch/list",
       "listBatches",
       "The caller's batches, newest first",
       ListBatches,
       {"/batch-upload/list", "/batches"}},
      {Method::kGet,
       "/batch/{batch_id}",
       "getBatch",
       "One batch with its jobs",
       GetBatch,
       {old, ui, old + "/status", old + "/jobs"}},
      {Method::kGet,
       "/batch/{batch_id}/progress",
       "getBatchProgress",
       "How far a batch is",
       GetProgress,
       {old + "/progress", ui + "/progress"}},
      {Method::kPost,
       "/batch/{batch_id}/start",
       "startBatch",
       "Let a batch begin",
       StartBatch,
       {old + "/start", ui + "/start"}},
      {Method::kPost,
       "/batch/{batch_id}/cancel",
       "cancelBatch",
       "Stop all jobs of a batch",
       CancelBatch,
       {old + "/cancel", ui + "/cancel"}},
      {Method::kDelete,
       "/batch/{batch_id}",
       "deleteBatch",
       "Remove a batch and its jobs",
       DeleteBatch,
       {old, ui}},
      {Method::kGet,
       "/batch/stats/summary",
       "getBatchStats",
       "Counts of the caller's batches",
       GetStats,
       {"/batch-upload/stats"}},
  };
}

}  // namespace

Status AddBatchSchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"BatchForm", R"({"type":"object","required":["files[]"],"properties":{
        "files[]":{"type":"array","items":{"type":"string","format":"binary"}},
        "batch_name":{"type":"string"},"description":{"type":"string"},
        "model":{"type":"string"},"language":{"type":"string"},"priority":{"type":"string"},
        "auto_start":{"type":"boolean"},"max_parallel_jobs":{"type":"integer"},
        "config_json":{"type":"string"}}})"},
      {"Batch", R"({"type":"object","required":["batch_id","status"],"properties":{
        "batch_id":{"type":"string"},"status":{"type":"string"}}})"},
      {"BatchList", R"({"type":"object","required":["batches","total"],"properties":{
        "batches":{"type":"array","items":{"type":"object"}},"total":{"type":"integer"}}})"},
      {"BatchStats", R"({"type":"object","required":["total_batches","total_jobs"],"properties":{
        "total_batches":{"type":"integer"},"total_jobs":{"type":"integer"}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddBatchRoutes(const BatchRouteParts& parts, RouteTable* table) {
  for (const Row& row : Rows()) {
    Route route;
    route.method = row.method;
    route.pattern = row.pattern;
    route.operation = row.operation;
    route.summary = row.summary;
    route.tag = "batches";
    route.permission = Permission::kBatch;
    route.body = BodyKind::kNone;
    route.body_bytes_max = 0;
    route.rate = RateClass::kGeneral;
    route.cache = CachePolicy::kNoStore;
    route.audit_event = row.method == Method::kGet ? "" : "api_access";
    route.response_schema = "Batch";
    route.aliases = row.aliases;
    route.handler = [parts, handler = row.handler](Call& call) { return handler(parts, call); };
    if (row.method != Method::kGet) route.errors = {409};
    if (route.operation == "createBatch") {
      route.body = BodyKind::kMultipart;
      route.body_bytes_max = parts.total_bytes_max + kFormOverheadBytes;
      route.rate = RateClass::kUpload;
      route.audit_event = "file_upload";
      route.request_schema = "BatchForm";
      route.errors = {409, 507};
    } else if (route.operation == "listBatches") {
      route.response_schema = "BatchList";
      route.query = {{"limit", R"({"type":"integer","minimum":1,"maximum":100})", "On a page"},
                     {"offset", R"({"type":"integer","minimum":0,"maximum":1000000000})", "Before"},
                     {"status", R"({"type":"string","enum":["pending","processing","completed",
                                 "partial","failed","cancelled"]})",
                      "Only these"}};
    } else if (route.operation == "getBatchStats") {
      route.response_schema = "BatchStats";
    } else if (route.operation == "deleteBatch") {
      route.response_schema = "";
      route.success_status = 204;
    }
    table->Add(std::move(route));
  }
}

}  // namespace wt::api
