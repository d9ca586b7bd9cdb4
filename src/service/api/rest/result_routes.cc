#include "service/api/rest/result_routes.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/strip.h"
#include "service/api/events/job_stream.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"
#include "service/http/content/range.h"
#include "service/http/content/sse.h"
#include "service/jobs/rules/list_query.h"
#include "service/transcripts/document.h"
#include "service/transcripts/download_name.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;
using transcripts::StoredTranscript;

constexpr int kPeakPointsDefault = 2'000;
constexpr int kLogEventsMax = 1'000;

/// The job of the path and its transcript, or the error to answer with.
struct Loaded {
  jobs::Job job;
  StoredTranscript stored;
};
std::variant<Loaded, ApiError> LoadTranscript(const ResultRouteParts& parts, const Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  auto& job = std::get<jobs::Job>(found);
  Result<StoredTranscript> stored = parts.documents->Transcript(job, call.Query("version"));
  if (!stored.ok()) {
    ApiError error = TranscriptError(stored.status());
    if (error.status == 409) error.code = FailureCode(job);
    return error;
  }
  return Loaded{std::move(job), *std::move(stored)};
}

/// The text of all segments, without the blank that the model begins each with.
std::string TextOf(const StoredTranscript& stored) {
  return std::string(base::StripWhiteSpace(stored.transcript.text));
}

Reply GetTranscript(const ResultRouteParts& parts, Call& call) {
  auto loaded = LoadTranscript(parts, call);
  if (auto* error = std::get_if<ApiError>(&loaded)) return std::move(*error);
  const auto& [job, stored] = std::get<Loaded>(loaded);
  Json body = JobToJson(job, parts.clock->Now());
  body["transcript"] = TextOf(stored);
  body["version"] = stored.version;
  return JsonResponse(200, body);
}

Reply GetText(const ResultRouteParts& parts, Call& call) {
  auto loaded = LoadTranscript(parts, call);
  if (auto* error = std::get_if<ApiError>(&loaded)) return std::move(*error);
  return http::Response::Text(200, TextOf(std::get<Loaded>(loaded).stored));
}

Transcript WithoutSpeakers(Transcript transcript) {
  transcript.speaker_turns.reset();
  for (Segment& segment : transcript.segments) {
    segment.speaker.clear();
    if (!segment.words) continue;
    for (Word& word : *segment.words) word.speaker.clear();
  }
  return transcript;
}

Reply Download(const ResultRouteParts& parts, Call& call) {
  auto loaded = LoadTranscript(parts, call);
  if (auto* error = std::get_if<ApiError>(&loaded)) return std::move(*error);
  const auto& [job, stored] = std::get<Loaded>(loaded);
  std::string format = call.Query("format");
  for (const auto& [name, value] : call.parameters) {
    if (name == "format") format = value;
  }
  if (format.empty()) format = parts.default_format;
  formats::SubtitleOptions options;
  for (const auto& [name, value] : call.request.query) {
    if (!transcripts::IsSubtitleOption(name)) continue;
    const Status set = transcripts::SetSubtitleOption(name, value, &options);
    if (!set.ok()) return Invalid({{"query." + name, set.message()}});
  }
  formats::ReadingOptions reading;
  const bool named = call.Query("speakers") != "false";
  if (named) reading.speakers = stored.speakers;
  reading.title = jobs::TitleOf(job);
  reading.times = call.Query("times") != "false";
  const Result<transcripts::Document> document = transcripts::RenderDocument(
      format, named ? stored.transcript : WithoutSpeakers(stored.transcript), options, reading,
      job.media.filename);
  if (!document.ok()) return BadRequest("INVALID_FORMAT", document.status().message());
  http::Response response = http::Response::Text(200, document->bytes, document->content_type);
  response.headers.Set("Content-Disposition", transcripts::ContentDisposition(document->filename));
  return response;
}

Reply GetMetadata(const ResultRouteParts& parts, Call& call) {
  auto loaded = LoadTranscript(parts, call);
  if (auto* error = std::get_if<ApiError>(&loaded)) return std::move(*error);
  const auto& [job, stored] = std::get<Loaded>(loaded);
  Json body = base::OrderedJsonFromText(stored.row.metadata_json);
  if (!body.is_object()) body = Json::object();
  body["job_id"] = job.id;
  return JsonResponse(200, body);
}

/// "log" events of a job as lines (JOB-28).
Reply GetLog(const ResultRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string& id = std::get<jobs::Job>(found).id;
  std::string text;
  std::int64_t after = 0;
  while (true) {
    const Result<std::vector<jobs::JobEvent>> events = parts.jobs->Events(id, after, kLogEventsMax);
    if (!events.ok()) return events.status();
    for (const jobs::JobEvent& event : *events) {
      after = event.seq;
      if (event.type != "log" && event.type != "status") continue;
      text +=
          base::FormatTime(event.time) + " " + id + " " + event.type + " " + event.data_json + "\n";
    }
    if (static_cast<int>(events->size()) < kLogEventsMax) break;
  }
  if (text.empty()) return NotFound("Log");
  return http::Response::Text(200, std::move(text));
}

