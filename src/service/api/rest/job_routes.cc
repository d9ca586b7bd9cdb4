#include "service/api/rest/job_routes.h"

#include <algorithm>
#include <atomic>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/result_routes.h"
#include "service/jobs/rules/details.h"
#include "service/jobs/rules/list_query.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr int kLimitDefault = 100;
constexpr int kLimitMaxForUsers = 100;
// Of page_size, the name that goes with cursors.
constexpr int kPageSizeDefault = 20;
constexpr int kStatusesMax = 16;
// Notes of 10,000 bytes, each escaped as six, and the rest.
constexpr std::int64_t kPatchBytesMax = 128 << 10;
// One job as JSON, with names of usual length.
constexpr std::size_t kJobBytes = 1'400;
// A worker stops at a row block or a step of the decoder, well within a second; a machine under
// load may take longer.
constexpr base::BootMillis kStopWaitMs = 5'000;
constexpr std::chrono::milliseconds kStopLook{50};
constexpr int kDeletesWaitingMax = 4;

ApiError JobNotFound() {
  ApiError error = NotFound("Job");
  error.code = 40401;
  return error;
}

/// kNotFound in the words of jobs, everything else as usual.
ApiError JobError(const Status& status) {
  return status.code() == StatusCode::kNotFound ? JobNotFound() : FromStatus(status);
}

Route JobRoute(Method method, std::string pattern, std::string operation, std::string summary,
               Permission permission, HandlerFunction handler) {
  return PlainRoute(method, std::move(pattern), std::move(operation), std::move(summary), "jobs",
                    permission, std::move(handler));
}

/// "queued|processing" in slugs; old clients' words too (spec C-35).
std::variant<std::vector<std::string>, ApiError> ParseStatuses(std::string_view text) {
  constexpr std::string_view kKnown[] = {"queued",
                                         "processing",
                                         "enriching",
                                         "completed",
                                         "cancelled",
                                         "failed",
                                         "failed_timeout",
                                         "failed_launch_error",
                                         "failed_unknown",
                                         "failed_whisper_error",
                                         "failed_thread_exception"};
  std::vector<std::string> statuses;
  while (!text.empty() && statuses.size() <= kStatusesMax) {
    std::string_view name = text.substr(0, text.find('|'));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    if (name == "pending") name = "queued";
    if (name == "running") name = "processing";
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      return Invalid({{"query.status", "is not a status of jobs"}});
    }
    statuses.emplace_back(name);
  }
  return statuses;
}

std::optional<bool> ReadFlag(const Call& call, std::string_view name) {
  const std::string text = call.Query(name);
  if (text.empty()) return std::nullopt;
  return text == "true" || text == "1";
}

/// What a list shows, whatever the page: cursors are bound to it.
std::string ListOf(const Call& call) {
  constexpr std::string_view kOfThePage[] = {"cursor", "page_size",     "limit",
                                             "skip",   "include_total", "format"};
  std::vector<std::string> parts;
  for (const auto& [name, value] : call.request.query) {
    if (std::find(std::begin(kOfThePage), std::end(kOfThePage), name) != std::end(kOfThePage)) {
      continue;
    }
    parts.push_back(name + "=" + value);
  }
  std::sort(parts.begin(), parts.end());
  std::string list = "jobs\n" + OwnerOf(call.principal);
  for (const std::string& part : parts) list += "\n" + part;
  return list;
}

