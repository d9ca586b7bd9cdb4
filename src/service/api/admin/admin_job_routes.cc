#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/admin/admin_internal.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using audit::EventType;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr base::UnixMillis kDayMs = 86'400'000;

ApiError JobError(const Status& status) {
  if (status.code() != StatusCode::kNotFound) return FromStatus(status);
  ApiError error = NotFound("Job");
  error.code = 40401;
  return error;
}

/// A job as administrators see it: with its owner and what the queue knows.
Json AdminJob(const jobs::Job& job, base::UnixMillis now) {
  Json json = JobToJson(job, now);
  json["user_id"] = job.owner;
  json["dead_letter"] = job.dead_letter;
  json["attempts_max"] = job.attempts_max;
  json["rescues"] = job.rescues;
  json["worker_id"] = job.lease_owner.empty() ? Json() : Json(job.lease_owner);
  return json;
}

Reply ListJobs(const AdminRouteParts& parts, Call& call) {
  const PageWanted page = ReadPage(call);
  jobs::JobFilter filter;
  filter.owner = call.Query("user_id");
  if (const std::string status = call.Query("status"); !status.empty()) {
    filter.statuses = {status};
  }
  filter.search = call.Query("search");
  const std::string dead = call.Query("dead_letter");
  filter.dead_letter_only = dead == "true" || dead == "1";
  if (const std::string days = call.Query("days"); !days.empty()) {
    filter.created_after = parts.clock->Now() - std::stoll(days) * kDayMs;
  }
  filter.limit = page.limit;
  filter.offset = page.skip;
  const Result<jobs::JobPage> found = parts.jobs->List(filter);
  if (!found.ok()) return found.status();
  Json list = Json::array();
  for (const jobs::Job& job : found->jobs) list.push_back(AdminJob(job, parts.clock->Now()));
  const std::size_t shown = list.size();
  Json body;
  body["jobs"] = std::move(list);
  AddPage(found->total, page.skip, page.limit, shown, &body);
  return JsonResponse(200, body);
}

Result<jobs::Job> Find(const AdminRouteParts& parts, const Call& call) {
  const auto id = base::CanonicalUuid(call.Parameter("job_id"));
  if (!id) return Status(StatusCode::kNotFound, "no such job");
  return parts.jobs->Get(*id, "");
}

Reply GetJob(const AdminRouteParts& parts, Call& call) {
  const Result<jobs::Job> job = Find(parts, call);
  if (!job.ok()) return JobError(job.status());
  Json body = AdminJob(*job, parts.clock->Now());
  body["transcript"] = Json();
  const auto results = parts.jobs->Results(job->id);
  if (!results.ok()) return JobError(results.status());
  for (const jobs::NewResult& result : *results) {
    if (result.id == job->result_ref) body["transcript"] = result.text;
  }
  // Content of another person: reading it leaves a trace.
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "job.read", job->id));
  return JsonResponse(200, body);
}

Reply CancelJob(const AdminRouteParts& parts, Call& call) {
  const Result<jobs::Job> found = Find(parts, call);
  if (!found.ok()) return JobError(found.status());
  const Result<jobs::Job> job = parts.jobs->RequestCancel(found->id, "");
  if (job.status().code() == StatusCode::kFailedPrecondition) {
    return Conflict("JOB_NOT_CANCELLABLE", "The job has ended already.");
  }
  if (!job.ok()) return JobError(job.status());
  parts.hints->CancelRequested(job->id);
  parts.hints->JobChanged(job->id);
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "job.cancel", job->id));
  return JsonResponse(200, AdminJob(*job, parts.clock->Now()));
}

