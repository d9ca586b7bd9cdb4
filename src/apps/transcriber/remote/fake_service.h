// A transcription server for tests: a real HTTP server on a free port with a made-up service behind
// it, which keeps what it was sent and can fail in every way that the client must bear.
//
// Set the members before the first request; read what was kept after the last. Thread-safe
// otherwise.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/transcriber/testing.h"
#include "formats/json.h"
#include "service/http/content/multipart.h"
#include "service/http/content/sse.h"
#include "service/http/server.h"
#include "service/uploads/tus/tus_protocol.h"

namespace wt::transcriber::testing {

/// An answer instead of the right one. Status 0: the request is taken and the answer is lost.
struct Refusal {
  int status = 0;
  std::string body = {};
  std::optional<int> retry_after_s = {};
  std::string location = {};
  std::string content_type = "application/problem+json";
};

class FakeService final : public http::Handler {
 public:
  struct Upload {
    std::string file_name;
    std::string content;
    std::map<std::string, std::string> fields;
  };

  FakeService() {
    Result<std::unique_ptr<http::Server>> server = http::Server::Start({}, this);
    EXPECT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
    url_ = "http://127.0.0.1:" + std::to_string(server_->port());
  }
  ~FakeService() override { Stop(); }
  void Stop() { server_->Stop(std::chrono::milliseconds(0)); }

  const std::string& url() const { return url_; }
  /// The next requests of this method and path ("POST /jobs") get these.
  void Refuse(const std::string& what, std::vector<Refusal> refusals) {
    const std::lock_guard lock(mutex_);
    refusals_[what].assign(refusals.begin(), refusals.end());
  }
  std::vector<Upload> uploads() { return Copy(uploads_); }
  std::vector<std::string> requests() { return Copy(requests_); }
  std::vector<std::string> idempotency_keys() { return Copy(idempotency_keys_); }
  std::vector<std::string> last_event_ids() { return Copy(last_event_ids_); }
  std::ptrdiff_t Count(const std::string& what) {
    const std::vector<std::string> all = requests();
    return std::count(all.begin(), all.end(), what);
  }

  http::Response Handle(http::Request& request) override {
    const std::string what = std::string(http::MethodName(request.method)) + " " + request.path;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(what);
      if (what == "POST /jobs") {
        idempotency_keys_.emplace_back(request.headers.Find("Idempotency-Key").value_or(""));
      }
      if (what.ends_with("/events")) last_event_ids_.push_back(http::LastEventId(request));
    }
    if (!key.empty() && request.headers.Find("Authorization") != "Bearer " + key) {
      return Answer({401, R"({"message":"not a key of ours"})"});
    }
    if (std::optional<Refusal> refusal = TakeRefusal(what)) return Answer(*refusal);
    if (what == "POST /jobs") return TakeForm(request);
    if (request.path.starts_with("/files")) return TakePiece(request);
    return AboutJob(what);
  }
  http::Response HandleError(int status, std::string_view reason) override {
    return http::Response::Text(status, std::string(reason));
  }

  std::string key;
  /// Recordings with this content are no recordings.
  std::string refuse_content;
  /// PATCHes are cut off when the upload has this many bytes, one after the other.
  std::deque<std::size_t> break_uploads_at;
  /// What the job is at each question; the last stays.
  std::vector<std::string> states = {"completed"};
  std::string failure = "{}";
  /// Behind the snapshot.
  std::vector<http::ServerEvent> events;
  bool snapshot = true;
  bool keep_streams_open = false;
  std::function<void()> on_listen;
  /// Instead of the right one.
  std::string transcript;

 private:
  template <typename T>
  std::vector<T> Copy(const std::vector<T>& list) {
    const std::lock_guard lock(mutex_);
    return list;
  }

  static http::Response Json(int status, std::string body) {
    return http::Response::Text(status, std::move(body), "application/json");
  }
  static http::Response Broken() {
    http::Response response;
    response.body = http::ReaderBody{[](std::span<std::byte>) -> Result<std::size_t> {
                                       return Status(StatusCode::kInternal, "broken on purpose");
                                     },
                                     std::nullopt};
    return response;
  }
  static http::Response Answer(const Refusal& refusal) {
    if (refusal.status == 0) return Broken();
    http::Response response =
        http::Response::Text(refusal.status, refusal.body, refusal.content_type);
    if (refusal.retry_after_s) {
      response.headers.Set("Retry-After", std::to_string(*refusal.retry_after_s));
    }
    if (!refusal.location.empty()) response.headers.Set("Location", refusal.location);
    return response;
  }
  std::optional<Refusal> TakeRefusal(const std::string& what) {
    const std::lock_guard lock(mutex_);
    std::deque<Refusal>& list = refusals_[what];
    if (list.empty()) return std::nullopt;
    Refusal refusal = std::move(list.front());
    list.pop_front();
    return refusal;
  }

  /// "job-1" for the first upload and so on.
  std::string Keep(Upload upload) {
    const std::lock_guard lock(mutex_);
    uploads_.push_back(std::move(upload));
    return "job-" + std::to_string(uploads_.size());
  }