/// Which page: by `skip` and `limit`, as old clients ask, or by `cursor` and `page_size`.
std::optional<ApiError> ReadPage(const JobRouteParts& parts, const Call& call,
                                 jobs::JobFilter* filter) {
  const std::string cursor = call.Query("cursor");
  const std::string size = call.Query("page_size");
  const std::string limit = call.Query("limit");
  const std::string skip = call.Query("skip");
  filter->with_total = call.Query("include_total") != "false" && call.Query("include_total") != "0";
  const bool by_size = !size.empty() || (!cursor.empty() && limit.empty());
  filter->limit = by_size ? kPageSizeDefault : kLimitDefault;
  if (!limit.empty()) filter->limit = std::stoi(limit);
  if (!size.empty()) filter->limit = std::stoi(size);
  if (filter->limit > kLimitMaxForUsers && !call.principal.is_admin) {
    return Invalid({{"query.limit", "must be at most 100"}});
  }
  filter->offset = skip.empty() ? 0 : std::stoll(skip);
  if (cursor.empty()) return std::nullopt;
  if (!skip.empty()) return Invalid({{"query.skip", "goes with limit, not with a cursor"}});
  const std::optional<std::string> place =
      parts.cursors == nullptr ? std::nullopt : parts.cursors->Open(ListOf(call), cursor);
  if (!place) {
    return BadRequest("INVALID_CURSOR",
                      "The cursor is not one of this list, or older than a day. Ask for the first "
                      "page again, without a cursor and with the same filters.");
  }
  filter->cursor = *place;
  return std::nullopt;
}

std::variant<jobs::JobFilter, ApiError> ReadFilter(const JobRouteParts& parts, const Call& call) {
  jobs::JobFilter filter;
  filter.owner = OwnerOf(call.principal);
  auto statuses = ParseStatuses(call.Query("status"));
  if (auto* error = std::get_if<ApiError>(&statuses)) return std::move(*error);
  filter.statuses = std::get<std::vector<std::string>>(std::move(statuses));
  filter.search = call.Query("search");
  filter.model = call.Query("model");
  filter.language = call.Query("language");
  filter.batch_id = call.Query("batch_id");
  filter.created_after = base::ParseTime(call.Query("created_after"));
  filter.created_before = base::ParseTime(call.Query("created_before"));
  filter.tag = call.Query("tag");
  filter.starred = ReadFlag(call, "starred");
  filter.archived = ReadFlag(call, "archived");
  if (const std::string by = call.Query("sort_by"); !by.empty()) filter.sort_by = by;
  filter.descending = call.Query("sort_order") != "asc";
  if (std::optional<ApiError> error = ReadPage(parts, call, &filter)) return *std::move(error);
  return filter;
}

Reply ListJobs(const JobRouteParts& parts, Call& call) {
  auto filter = ReadFilter(parts, call);
  if (auto* error = std::get_if<ApiError>(&filter)) return std::move(*error);
  const auto& wanted = std::get<jobs::JobFilter>(filter);
  const Result<jobs::JobPage> page = parts.jobs->List(wanted);
  if (!page.ok()) return page.status();
  const base::UnixMillis now = parts.clock->Now();
  JsonWriter json;
  json.Reserve(page->jobs.size() * kJobBytes + kJobBytes);
  const auto write_jobs = [&] {
    for (const jobs::Job& job : page->jobs) {
      json.BeginObject();
      WriteJob(job, now, &json);
      json.EndObject();
    }
    json.EndArray();
  };
  if (call.Query("format") == "array") {
    json.BeginArray();
    write_jobs();
    return JsonText(200, json.Take());
  }
  std::string next;
  if (!page->next_cursor.empty() && parts.cursors != nullptr) {
    next = parts.cursors->Seal(ListOf(call), page->next_cursor);
  }
  json.BeginObject();
  json.BeginArray("jobs");
  write_jobs();
  const auto write_place = [&] {
    if (wanted.with_total) json.Number("total", page->total);
    json.Number("skip", wanted.offset);
    json.Number("limit", wanted.limit);
  };
  write_place();
  json.BeginObject("pagination");
  write_place();
  json.Bool("has_more", !page->next_cursor.empty());
  json.TextOrNull("next_cursor", next);
  json.EndObject();
  json.EndObject();
  return JsonText(200, json.Take());
}