Reply RequeueJob(const AdminRouteParts& parts, Call& call) {
  const Result<jobs::Job> found = Find(parts, call);
  if (!found.ok()) return JobError(found.status());
  const Result<jobs::Job> job = parts.jobs->Restart(found->id, "", jobs::RestartFrom::kCheckpoint);
  if (job.status().code() == StatusCode::kFailedPrecondition) {
    return Conflict("JOB_NOT_RESTARTABLE", "The job has not ended yet.");
  }
  if (!job.ok()) return JobError(job.status());
  parts.hints->JobAvailable();
  parts.hints->JobChanged(job->id);
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "job.requeue", job->id));
  return JsonResponse(200, AdminJob(*job, parts.clock->Now()));
}

Reply DeleteJob(const AdminRouteParts& parts, Call& call) {
  const Result<jobs::Job> found = Find(parts, call);
  if (!found.ok()) return JobError(found.status());
  const auto keys = parts.jobs->Delete(found->id, "");
  if (keys.status().code() == StatusCode::kFailedPrecondition) {
    const Result<jobs::Job> cancelled = parts.jobs->RequestCancel(found->id, "");
    if (cancelled.ok()) parts.hints->CancelRequested(found->id);
    ApiError error =
        Conflict("JOB_RUNNING", "The job is being stopped. Delete it again in a moment.");
    error.retry_after_s = 1;
    return error;
  }
  if (!keys.ok()) return JobError(keys.status());
  // The rows are gone, so a failure here leaves only bytes that the sweeper removes.
  for (const std::string& key : *keys) {
    const Status deleted = parts.blobs->Delete(key);
    if (!deleted.ok()) {
      base::Log(parts.log, base::LogLevel::kWarning,
                "a deleted job's blob stays until the next sweep: " + deleted.message());
    }
  }
  parts.hints->JobChanged(found->id);
  Audit(parts.audit, MakeEvent(call, EventType::kFileDelete, "job.delete", found->id));
  return http::Response::Text(204, "");
}

}  // namespace

void AddAdminJobRoutes(const AdminRouteParts& parts, RouteTable* table) {
  Route list = AdminRoute(parts, Method::kGet, "/admin/jobs", "adminListJobs", "Jobs of everybody",
                          ListJobs);
  list.query = PageQuery();
  list.query.push_back({"dead_letter", R"({"type":"boolean"})", "Only what has failed for good"});
  list.query.push_back({"user_id", R"({"type":"string","maxLength":64})", "Of this user"});
  list.query.push_back({"search", R"({"type":"string","maxLength":500})", "As in /jobs"});
  list.query.push_back(
      {"days", R"({"type":"integer","minimum":1,"maximum":36500})", "Not older than so many"});
  list.query.push_back(
      {"status",
       R"({"type":"string","enum":["queued","processing","enriching","completed","cancelled",
           "failed","failed_timeout","failed_launch_error","failed_unknown",
           "failed_whisper_error","failed_thread_exception"]})",
       "Only these"});
  list.response_schema = "JobList";
  table->Add(std::move(list));
  Route get = AdminRoute(parts, Method::kGet, "/admin/jobs/{job_id}", "adminGetJob",
                         "One job of anybody, with its text", GetJob);
  get.response_schema = "Job";
  table->Add(std::move(get));
  Route cancel = AdminRoute(parts, Method::kPost, "/admin/jobs/{job_id}/cancel", "adminCancelJob",
                            "Stop anybody's job", CancelJob);
  cancel.response_schema = "Job";
  cancel.errors = {409};
  table->Add(std::move(cancel));
  Route requeue = AdminRoute(parts, Method::kPost, "/admin/jobs/{job_id}/requeue",
                             "adminRequeueJob", "Run a dead letter again", RequeueJob);
  requeue.response_schema = "Job";
  requeue.errors = {409};
  table->Add(std::move(requeue));
  Route remove = AdminRoute(parts, Method::kDelete, "/admin/jobs/{job_id}", "adminDeleteJob",
                            "Remove a job with all that belongs to it", DeleteJob);
  remove.success_status = 204;
  remove.errors = {409};
  table->Add(std::move(remove));
}

}  // namespace wt::api
