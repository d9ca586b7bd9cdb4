#include "service/api/events/job_stream.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/rest/job_json.h"
#include "service/http/content/sse.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kRetryMillis = 2'000;

std::string Dump(const Json& json) { return base::JsonToText(json); }

class SseSubscriber : public JobEventSubscriber {
 public:
  SseSubscriber(std::string job_id, std::shared_ptr<http::ByteSink> sink)
      : job_id_(std::move(job_id)), sink_(std::move(sink)) {}

  bool OnEvent(const jobs::JobEvent& event) override {
    return sink_->Write(http::FormatEvent({.id = std::to_string(event.seq),
                                           .event = event.type,
                                           .data = EventMessage(job_id_, event),
                                           .retry_millis = {}}));
  }
  // The server sends signs of life by itself.
  bool OnIdle() override { return !sink_->closed(); }
  void OnEnd() override {
    sink_->Write(http::FormatEvent({.id = "", .event = "end", .data = "{}", .retry_millis = {}}));
    sink_->Close();
  }

 private:
  std::string job_id_;
  std::shared_ptr<http::ByteSink> sink_;
};

class SocketSubscriber : public JobEventSubscriber {
 public:
  SocketSubscriber(std::string job_id, std::shared_ptr<http::WebSocketSession> session)
      : job_id_(std::move(job_id)), session_(std::move(session)) {}

  bool OnEvent(const jobs::JobEvent& event) override {
    return session_->SendText(EventMessage(job_id_, event));
  }
  // The server pings idle sockets by itself.
  bool OnIdle() override { return !session_->closed(); }
  void OnEnd() override { session_->Close(1000, "the job has ended"); }

 private:
  std::string job_id_;
  std::shared_ptr<http::WebSocketSession> session_;
};

}  // namespace

std::string StatusMessage(const jobs::Job& job, base::UnixMillis now) {
  Json message;
  message["type"] = "job_status";
  message.update(ProgressToJson(job));
  message["message"] = job.error_message;
  message["timestamp"] = base::FormatTime(now);
  return Dump(message);
}

std::string EventMessage(const std::string& job_id, const jobs::JobEvent& event) {
  Json message;
  const bool status = event.type == "status" || event.type == "progress";
  message["type"] = status ? "job_status" : event.type;
  message["seq"] = event.seq;
  message["job_id"] = job_id;
  message["timestamp"] = base::FormatTime(event.time);
  const Json data = base::OrderedJsonFromText(event.data_json);
  if (data.is_object()) {
    for (const auto& [name, value] : data.items()) {
      if (!message.contains(name)) message[name] = value;
    }
  }
  return Dump(message);
}

http::Response StreamJob(JobEventHub* hub, const jobs::Job& job, std::int64_t after_seq,
                         WatchUntil until, base::UnixMillis now,
                         std::shared_ptr<GuardedStream> place) {
  const std::string snapshot = http::FormatEvent({.id = "",
                                                  .event = "snapshot",
                                                  .data = StatusMessage(job, now),
                                                  .retry_millis = kRetryMillis});
  return http::EventStream([hub, id = job.id, after_seq, until, snapshot,
                            place = std::move(place)](std::shared_ptr<http::ByteSink> sink) {
    if (!sink->Write(snapshot)) return;
    place->Begin(sink);
    hub->Subscribe(id, after_seq, std::make_shared<SseSubscriber>(id, sink), until);
  });
}

WatchUntil WatchUntilOf(const Call& call) {
  const std::string follow = call.Query("follow");
  return follow == "true" || follow == "1" ? WatchUntil::kJobIsGone : WatchUntil::kJobEnds;
}

QueryField FollowField() {
  return {"follow", R"({"type":"boolean"})",
          "true: go on after the job's end and say how its transcript is edited"};
}

std::shared_ptr<JobEventSubscriber> MakeSocketSubscriber(
    std::string job_id, std::shared_ptr<http::WebSocketSession> session) {
  return std::make_shared<SocketSubscriber>(std::move(job_id), std::move(session));
}

}  // namespace wt::api