Reply GetJob(const JobRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const auto& job = std::get<jobs::Job>(found);
  JsonWriter json;
  json.Reserve(kJobBytes);
  json.BeginObject();
  WriteJob(job, parts.clock->Now(), &json);
  std::optional<std::int64_t> position;
  if (job.state == jobs::JobState::kQueued || job.state == jobs::JobState::kRetryWait) {
    const Result<std::int64_t> found_position = parts.jobs->QueuePosition(job.id);
    if (found_position.ok()) position = *found_position;
  }
  json.NumberOrNull("queue_position", position);
  const jobs::NewResult* current = nullptr;
  Result<std::vector<jobs::NewResult>> results = std::vector<jobs::NewResult>();
  if (!job.result_ref.empty()) {
    results = parts.jobs->Results(job.id);
    if (!results.ok()) return JobError(results.status());
    for (const jobs::NewResult& result : *results) {
      if (result.id == job.result_ref) current = &result;
    }
  }
  if (current == nullptr) {
    json.Null("transcript");
    json.Null("transcript_file");
  } else {
    // What every download says (RES-18): the text as it is now, corrections included.
    std::optional<std::string> edited;
    if (parts.documents != nullptr) {
      Result<std::optional<std::string>> text = parts.documents->EditedText(job);
      if (!text.ok()) return TranscriptError(text.status());
      edited = *std::move(text);
    }
    json.Text("transcript", edited ? *edited : current->text);
    json.Bool("transcript_edited", edited.has_value());
    json.Text("transcript_file", job.id + ".txt");
  }
  json.EndObject();
  return JsonText(200, json.Take());
}

Reply GetProgress(const JobRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  return JsonResponse(200, ProgressToJson(std::get<jobs::Job>(found)));
}

/// The counts that a library page shows (UI-12).
Reply GetStats(const JobRouteParts& parts, Call& call) {
  const std::string& owner = OwnerOf(call.principal);
  const auto counts = parts.jobs->Counts(owner);
  if (!counts.ok()) return counts.status();
  const Result<jobs::LibraryCounts> library = parts.jobs->Library(owner);
  if (!library.ok()) return library.status();
  std::int64_t total = 0;
  Json by_status = Json::object();
  for (const std::string& slug : jobs::StatusSlugs()) by_status[slug] = 0;
  for (const auto& [status, count] : *counts) {
    by_status[status] = count;
    total += count;
  }
  Json tags = Json::array();
  for (const auto& [tag, count] : library->tags) tags.push_back({{"tag", tag}, {"jobs", count}});
  return JsonResponse(200, Json{{"total", total},
                                {"by_status", std::move(by_status)},
                                {"starred", library->starred},
                                {"archived", library->archived},
                                {"tags", std::move(tags)}});
}

Reply PatchJob(const JobRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const nlohmann::json& body = *call.json;
  // Null takes a text away.
  const auto text = [&](const char* name) -> std::optional<std::string> {
    if (!body.contains(name)) return std::nullopt;
    return body[name].is_null() ? std::string() : body[name].get<std::string>();
  };
  jobs::DetailsPatch patch;
  patch.title = text("title");
  patch.notes = text("notes");
  if (body.contains("tags")) patch.tags = body["tags"].get<std::vector<std::string>>();
  if (body.contains("starred")) patch.starred = body["starred"].get<bool>();
  if (body.contains("archived")) patch.archived = body["archived"].get<bool>();
  if (const Status checked = jobs::CheckDetails(&patch); !checked.ok()) {
    return Invalid({{"body", checked.message()}});
  }
  const std::string& id = std::get<jobs::Job>(found).id;
  const Result<jobs::Job> job = parts.jobs->SetDetails(id, OwnerOf(call.principal), patch);
  if (!job.ok()) return JobError(job.status());
  return JsonResponse(200, JobToJson(*job, parts.clock->Now()));
}

Reply CancelJob(const JobRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string& id = std::get<jobs::Job>(found).id;
  const Result<jobs::Job> job = parts.jobs->RequestCancel(id, OwnerOf(call.principal));
  if (job.status().code() == StatusCode::kFailedPrecondition) {
    return Conflict("JOB_NOT_CANCELLABLE",
                    "The job has ended already: " +
                        std::string(jobs::StatusSlug(std::get<jobs::Job>(found))) + ".");
  }
  if (!job.ok()) return JobError(job.status());
  parts.hints->CancelRequested(id);
  parts.hints->JobChanged(id);
  Json body = JobToJson(*job, parts.clock->Now());
  body["message"] = jobs::IsTerminal(job->state) ? "Cancelled." : "Cancellation is under way.";
  return JsonResponse(200, body);
}

