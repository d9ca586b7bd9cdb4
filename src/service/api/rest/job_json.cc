#include "service/api/rest/job_json.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

// Whatever rounds up to 100 before the end is shown as 99.9: a full bar means done.
constexpr double kPercentBeforeEndMax = 99.9;

double Round(double value, double scale) { return std::nearbyint(value * scale) / scale; }

double RuntimeSeconds(const jobs::Job& job, base::UnixMillis now) {
  if (!job.started_at) return 0;
  const base::UnixMillis end = job.finished_at.value_or(now);
  return static_cast<double>(std::max<base::UnixMillis>(0, end - *job.started_at)) / 1e3;
}

void WriteTime(std::string_view name, const std::optional<base::UnixMillis>& time,
               JsonWriter* json) {
  if (time) return json->Text(name, base::FormatTime(*time));
  json->Null(name);
}

void WriteTimes(const jobs::Job& job, base::UnixMillis now, JsonWriter* json) {
  const std::string updated = base::FormatTime(job.updated_at);
  json->Text("created_at", base::FormatTime(job.created_at));
  json->Text("updated_at", updated);
  json->Text("updated", updated);
  WriteTime("started_at", job.started_at, json);
  WriteTime("finished_at", job.finished_at, json);
  WriteTime("completed_at", job.finished_at, json);
  json->Number("runtime_seconds", Round(RuntimeSeconds(job, now), 1e3));
}

void WriteMedia(const jobs::Media& media, JsonWriter* json) {
  json->Text("filename", media.filename);
  json->Text("original_filename", media.filename);
  json->NumberOrNull("duration", media.duration_s);
  json->Number("file_size", media.bytes);
  json->Text("sha256", media.sha256);
  json->TextOrNull("container", media.container);
  json->Bool("has_video", media.has_video);
}

void WriteProgress(const jobs::Job& job, JsonWriter* json) {
  json->Text("status", jobs::StatusSlug(job));
  json->Number("progress", PercentDone(job));
  json->Text("stage", job.progress.stage);
  json->NumberOrNull("estimated_time_remaining", SecondsLeft(job));
  json->Number("current_segment", job.progress.segments);
  json->Number("seconds_done", Round(job.progress.seconds_done, 1e2));
  json->Number("seconds_total", Round(job.progress.seconds_total, 1e2));
  json->Number("speed", Round(job.progress.speed, 1e2));
}

struct NamedSchema {
  const char* name;
  const char* json;
};

constexpr NamedSchema kSchemas[] = {
    {"Problem", R"({"type":"object","required":["detail","error_code","message","timestamp",
      "request_id"],"properties":{"detail":{"type":"string"},"error_code":{"type":"string"},
      "code":{"type":"integer"},"message":{"type":"string"},
      "timestamp":{"type":"string","format":"date-time"},"request_id":{"type":"string"},
      "validation_errors":{"type":"array","items":{"type":"object","properties":{
      "field":{"type":"string"},"message":{"type":"string"}}}}}})"},
    {"OpenAiError", R"({"type":"object","required":["error"],"properties":{"error":{
      "type":"object","required":["message","type","param","code"],"properties":{
      "message":{"type":"string"},"type":{"type":"string"},"param":{"type":["string","null"]},
      "code":{"type":["string","null"]}}}}})"},
    {"Message", R"({"type":"object","required":["message"],"properties":{
      "message":{"type":"string"}}})"},
    {"Job", R"({"type":"object","required":["id","job_id","status","model","created_at"],
      "properties":{"id":{"type":"string","format":"uuid"},
      "job_id":{"type":"string","format":"uuid"},
      "status":{"enum":["queued","processing","enriching","completed","cancelled","failed",
      "failed_timeout","failed_launch_error","failed_whisper_error","failed_thread_exception",
      "failed_unknown"]},"filename":{"type":"string"},"original_filename":{"type":"string"},
      "model":{"type":"string"},"model_name":{"type":"string"},
      "language":{"type":["string","null"]},"detected_language":{"type":["string","null"]},
      "progress":{"type":"number","minimum":0,"maximum":100},"stage":{"type":"string"},
      "seconds_done":{"type":"number"},"seconds_total":{"type":"number"},
      "speed":{"type":"number"},"estimated_time_remaining":{"type":["number","null"]},
      "error_message":{"type":["string","null"]},"error_code":{"type":["string","null"]},
      "code":{"type":["integer","null"],"examples":[null]},
      "attempts":{"type":"integer"},"created_at":{"type":"string","format":"date-time"},
      "updated_at":{"type":"string","format":"date-time"},
      "started_at":{"type":["string","null"]},"finished_at":{"type":["string","null"]},
      "duration":{"type":["number","null"]},"file_size":{"type":"integer"},
      "transcript":{"type":["string","null"]},"transcript_edited":{"type":"boolean"},
      "transcript_file":{"type":["string","null"]},"download_url":{"type":["string","null"]},
      "queue_position":{"type":["integer","null"]},
      "title":{"type":["string","null"]},"notes":{"type":"string"},
      "tags":{"type":"array","items":{"type":"string"}},"starred":{"type":"boolean"},
      "speakers":{"type":"array","items":{"type":"string"}},
      "archived":{"type":"boolean"}}})"},
    {"JobPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "title":{"type":["string","null"],"maxLength":200},
      "notes":{"type":["string","null"],"maxLength":10000},
      "tags":{"type":"array","maxItems":40,"items":{"type":"string","maxLength":50}},
      "starred":{"type":"boolean"},"archived":{"type":"boolean"}}})"},
    {"JobStats", R"({"type":"object","required":["total","by_status","starred","archived","tags"],
      "properties":{"total":{"type":"integer"},"by_status":{"type":"object"},
      "starred":{"type":"integer"},"archived":{"type":"integer"},
      "tags":{"type":"array","items":{"type":"object","properties":{
      "tag":{"type":"string"},"jobs":{"type":"integer"}}}}}})"},
    // An array of jobs alone with format=array.
    {"JobList", R"({"type":["object","array"],"items":{"$ref":"#/components/schemas/Job"},
      "required":["jobs","skip","limit","pagination"],"properties":{
      "jobs":{"type":"array","items":{"$ref":"#/components/schemas/Job"}},
      "total":{"type":"integer"},"skip":{"type":"integer"},"limit":{"type":"integer"},
      "pagination":{"type":"object","required":["skip","limit","has_more"],
      "properties":{"total":{"type":"integer"},"skip":{"type":"integer"},
      "limit":{"type":"integer"},"has_more":{"type":"boolean"},
      "next_cursor":{"type":["string","null"]}}}}})"},
    {"JobCreated", R"({"type":"object","required":["job_id","status","message"],"properties":{
      "job_id":{"type":"string","format":"uuid"},"id":{"type":"string","format":"uuid"},
      "status":{"type":"string"},"message":{"type":"string"},
      "queue_job_id":{"type":"string"},"user_id":{"type":"string"},
      "duplicate_of":{"type":["string","null"]},
      "jobs":{"type":"array","items":{"type":"object"}},
      "errors":{"type":"array","items":{"type":"object"}}}})"},
    {"JobProgress", R"({"type":"object","required":["progress","stage"],"properties":{
      "job_id":{"type":"string"},"status":{"type":"string"},"progress":{"type":"number"},
      "stage":{"type":"string"},"estimated_time_remaining":{"type":["number","null"]},
      "current_segment":{"type":"integer"},"seconds_done":{"type":"number"},
      "seconds_total":{"type":"number"},"speed":{"type":"number"}}})"},
};

