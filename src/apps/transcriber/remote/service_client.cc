#include "apps/transcriber/remote/service_client.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "apps/transcriber/remote/service_errors.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/transcripts/transcript_json.h"

namespace wt::transcriber {
namespace {

using nlohmann::json;

// Upload-Metadata that every server of ours takes (service/uploads/tus).
constexpr std::size_t kMetadataBytesMax = 16 << 10;
constexpr std::size_t kIdBytesMax = 128;
// Streams that end at once, without an event, before they are given up for asking.
constexpr int kSilentStreamsMax = 3;
// A week, as the longest recording.
constexpr double kSecondsMax = 7.0 * 24 * 3600;

constexpr int kBackOffMaxS = 16;
/// Seconds before try `tries` + 1: 0, 1, 2, 4, 8, 16, 16.
int BackOff(int tries) {
  return tries <= 1 ? 0 : std::min(kBackOffMaxS, 1 << std::min(tries - 2, 8));
}

// 429 (a rate), 503 and the proxies' words for the same: they pass.
bool IsBusy(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

// What a tus server says when it and the client disagree on where the upload stands.
bool IsAboutPlace(int status) {
  return status == 409 || status == 423 || status == 460 || status == 500;
}

// An id goes into addresses.
bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= kIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kLetters[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::string TusMetadata(const Recording& recording) {
  std::string text = "filename " + Base64(recording.file_name);
  for (const auto& [name, value] : recording.fields) {
    text += "," + name + (value.empty() ? "" : " " + Base64(value));
  }
  return text;
}

double NumberOf(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return 0;
  const double value = found->get<double>();
  return std::isfinite(value) ? std::clamp(value, 0.0, kSecondsMax) : 0;
}

std::string TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Progress ProgressOf(const json& object) {
  Progress progress;
  progress.samples_done = static_cast<SampleIndex>(NumberOf(object, "seconds_done") * kSampleRate);
  progress.samples_total =
      static_cast<SampleIndex>(NumberOf(object, "seconds_total") * kSampleRate);
  return progress;
}

Status NotUnderstood(const std::string& what) {
  return Status(StatusCode::kInternal,
                "the server's answer is not understood (" + what + "); are both of one version?");
}

}  // namespace

HttpCall ServiceClient::MakeCall(std::string method, const std::string& path) const {
  HttpCall call;
  call.method = std::move(method);
  call.url = link_.address().url + path;
  if (!link_.address().key.empty()) {
    call.headers.emplace_back("Authorization", "Bearer " + link_.address().key);
  }
  return call;
}

Result<HttpAnswer> ServiceClient::SendOnce(const HttpCall& call) {
  Result<HttpAnswer> answer = http_.Call(call);
  if (answer.ok()) link_.NoteAnswer();
  return answer;
}

bool ServiceClient::PauseBeforeTry(int tries, int wait_s, const HttpCall& call, std::int64_t from) {
  if (tries >= kTriesMax || wait_s > kPauseMaxS) return false;
  if (call.file != nullptr && !call.file->Seek(from)) return false;
  return link_.Pause(wait_s);
}

Result<HttpAnswer> ServiceClient::Send(const HttpCall& call) {
  const std::int64_t from = call.file != nullptr ? call.file->position() : 0;
  for (int tries = 1;; ++tries) {
    Result<HttpAnswer> answer = SendOnce(call);
    int wait_s = BackOff(tries);
    if (answer.ok()) {
      if (!IsBusy(answer->status)) return answer;
      wait_s = answer->retry_after_s().value_or(std::max(1, wait_s));
    } else if (answer.status().code() != StatusCode::kUnavailable || !link_.answered()) {
      return ErrorOfConnection(link_.address(), answer.status());
    }
    if (PauseBeforeTry(tries, wait_s, call, from)) continue;
    if (link_.cancel()->requested()) return Status(StatusCode::kCancelled, "stopped");
    if (!answer.ok()) return ErrorOfConnection(link_.address(), answer.status());
    return answer;
  }
}

Status ServiceClient::ErrorOf(const HttpAnswer& answer) const {
  return ErrorOfAnswer(link_.address(), answer);
}

Result<std::string> ServiceClient::TakeJob(std::string_view id) {
  if (!IsId(id)) return NotUnderstood("no job id");
  job_id_ = id;
  upload_id_.clear();
  return job_id_;
}

Result<std::string> ServiceClient::Submit(const Recording& recording) {
  WT_ASSIGN(FileSource file, FileSource::Open(recording.input));
  const std::string metadata = TusMetadata(recording);
  // What cannot be announced in a header, and what has no known length, goes as a form.
  const bool in_pieces = file.size() > kFormFileBytesMax && metadata.size() <= kMetadataBytesMax;
  return in_pieces ? SubmitTus(metadata, &file) : SubmitForm(recording, &file);
}

Result<std::string> ServiceClient::SubmitForm(const Recording& recording, FileSource* file) {
  HttpCall call = MakeCall("POST", "/jobs");
  // The same job however often it has to be sent.
  call.headers.emplace_back("Idempotency-Key", platform::NewId(platform::SystemClock()));
  call.is_form = true;
  call.form = recording.fields;
  call.file = file;
  call.form_file_name = recording.file_name;
  call.finish_when_sent = true;
  WT_ASSIGN(const HttpAnswer answer, Send(call));
  if (answer.status != 200) return ErrorOf(answer);
  const json body = base::JsonFromText(answer.body);
  return TakeJob(body.is_object() ? TextOf(body, "job_id") : std::string());
}

Result<std::string> ServiceClient::SubmitTus(const std::string& metadata, FileSource* file) {
  HttpCall create = MakeCall("POST", "/files");
  create.headers.emplace_back("Tus-Resumable", "1.0.0");
  create.headers.emplace_back("Upload-Length", std::to_string(file->size()));
  create.headers.emplace_back("Upload-Metadata", metadata);
  WT_ASSIGN(const HttpAnswer created, Send(create));
  if (created.status != 201) return ErrorOf(created);
  const std::string_view location = created.Header("location");
  // Only the id counts: behind a proxy the path is another one than the server thinks.
  const std::string_view id = location.substr(location.rfind('/') + 1);
  if (!IsId(id)) return NotUnderstood("no upload id");
  upload_id_ = id;

  return SendPieces(file);
}

HttpCall ServiceClient::PatchFrom(std::int64_t offset, FileSource* file) const {
  HttpCall patch = MakeCall("PATCH", "/files/" + upload_id_);
  patch.headers.emplace_back("Tus-Resumable", "1.0.0");
  patch.headers.emplace_back("Content-Type", "application/offset+octet-stream");
  patch.headers.emplace_back("Upload-Offset", std::to_string(offset));
  patch.file = file;
  patch.finish_when_sent = true;
  return patch;
}

Result<std::string> ServiceClient::SendPieces(FileSource* file) {
  std::int64_t offset = 0;
  std::int64_t furthest = 0;
  for (int tries = 1;; ++tries) {
    if (!file->Seek(offset)) return NotUnderstood("an offset behind the end");
    const Result<HttpAnswer> answer = SendOnce(PatchFrom(offset, file));
    int wait_s = BackOff(tries);
    if (answer.ok()) {
      const std::string_view job = answer->Header("x-job-id");
      if (answer->status == 204 && !job.empty()) return TakeJob(job);
      const bool passes =
          answer->status == 204 || IsBusy(answer->status) || IsAboutPlace(answer->status);
      wait_s = answer->retry_after_s().value_or(wait_s);
      if (!passes || tries >= kTriesMax || wait_s > kPauseMaxS) return ErrorOf(*answer);
    } else if (answer.status().code() != StatusCode::kUnavailable || tries >= kTriesMax) {
      return ErrorOfConnection(link_.address(), answer.status());
    }
    if (!link_.Pause(wait_s)) return Status(StatusCode::kCancelled, "stopped");
    WT_ASSIGN(offset, TusOffset());
    if (!job_id_.empty()) return job_id_;
    // Only ground that was never won before counts, so that this ends.
    if (offset > furthest) tries = 0;
    furthest = std::max(furthest, offset);
  }
}

Result<std::int64_t> ServiceClient::TusOffset() {
  HttpCall head = MakeCall("HEAD", "/files/" + upload_id_);
  head.headers.emplace_back("Tus-Resumable", "1.0.0");
  WT_ASSIGN(const HttpAnswer answer, Send(head));
  if (answer.status != 200 && answer.status != 204) return ErrorOf(answer);
  if (const std::string_view job = answer.Header("x-job-id"); !job.empty()) {
    WT_TRY(TakeJob(job));
  }
  const std::string_view text = answer.Header("upload-offset");
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc() || end != text.data() + text.size() || offset < 0) {
    return NotUnderstood("no Upload-Offset");
  }
  return offset;
}

void ServiceClient::TakeEvent(const ServerEvent& event, const JobNews& news) const {
  const json data = base::JsonFromText(event.data);
  if (!data.is_object()) return;
  if (event.type == "snapshot" || event.type == "status" || event.type == "progress") {
    if (data.contains("seconds_total")) news.progress(ProgressOf(data));
  } else if (event.type == "language") {
    const std::string language = TextOf(data, "language");
    if (!language.empty()) news.language({language, NumberOf(data, "probability")});
  }
}

Result<bool> ServiceClient::Listen(const std::string& job_id, EventReader* reader) {
  HttpCall call = MakeCall("GET", "/jobs/" + job_id + "/events");
  call.headers.emplace_back("Accept", "text/event-stream");
  if (!reader->last_id().empty()) call.headers.emplace_back("Last-Event-ID", reader->last_id());
  reader->Restart();
  call.on_bytes = [reader](std::string_view bytes) { return reader->Feed(bytes); };
  const Result<HttpAnswer> answer = SendOnce(call);
  // A lost connection is found out about by the next question.
  if (answer.status().code() == StatusCode::kUnavailable) return true;
  if (!answer.ok()) return ErrorOfConnection(link_.address(), answer.status());
  return answer->status == 200 && answer->Header("content-type").starts_with("text/event-stream");
}

Status ServiceClient::Follow(const std::string& job_id, const JobNews& news) {
  int silent = 0;
  bool heard = false;
  EventReader reader([&](const ServerEvent& event) {
    heard = true;
    TakeEvent(event, news);
  });
  for (bool listens = true;;) {
    if (listens) {
      heard = false;
      WT_ASSIGN(listens, Listen(job_id, &reader));
      silent = heard ? 0 : silent + 1;
      listens = listens && silent < kSilentStreamsMax;
    }
    WT_ASSIGN(const HttpAnswer answer, Send(MakeCall("GET", "/jobs/" + job_id + "/progress")));
    if (answer.status != 200) return ErrorOf(answer);
    const json state = base::JsonFromText(answer.body);
    if (!state.is_object()) return NotUnderstood("no job");
    const std::string status = TextOf(state, "status");
    if (status == "completed") return Status();
    if (status == "cancelled") {
      return Status(StatusCode::kAborted, "the job was cancelled on the server");
    }
    if (status.starts_with("failed")) {
      WT_ASSIGN(const HttpAnswer job, Send(MakeCall("GET", "/jobs/" + job_id)));
      return ErrorOfJob(job);
    }
    news.progress(ProgressOf(state));
    // Also before listening again, so that a proxy that cuts streams off is not asked all the time.
    if (!link_.Pause(link_.address().poll_s)) return Status(StatusCode::kCancelled, "stopped");
  }
}

Result<Transcript> ServiceClient::Fetch(const std::string& job_id) {
  HttpCall call = MakeCall("GET", "/jobs/" + job_id + "/download?format=json");
  call.answer_bytes_max = transcripts::kTranscriptJsonBytesMax;
  WT_ASSIGN(const HttpAnswer answer, Send(call));
  if (answer.status != 200) return ErrorOf(answer);
  Result<Transcript> transcript = transcripts::ReadTranscriptJson(answer.body);
  if (!transcript.ok()) return transcript.status().WithContext("the server's transcript");
  return transcript;
}

void ServiceClient::CallOff() {
  HttpClient http(nullptr, kCallOffMaxS);
  HttpCall call;
  if (!job_id_.empty()) {
    call = MakeCall("POST", "/jobs/" + job_id_ + "/cancel");
  } else if (!upload_id_.empty()) {
    call = MakeCall("DELETE", "/files/" + upload_id_);
    call.headers.emplace_back("Tus-Resumable", "1.0.0");
  } else {
    return;
  }
  // Nobody is left to tell: an upload expires by itself, and a job shows in the server's list.
  static_cast<void>(http.Call(call).ok());
}

}  // namespace wt::transcriber