  http::Response TakeForm(http::Request& request) {
    const Result<std::string> boundary =
        http::MultipartBoundary(request.headers.Find("Content-Type").value_or(""));
    if (!boundary.ok()) return Json(400, R"({"message":"no form"})");
    http::MultipartReader reader(request.body, *boundary, {});
    Upload upload;
    for (;;) {
      const Result<std::optional<http::PartHead>> part = reader.NextPart();
      if (!part.ok()) return Json(400, R"({"message":"half a form"})");
      if (!*part) break;
      std::string text = *reader.ReadPartText(64 << 20);
      if ((*part)->file_name) {
        upload.file_name = *(*part)->file_name;
        upload.content = std::move(text);
      } else {
        upload.fields[(*part)->name] = std::move(text);
      }
    }
    if (!refuse_content.empty() && upload.content == refuse_content) {
      return Json(400, R"({"error_code":"UNSUPPORTED_MEDIA","message":"no recording"})");
    }
    return Json(200, R"({"job_id":")" + Keep(std::move(upload)) + R"("})");
  }

  // One upload at a time.
  http::Response TakePiece(http::Request& request) {
    http::Response response = http::Response::Text(204, "");
    if (request.method == http::Method::kPost) {
      piece_ = {};
      const std::string metadata(request.headers.Find("Upload-Metadata").value_or(""));
      const auto pairs = uploads::ParseTusMetadata(metadata);
      if (!pairs) return http::Response::Text(400, "");
      for (const auto& [name, value] : *pairs) {
        (name == "filename" ? piece_.file_name : piece_.fields[name]) = value;
      }
      length_ = std::stoul(std::string(*request.headers.Find("Upload-Length")));
      response.status = 201;
      // As behind a proxy that takes a part of the path away.
      response.headers.Set("Location", "/inside/files/up-1");
      return response;
    }
    if (request.method == http::Method::kPatch) {
      const std::string at = std::to_string(piece_.content.size());
      if (request.headers.Find("Upload-Offset") != at) return http::Response::Text(409, "");
      if (!ReadPiece(request)) return Broken();
      if (piece_.content.size() == length_) response.headers.Set("X-Job-ID", Keep(piece_));
    }
    response.headers.Set("Upload-Offset", std::to_string(piece_.content.size()));
    return response;
  }
  bool ReadPiece(http::Request& request) {
    const bool breaks = !break_uploads_at.empty();
    const std::size_t until = breaks ? break_uploads_at.front() : length_;
    std::vector<std::byte> buffer(64 << 10);
    while (piece_.content.size() < until) {
      const std::size_t room = std::min(buffer.size(), until - piece_.content.size());
      const Result<std::size_t> got = request.body->Read(std::span(buffer).first(room));
      if (!got.ok() || *got == 0) break;
      piece_.content.append(reinterpret_cast<const char*>(buffer.data()), *got);
    }
    if (breaks) break_uploads_at.pop_front();
    return !breaks;
  }

  http::Response Stream() {
    return http::EventStream([this](const std::shared_ptr<http::ByteSink>& sink) {
      if (snapshot) {
        sink->Write(http::FormatEvent(
            {.id = "", .event = "snapshot", .data = R"({"status":"queued"})", .retry_millis = {}}));
      }
      for (const http::ServerEvent& event : events) sink->Write(http::FormatEvent(event));
      if (on_listen) on_listen();
      if (!keep_streams_open) sink->Close();
      const std::lock_guard lock(mutex_);
      streams_.push_back(sink);
    });
  }
  http::Response Progress() {
    const std::lock_guard lock(mutex_);
    const std::string state = states[std::min(asked_++, states.size() - 1)];
    return Json(200, R"({"status":")" + state + R"("})");
  }
  http::Response Download(std::size_t index) {
    if (!transcript.empty()) return Json(200, transcript);
    const std::vector<Upload> all = uploads();
    return Json(200, formats::WriteJson(FakeEngine::TranscriptOf(all.at(index).file_name)));
  }
  http::Response AboutJob(const std::string& what) {
    const std::size_t number = what.find("/jobs/job-");
    if (number == std::string::npos) return Json(404, "{}");
    const std::size_t index = std::stoul(what.substr(number + 10)) - 1;
    if (what.ends_with("/events")) return Stream();
    if (what.ends_with("/progress")) return Progress();
    if (what.ends_with("/download")) return Download(index);
    return Json(200, what.ends_with("/cancel") ? "{}" : failure);
  }

  std::unique_ptr<http::Server> server_;
  std::string url_;
  std::mutex mutex_;
  std::map<std::string, std::deque<Refusal>> refusals_;
  std::vector<Upload> uploads_;
  std::vector<std::string> requests_;
  std::vector<std::string> idempotency_keys_;
  std::vector<std::string> last_event_ids_;
  std::vector<std::shared_ptr<http::ByteSink>> streams_;
  std::size_t asked_ = 0;
  Upload piece_;
  std::size_t length_ = 0;
};

}  // namespace wt::transcriber::testing
