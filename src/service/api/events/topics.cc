#include "service/api/events/topics.h"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/events/job_stream.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kJobPrefix = "job:";
constexpr std::string_view kLogPrefix = "log:";
constexpr std::size_t kTopicBytesMax = 64;

std::string Dump(const Json& json) { return base::JsonToText(json); }

std::string Refusal(const std::string& topic, const char* code, const char* message) {
  return Dump({{"type", "error"},
               {"topic", topic.substr(0, kTopicBytesMax)},
               {"code", code},
               {"message", message}});
}

/// A job's events to a socket that goes on when the job has ended.
class TopicSubscriber final : public JobEventSubscriber {
 public:
  TopicSubscriber(std::string topic, std::string job_id, JobTopic what,
                  std::shared_ptr<http::WebSocketSession> session,
                  std::shared_ptr<std::atomic<bool>> over)
      : topic_(std::move(topic)),
        job_id_(std::move(job_id)),
        what_(what),
        session_(std::move(session)),
        over_(std::move(over)) {}

  bool OnEvent(const jobs::JobEvent& event) override {
    if (*over_) return false;
    if (what_ == JobTopic::kLog && event.type != "log") return !session_->closed();
    return session_->SendText(EventMessage(job_id_, event));
  }
  bool OnIdle() override { return !*over_ && !session_->closed(); }
  void OnEnd() override {
    if (over_->exchange(true)) return;
    session_->SendText(Dump({{"type", "topic_ended"}, {"topic", topic_}}));
  }

 private:
  const std::string topic_;
  const std::string job_id_;
  const JobTopic what_;
  const std::shared_ptr<http::WebSocketSession> session_;
  const std::shared_ptr<std::atomic<bool>> over_;
};

}  // namespace

std::unique_ptr<Feed> Topics::MakeFeed(const auth::Principal& principal,
                                       const std::string& topic) const {
  if (topic == "broadcasts") return MakeAnnouncementFeed(parts_.system);
  if (!principal.Has(auth::Permission::kAdmin)) return nullptr;
  if (topic == "system_log" && parts_.system.log != nullptr) {
    return MakeLogFeed(parts_.system, parts_.system.log->newest());
  }
  if (topic == "system_status") return MakeStatusFeed(parts_.system, parts_.clock);
  return nullptr;
}

std::shared_ptr<std::atomic<bool>> Topics::WatchJob(
    const auth::Principal& principal, const std::string& topic,
    const std::shared_ptr<http::WebSocketSession>& session) const {
  const bool log = topic.starts_with(kLogPrefix);
  if (!log && !topic.starts_with(kJobPrefix)) return nullptr;
  // A malformed id takes the same look-up as a missing one.
  const std::string id = base::CanonicalUuid(topic.substr(kJobPrefix.size()))
                             .value_or("00000000-0000-7000-8000-000000000000");
  const bool anybodys = log && principal.Has(auth::Permission::kAdmin);
  const Result<jobs::Job> job = parts_.jobs->Get(id, anybodys ? "" : principal.user_id);
  if (!job.ok()) return nullptr;
  auto over = std::make_shared<std::atomic<bool>>(false);
  session->SendText(Dump({{"type", "subscribed"}, {"topic", topic}}));
  if (!log) session->SendText(StatusMessage(*job, parts_.clock->Now()));
  parts_.hub->Subscribe(
      job->id, 0,
      std::make_shared<TopicSubscriber>(topic, job->id, log ? JobTopic::kLog : JobTopic::kEvents,
                                        session, over));
  return over;
}

void Topics::Subscribe(const auth::Principal& principal, const std::string& topic,
                       const std::shared_ptr<http::WebSocketSession>& session) {
  static_assert(kJobPrefix.size() == kLogPrefix.size());
  const std::lock_guard lock(mutex_);
  std::erase_if(watches_, [](const auto& entry) {
    return entry.second.over != nullptr && *entry.second.over;
  });
  if (watches_.contains(topic)) {
    session->SendText(Dump({{"type", "subscribed"}, {"topic", topic}}));
    return;
  }
  if (watches_.size() >= kTopicsMax) {
    session->SendText(Refusal(topic, "TOO_MANY_TOPICS",
                              "This socket watches 20 topics; unsubscribe from one first."));
    return;
  }
  Watch watch;
  if (topic.size() <= kTopicBytesMax) {
    watch.feed = MakeFeed(principal, topic);
    if (watch.feed == nullptr) watch.over = WatchJob(principal, topic, session);
  }
  if (watch.feed == nullptr && watch.over == nullptr) {
    session->SendText(Refusal(topic, "TOPIC_NOT_FOUND", "There is no such topic for you."));
    return;
  }
  if (watch.feed != nullptr) {
    session->SendText(Dump({{"type", "subscribed"}, {"topic", topic}}));
  }
  watches_.emplace(topic, std::move(watch));
}

void Topics::Unsubscribe(const std::string& topic, http::WebSocketSession* session) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = watches_.find(topic);
    if (found != watches_.end()) {
      if (found->second.over != nullptr) *found->second.over = true;
      watches_.erase(found);
    }
  }
  session->SendText(Dump({{"type", "unsubscribed"}, {"topic", topic.substr(0, kTopicBytesMax)}}));
}

void Topics::Look(base::BootMillis now, http::WebSocketSession* session) {
  const std::lock_guard lock(mutex_);
  for (auto& [topic, watch] : watches_) {
    if (watch.feed == nullptr) continue;
    for (const std::string& message : watch.feed->News(now)) session->SendText(message);
  }
}

void Topics::Clear() {
  const std::lock_guard lock(mutex_);
  for (auto& [topic, watch] : watches_) {
    if (watch.over != nullptr) *watch.over = true;
  }
  watches_.clear();
}

}  // namespace wt::api