// What people add to a job.
void WriteDetails(const jobs::JobDetails& details, JsonWriter* json) {
  json->TextOrNull("title", details.title);
  json->Text("notes", details.notes);
  json->BeginArray("tags");
  for (const std::string& tag : details.tags) json->Element(tag);
  json->EndArray();
  json->Bool("starred", details.starred);
  json->Bool("archived", details.archived);
}

}  // namespace

double PercentDone(const jobs::Job& job) {
  if (job.state == jobs::JobState::kSucceeded) return 100;
  if (job.progress.seconds_total <= 0) return 0;
  const double percent = 100 * job.progress.seconds_done / job.progress.seconds_total;
  return std::clamp(Round(percent, 10), 0.0, kPercentBeforeEndMax);
}

std::optional<double> SecondsLeft(const jobs::Job& job) {
  if (jobs::IsTerminal(job.state)) return 0.0;
  if (job.progress.speed <= 0 || job.progress.seconds_total <= 0) return std::nullopt;
  const double left = job.progress.seconds_total - job.progress.seconds_done;
  return Round(std::max(0.0, left) / job.progress.speed, 10);
}

std::optional<int> FailureCode(const jobs::Job& job) {
  if (job.error_code == "MEDIA_MISSING") return 50002;
  if (job.failure == jobs::FailureKind::kWhisper) return 50001;
  return std::nullopt;
}

void WriteJob(const jobs::Job& job, base::UnixMillis now, JsonWriter* json) {
  json->Text("id", job.id);
  json->Text("job_id", job.id);
  json->Text("user_id", job.owner);
  json->Text("queue_status", jobs::JobStateName(job.state));
  WriteProgress(job, json);
  WriteMedia(job.media, json);
  json->Text("model", job.model);
  json->Text("model_name", job.model);
  json->TextOrNull("language", job.language);
  json->TextOrNull("detected_language", job.detected_language);
  json->Text("priority", jobs::PriorityName(job.priority));
  json->TextOrNull("batch_id", job.batch_id);
  json->Number("attempts", job.attempt);
  json->Number("max_attempts", job.attempts_max);
  json->Number("run", job.run);
  WriteDetails(job.details, json);
  json->BeginArray("speakers");
  for (const std::string& name : job.speakers) json->Element(name);
  json->EndArray();
  json->Bool("cancel_requested", job.cancel_requested);
  json->TextOrNull("error_message", job.error_message);
  json->TextOrNull("error_code", job.error_code);
  json->NumberOrNull("code", FailureCode(job));
  WriteTimes(job, now, json);
  const bool done = job.state == jobs::JobState::kSucceeded;
  json->TextOrNull("download_url", done ? "/jobs/" + job.id + "/download" : std::string());
  json->Text("audio_url", "/jobs/" + job.id + "/audio");
}

Json JobToJson(const jobs::Job& job, base::UnixMillis now) {
  JsonWriter json;
  json.BeginObject();
  WriteJob(job, now, &json);
  json.EndObject();
  return base::OrderedJsonFromText(json.Take());
}

Json ProgressToJson(const jobs::Job& job) {
  JsonWriter json;
  json.BeginObject();
  json.Text("job_id", job.id);
  WriteProgress(job, &json);
  json.EndObject();
  return base::OrderedJsonFromText(json.Take());
}

Status AddJobSchemas(Schemas* schemas) {
  for (const NamedSchema& schema : kSchemas) {
    if (Status status = schemas->Add(schema.name, schema.json); !status.ok()) return status;
  }
  return {};
}

}  // namespace wt::api