std::string_view MediaType(const jobs::Media& media) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"wav", "audio/wav"},
      {"mp3", "audio/mpeg"},
      {"flac", "audio/flac"},
      {"ogg", "audio/ogg"},
      {"matroska", "video/x-matroska"},
      {"aac", "audio/aac"},
      {"aiff", "audio/aiff"},
      {"mov", "video/mp4"},
      {"webm", "video/webm"}};
  for (const auto& [name, type] : kTypes) {
    if (media.container.find(name) == std::string::npos) continue;
    if (name == "mov" && !media.has_video) return "audio/mp4";
    if (name == "matroska" && !media.has_video) return "audio/webm";
    return type;
  }
  return "application/octet-stream";
}

Reply GetAudio(const ResultRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const jobs::Media& media = std::get<jobs::Job>(found).media;
  Result<std::unique_ptr<blob::BlobReader>> opened = parts.blobs->Open(media.blob_key);
  if (opened.status().code() == StatusCode::kNotFound) {
    ApiError error = NotFound("Recording");
    error.status = 410;
    error.code = 50002;
    return error;
  }
  if (!opened.ok()) return TranscriptError(opened.status());
  http::Response response;
  response.headers.Set("Content-Type", std::string(MediaType(media)));
  // Whatever the bytes claim to be, a browser must not run them as a page of this site.
  response.headers.Set("Content-Security-Policy", "sandbox; default-src 'none'");
  const http::Validators validators{http::StrongETag(media.sha256.substr(0, 32)), std::nullopt};
  const http::ReplyPlan plan =
      http::PlanReply(call.request, validators, media.bytes, &response.headers);
  response.status = plan.status;
  if (plan.status != 200 && plan.status != 206) return response;
  const std::shared_ptr<blob::BlobReader> reader = *std::move(opened);
  // Blocks are verified against their checksums while they are sent.
  response.body = http::ReaderBody{[reader, at = plan.offset, end = plan.offset + plan.length](
                                       std::span<std::byte> out) mutable -> Result<std::size_t> {
                                     const auto left = static_cast<std::size_t>(end - at);
                                     if (left == 0) return std::size_t{0};
                                     Result<std::size_t> got =
                                         reader->ReadAt(at, out.first(std::min(out.size(), left)));
                                     if (got.ok()) at += static_cast<std::int64_t>(*got);
                                     return got;
                                   },
                                   plan.length};
  return response;
}

Reply GetPeaks(const ResultRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string text = call.Query("points");
  const int points = text.empty() ? kPeakPointsDefault : std::stoi(text);
  Result<std::string> peaks = parts.peaks(std::get<jobs::Job>(found), points);
  if (!peaks.ok()) return TranscriptError(peaks.status());
  return http::Response::Text(200, *std::move(peaks), "application/json");
}

Reply GetEvents(const ResultRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string last = http::LastEventId(call.request);
  std::int64_t after = 0;
  std::from_chars(last.data(), last.data() + last.size(), after);
  auto place = GuardedStream::Enter(parts.streams, call.principal, call.client_address, nullptr);
  if (auto* error = std::get_if<ApiError>(&place)) return std::move(*error);
  return StreamJob(parts.events, std::get<jobs::Job>(found), std::max<std::int64_t>(0, after),
                   WatchUntilOf(call), parts.clock->Now(),
                   std::get<std::shared_ptr<GuardedStream>>(std::move(place)));
}

Route ResultRoute(std::string pattern, std::string operation, std::string summary,
                  Permission permission, HandlerFunction handler) {
  Route route = PlainRoute(Method::kGet, std::move(pattern), std::move(operation),
                           std::move(summary), "results", permission, std::move(handler));
  route.errors = {409};
  return route;
}

QueryField VersionField() {
  return {"version", R"({"type":"string","maxLength":64})",
          "Not the current text but that of this version, by number (1: the machine's) or id"};
}

QueryField SpeakersField() {
  return {"speakers", R"({"type":"boolean"})",
          "Names of speakers, in every format, where there are any. Default: true"};
}

void AddDownload(const HandlerFunction& handler, RouteTable* table) {
  Route download = ResultRoute("/jobs/{job_id}/download", "downloadTranscript",
                               "The transcript as a file", Permission::kExportDownload, handler);
  download.query = {{"format", R"({"type":"string","maxLength":16})",
                     "txt, srt, vtt, tsv, json, lrc, csv, md or docx"},
                    {"times", R"({"type":"boolean"})", "Times in md and docx. Default: true"},
                    SpeakersField(),
                    VersionField()};
  download.response_type = "text/plain";
  for (const transcripts::DocumentFormat& format : transcripts::DocumentFormats()) {
    const std::string_view type = format.content_type.substr(0, format.content_type.find(';'));
    if (type != download.response_type) download.other_response_types.emplace_back(type);
  }
  download.audit_event = "data_export";
  download.aliases = {"/transcripts/{job_id}/download", "/jobs/{job_id}/result"};
  Route old = ResultRoute("/export/download/{job_id}/{format}", "downloadTranscriptAs",
                          "The transcript as a file, the format in the path",
                          Permission::kExportDownload, handler);
  old.query = {SpeakersField(), VersionField()};
  old.response_type = "text/plain";
  old.other_response_types = download.other_response_types;
  old.audit_event = "data_export";
  table->Add(std::move(download));
  table->Add(std::move(old));
}

