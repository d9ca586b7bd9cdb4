// What one socket watches beside its own subject: {"type":"subscribe","topic":...} (spec RT-13).
//
//   job:ID         progress and text of a job of the caller's, as /ws/jobs/ID
//   log:ID         its log, as /ws/logs/ID; administrators may watch anybody's
//   broadcasts     announcements
//   system_log     the server's log; administrators only
//   system_status  the server in numbers every 30 s; administrators only
//
// A foreign topic, a missing one and one without the right are refused alike. Thread-safe.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "service/api/events/feeds.h"
#include "service/api/events/job_event_hub.h"
#include "service/auth/principal.h"
#include "service/http/websocket.h"
#include "service/jobs/job_store.h"

namespace wt::api {

/// What is told of a job: everything, or its log alone.
enum class JobTopic : std::uint8_t { kEvents, kLog };

class Topics {
 public:
  static constexpr std::size_t kTopicsMax = 20;

  struct Parts {
    JobEventHub* hub = nullptr;
    jobs::JobStore* jobs = nullptr;
    const base::Clock* clock = nullptr;
    SystemSources system;
  };
  explicit Topics(const Parts& parts) : parts_(parts) {}
  /// Ends what goes on at the hub.
  ~Topics() { Clear(); }
  Topics(const Topics&) = delete;
  Topics& operator=(const Topics&) = delete;

  /// Answers on the session: "subscribed", or an error of the topic.
  void Subscribe(const auth::Principal& principal, const std::string& topic,
                 const std::shared_ptr<http::WebSocketSession>& session);
  void Unsubscribe(const std::string& topic, http::WebSocketSession* session);
  /// Sends what the feeds have; about once a second.
  void Look(base::BootMillis now, http::WebSocketSession* session);
  void Clear();

 private:
  /// One of the two.
  struct Watch {
    std::unique_ptr<Feed> feed;
    std::shared_ptr<std::atomic<bool>> over;
  };
  std::unique_ptr<Feed> MakeFeed(const auth::Principal& principal, const std::string& topic) const;
  /// Null: there is no such job for that caller.
  std::shared_ptr<std::atomic<bool>> WatchJob(
      const auth::Principal& principal, const std::string& topic,
      const std::shared_ptr<http::WebSocketSession>& session) const;

  const Parts parts_;
  std::mutex mutex_;
  std::map<std::string, Watch> watches_;
};

}  // namespace wt::api