Reply RestartJob(const JobRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string& id = std::get<jobs::Job>(found).id;
  const Result<jobs::Job> job = parts.jobs->Restart(id, OwnerOf(call.principal));
  if (job.status().code() == StatusCode::kFailedPrecondition) {
    return Conflict("JOB_NOT_RESTARTABLE",
                    "The job has not ended yet; cancel it first or wait for its end.");
  }
  if (!job.ok()) return JobError(job.status());
  parts.hints->JobAvailable();
  parts.hints->JobChanged(id);
  Json body = JobToJson(*job, parts.clock->Now());
  body["message"] = "Queued again. Earlier results stay as versions.";
  return JsonResponse(200, body);
}

/// A worker has the job: its flag is set, and within seconds it lets go. Few handlers wait for that
/// at a time, so that nobody can bind them all.
Result<std::vector<std::string>> StopAndDelete(const JobRouteParts& parts, const std::string& id,
                                               const std::string& owner) {
  static std::atomic<int> waiting = 0;
  const Result<jobs::Job> cancelled = parts.jobs->RequestCancel(id, owner);
  if (cancelled.ok()) parts.hints->CancelRequested(id);
  Result<std::vector<std::string>> keys = parts.jobs->Delete(id, owner);
  if (!parts.pause) return keys;
  if (++waiting <= kDeletesWaitingMax) {
    const base::BootMillis until = parts.clock->Boot() + kStopWaitMs;
    while (keys.status().code() == StatusCode::kFailedPrecondition && parts.clock->Boot() < until) {
      parts.pause(kStopLook);
      keys = parts.jobs->Delete(id, owner);
    }
  }
  --waiting;
  return keys;
}

Reply DeleteJob(const JobRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string& id = std::get<jobs::Job>(found).id;
  const std::string& owner = OwnerOf(call.principal);
  Result<std::vector<std::string>> keys = parts.jobs->Delete(id, owner);
  if (keys.status().code() == StatusCode::kFailedPrecondition) {
    keys = StopAndDelete(parts, id, owner);
  }
  if (keys.status().code() == StatusCode::kFailedPrecondition) {
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
  parts.hints->JobChanged(id);
  return http::Response::Text(204, "");
}

std::vector<QueryField> ListQuery() {
  return {
      {"skip", R"({"type":"integer","minimum":0,"maximum":1000000000})", "Jobs to pass over"},
      {"limit", R"({"type":"integer","minimum":1,"maximum":1000})", "Jobs on a page"},
      {"page_size", R"({"type":"integer","minimum":1,"maximum":100})",
       "Jobs on a page of a list by cursor. Default: 20"},
      {"cursor", R"({"type":"string","maxLength":3072})",
       "pagination.next_cursor of the page before; with the same filters, for a day"},
      {"include_total", R"({"type":"boolean"})",
       "false: without the number of all, which saves time"},
      {"status", R"({"type":"string","maxLength":200})", "Statuses joined by |"},
      {"search", R"({"type":"string","maxLength":500})", "In id, title, file name and text"},
      {"tag", R"({"type":"string","maxLength":50})", "With exactly this tag"},
      {"starred", R"({"type":"boolean"})", "With a star, or without one"},
      {"archived", R"({"type":"boolean"})", "Put away, or not. Default: both"},
      {"model", R"({"type":"string","maxLength":100})", "Exactly this model"},
      {"language", R"({"type":"string","maxLength":16})", "Exactly this language"},
      {"batch_id", R"({"type":"string","format":"uuid"})", "Of this batch"},
      {"created_after", R"({"type":"string","format":"date-time"})", "Not older than this"},
      {"created_before", R"({"type":"string","format":"date-time"})", "Older than this"},
      {"sort_by",
       R"({"type":"string","enum":["created_at","updated_at","filename","duration","status",)"
       R"("title"]})",
       "Default: created_at"},
      {"sort_order", R"({"type":"string","enum":["asc","desc"]})", "Default: desc"},
      {"format", R"({"type":"string","enum":["object","array"]})", "array: the jobs alone"},
  };
}

}  // namespace