Reply ListFormats(Call&) {
  Json list = Json::array();
  for (const transcripts::DocumentFormat& format : transcripts::DocumentFormats()) {
    list.push_back({{"name", format.name},
                    {"extension", format.extension},
                    {"content_type", format.content_type},
                    {"description", format.description}});
  }
  return JsonResponse(200, Json{{"formats", std::move(list)}});
}

}  // namespace

ApiError TranscriptError(const Status& status) {
  if (status.code() == StatusCode::kFailedPrecondition) {
    return Conflict("TRANSCRIPT_NOT_READY", status.message());
  }
  if (status.code() == StatusCode::kNotFound) {
    ApiError error = NotFound("Transcript");
    error.error_code = "TRANSCRIPT_NOT_FOUND";
    error.code = 40402;
    return error;
  }
  ApiError error = FromStatus(status);
  if (status.code() == StatusCode::kDataCorrupt) {
    // The damage is on our side, not in the request.
    error.status = 500;
    error.error_code = "STORAGE_ERROR";
    error.message = "The stored bytes are damaged; they are not served. Restart the job.";
  }
  return error;
}

Status AddResultSchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"Metadata", R"({"type":"object"})"},
      {"Peaks", R"({"type":"object"})"},
      {"Formats", R"({"type":"object","required":["formats"],"properties":{
        "formats":{"type":"array","items":{"type":"object"}}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddResultRoutes(const ResultRouteParts& parts, RouteTable* table) {
  const auto bind = [&parts](Reply (*function)(const ResultRouteParts&, Call&)) {
    return [parts, function](Call& call) { return function(parts, call); };
  };
  Route transcript =
      ResultRoute("/transcripts/{job_id}", "getTranscript", "The text with the job's data",
                  Permission::kJobsRead, bind(GetTranscript));
  transcript.query = {VersionField()};
  transcript.response_schema = "Job";
  table->Add(std::move(transcript));
  Route text = ResultRoute("/transcripts/{job_id}/raw", "getTranscriptText", "The text alone",
                           Permission::kJobsRead, bind(GetText));
  text.query = {VersionField()};
  text.response_type = "text/plain";
  table->Add(std::move(text));
  AddDownload(bind(Download), table);

  Route metadata =
      ResultRoute("/jobs/{job_id}/metadata", "getMetadata", "Counts and measures of the transcript",
                  Permission::kJobsRead, bind(GetMetadata));
  metadata.response_schema = "Metadata";
  metadata.query = {VersionField()};
  metadata.aliases = {"/metadata/{job_id}"};
  table->Add(std::move(metadata));
  Route log = ResultRoute("/jobs/{job_id}/log", "getJobLog", "What happened to a job",
                          Permission::kJobsRead, bind(GetLog));
  log.response_type = "text/plain";
  log.aliases = {"/log/{job_id}"};
  table->Add(std::move(log));
  Route audio = ResultRoute("/jobs/{job_id}/audio", "getAudio", "The recording, with ranges",
                            Permission::kJobsRead, bind(GetAudio));
  audio.cache = CachePolicy::kRevalidate;
  audio.audit_event = "file_download";
  audio.response_type = "audio/*";
  audio.other_response_types = {"video/*", "application/octet-stream"};
  audio.errors = {206, 304, 410, 416};
  table->Add(std::move(audio));
  Route peaks = ResultRoute("/jobs/{job_id}/peaks", "getPeaks", "The waveform's extremes",
                            Permission::kJobsRead, bind(GetPeaks));
  peaks.query = {{"points", R"({"type":"integer","minimum":100,"maximum":20000})", "At most"}};
  peaks.response_schema = "Peaks";
  table->Add(std::move(peaks));
  Route events = ResultRoute("/jobs/{job_id}/events", "streamJob",
                             "The job's events as they come (server-sent events)",
                             Permission::kJobsRead, bind(GetEvents));
  events.query = {FollowField(),
                  {"last_event_id", R"({"type":"string","maxLength":32})", "As Last-Event-ID"}};
  events.response_type = "text/event-stream";
  events.errors = {429, 503};
  table->Add(std::move(events));
  Route formats = ResultRoute("/export/formats", "listFormats", "What a transcript can become",
                              Permission::kJobsRead, ListFormats);
  formats.response_schema = "Formats";
  formats.aliases = {"/exports/formats"};
  table->Add(std::move(formats));
}

}  // namespace wt::api