const std::string& OwnerOf(const auth::Principal& principal) { return principal.user_id; }

std::variant<jobs::Job, ApiError> FindJob(jobs::JobStore* jobs, const Call& call) {
  const std::optional<std::string> id = base::CanonicalUuid(call.Parameter("job_id"));
  // A malformed id takes the same look-up as a missing one, so that neither time nor text differ.
  Result<jobs::Job> job =
      jobs->Get(id.value_or("00000000-0000-7000-8000-000000000000"), OwnerOf(call.principal));
  if (!job.ok()) return JobError(job.status());
  return *std::move(job);
}

http::Response JsonText(int status, std::string text) {
  return http::Response::Text(status, std::move(text), "application/json");
}

http::Response JsonResponse(int status, const Json& json) {
  return JsonText(status, base::JsonToText(json));
}

void AddJobRoutes(const JobRouteParts& parts, RouteTable* table) {
  const auto bind = [&parts](Reply (*function)(const JobRouteParts&, Call&)) {
    return [parts, function](Call& call) { return function(parts, call); };
  };
  Route list = JobRoute(Method::kGet, "/jobs", "listJobs", "The caller's jobs, newest first",
                        Permission::kJobsRead, bind(ListJobs));
  list.query = ListQuery();
  list.response_schema = "JobList";
  table->Add(std::move(list));

  Route get = JobRoute(Method::kGet, "/jobs/{job_id}", "getJob", "One job, with its text when done",
                       Permission::kJobsRead, bind(GetJob));
  get.response_schema = "Job";
  table->Add(std::move(get));

  Route stats = JobRoute(Method::kGet, "/jobs/stats", "getLibraryStats",
                         "How many jobs the caller has, by state, star and tag",
                         Permission::kJobsRead, bind(GetStats));
  stats.response_schema = "JobStats";
  table->Add(std::move(stats));

  Route patch = JobRoute(Method::kPatch, "/jobs/{job_id}", "changeJob",
                         "Title, notes, tags, star, and whether it is put away",
                         Permission::kJobsCreate, bind(PatchJob));
  patch.body = BodyKind::kJson;
  patch.body_bytes_max = kPatchBytesMax;
  patch.request_schema = "JobPatch";
  patch.response_schema = "Job";
  table->Add(std::move(patch));

  Route progress = JobRoute(Method::kGet, "/jobs/{job_id}/progress", "getJobProgress",
                            "How far a job is", Permission::kJobsRead, bind(GetProgress));
  progress.response_schema = "JobProgress";
  progress.aliases = {"/progress/{job_id}"};
  table->Add(std::move(progress));

  Route cancel = JobRoute(Method::kPost, "/jobs/{job_id}/cancel", "cancelJob",
                          "Stop a queued or running job", Permission::kJobsCreate, bind(CancelJob));
  cancel.response_schema = "Job";
  cancel.errors = {409};
  cancel.audit_event = "api_access";
  table->Add(std::move(cancel));

  Route restart = JobRoute(Method::kPost, "/jobs/{job_id}/restart", "restartJob",
                           "Run an ended job again", Permission::kJobsCreate, bind(RestartJob));
  restart.response_schema = "Job";
  restart.errors = {409};
  restart.audit_event = "api_access";
  restart.aliases = {"/jobs/{job_id}/retry"};
  table->Add(std::move(restart));

  Route remove = JobRoute(Method::kDelete, "/jobs/{job_id}", "deleteJob",
                          "Remove a job, its recording and its transcripts",
                          Permission::kJobsDelete, bind(DeleteJob));
  remove.success_status = 204;
  remove.errors = {409};
  remove.audit_event = "file_delete";
  table->Add(std::move(remove));
}

}  // namespace wt::api
