#include "service/api/events/job_socket.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/events/job_stream.h"
#include "service/api/events/socket_routes.h"
#include "service/api/events/topics.h"
#include "service/api/rest/job_json.h"
#include "service/http/text.h"

namespace wt::api {
namespace {

using http::Method;
using Json = nlohmann::ordered_json;

// A token has at most 2 KiB.
constexpr std::size_t kMessageBytesMax = 8 << 10;
constexpr base::BootMillis kLookMs = 5'000;
constexpr int kNewestJobs = 50;
// Batches are few, and their numbers are sums of one index.
constexpr int kNewestBatches = 20;
constexpr base::BootMillis kBatchLookMs = 2'000;
constexpr int kSameLooksMax = 12;

SocketBase::Parts BaseParts(const SocketRouteParts& parts) {
  return {parts.adapter, parts.guard, parts.clock};
}

class JobSocket : public SocketBase {
 public:
  JobSocket(const SocketRouteParts& parts, Caller caller, std::string address, std::string job_id,
            std::int64_t after, WatchUntil until)
      : SocketBase(BaseParts(parts), std::move(caller), std::move(address)),
        parts_(parts),
        job_id_(std::move(job_id)),
        after_(after),
        until_(until) {}

 protected:
  void Start(const auth::Principal& principal) override {
    // A malformed id takes the same look-up as a missing one.
    const std::string id =
        base::CanonicalUuid(job_id_).value_or("00000000-0000-7000-8000-000000000000");
    const Result<jobs::Job> job = parts_.jobs->Get(id, principal.user_id);
    if (job.status().code() == StatusCode::kNotFound) {
      return End(kCloseNotFound, "job not found");
    }
    if (!job.ok()) return End(1013, "the database does not answer");
    Send(StatusMessage(*job, parts_.clock->Now()));
    if (auto open = session()) {
      parts_.hub->Subscribe(job->id, after_, MakeSocketSubscriber(job->id, std::move(open)),
                            until_);
    }
  }

 private:
  const SocketRouteParts parts_;
  const std::string job_id_;
  const std::int64_t after_;
  const WatchUntil until_;
};

/// What a job's worker says of its work, and nothing else of the job.
class LogSubscriber : public JobEventSubscriber {
 public:
  LogSubscriber(std::string job_id, std::shared_ptr<http::WebSocketSession> session)
      : job_id_(std::move(job_id)), session_(std::move(session)) {}

  bool OnEvent(const jobs::JobEvent& event) override {
    if (event.type != "log") return !session_->closed();
    return session_->SendText(EventMessage(job_id_, event));
  }
  bool OnIdle() override { return !session_->closed(); }
  void OnEnd() override { session_->Close(1000, "the job has ended"); }

 private:
  const std::string job_id_;
  const std::shared_ptr<http::WebSocketSession> session_;
};

/// For the owner and administrators.
class LogSocket : public SocketBase {
 public:
  LogSocket(const SocketRouteParts& parts, Caller caller, std::string address, std::string job_id)
      : SocketBase(BaseParts(parts), std::move(caller), std::move(address)),
        parts_(parts),
        job_id_(std::move(job_id)) {}

 protected:
  void Start(const auth::Principal& principal) override {
    const std::string id =
        base::CanonicalUuid(job_id_).value_or("00000000-0000-7000-8000-000000000000");
    // An administrator's key without that right is as good as a user's.
    const bool anybodys = principal.Has(auth::Permission::kAdmin);
    const Result<jobs::Job> job = parts_.jobs->Get(id, anybodys ? "" : principal.user_id);
    if (job.status().code() == StatusCode::kNotFound) {
      return End(kCloseNotFound, "job not found");
    }
    if (!job.ok()) return End(1013, "the database does not answer");
    if (auto open = session()) {
      parts_.hub->Subscribe(job->id, 0, std::make_shared<LogSubscriber>(job->id, std::move(open)));
    }
  }

 private:
  const SocketRouteParts parts_;
  const std::string job_id_;
};

/// The caller's newest batches: how each stands when the socket opens, and whenever that changes.
class BatchSocket : public SocketBase {
 public:
  BatchSocket(const SocketRouteParts& parts, Caller caller, std::string address)
      : SocketBase(BaseParts(parts), std::move(caller), std::move(address)), parts_(parts) {}

 protected:
  void Start(const auth::Principal& principal) override {
    Look(principal);
    Send(R"({"type":"ready"})");
  }
  void Work(const auth::Principal& principal, base::BootMillis now) override {
    {
      const std::lock_guard lock(mutex_);
      if (now < look_at_) return;
    }
    Look(principal);
  }

 private:
  void Look(const auth::Principal& principal) {
    jobs::BatchFilter filter;
    filter.owner = principal.user_id;
    filter.limit = kNewestBatches;
    const auto page = parts_.batches->ListBatches(filter);
    const std::lock_guard lock(mutex_);
    look_at_ = clock().Boot() + kBatchLookMs;
    if (!page.ok()) return;  // The next look sees what this one missed.
    std::map<std::string, std::string> seen;
    for (const jobs::Batch& batch : page->batches) {
      const Json message = Describe(batch);
      const std::string state = base::JsonToText(message);
      seen[batch.id] = state;
      const auto before = seen_.find(batch.id);
      if (before != seen_.end() && before->second == state) continue;
      Json stamped = message;
      stamped["timestamp"] = base::FormatTime(clock().Now());
      Send(base::JsonToText(stamped));
    }
    seen_ = std::move(seen);
  }

  static Json Describe(const jobs::Batch& batch) {
    const jobs::BatchCounts& counts = batch.counts;
    const std::int64_t ended = counts.succeeded + counts.failed + counts.cancelled;
    const std::int64_t all = counts.jobs();
    Json message;
    message["type"] = "batch_progress";
    message["batch_id"] = batch.id;
    message["status"] = jobs::BatchStatusName(jobs::StatusOf(batch));
    message["progress_percent"] =
        all == 0 ? 100.0 : static_cast<double>(ended * 10'000 / all) / 100;
    message["total_jobs"] = all;
    message["pending_jobs"] = counts.waiting;
    message["processing_jobs"] = counts.running;
    message["completed_jobs"] = counts.succeeded;
    message["failed_jobs"] = counts.failed;
    message["cancelled_jobs"] = counts.cancelled;
    return message;
  }

  const SocketRouteParts parts_;
  std::mutex mutex_;
  base::BootMillis look_at_ = 0;
  std::map<std::string, std::string> seen_;
};

/// Looks at the user's newest jobs, so that it also sees what other processes do.
class NotificationSocket : public SocketBase {
 public:
  NotificationSocket(const SocketRouteParts& parts, Caller caller, std::string address)
      : SocketBase(BaseParts(parts), std::move(caller), std::move(address)),
        parts_(parts),
        topics_({parts.hub, parts.jobs, parts.clock, parts.system}) {}

 protected:
  void Start(const auth::Principal& principal) override {
    Look(principal, /*silent=*/true);
    Send(R"({"type":"ready"})");
    const std::lock_guard lock(mutex_);
    look_at_ = clock().Boot() + kLookMs;
  }

  bool OnMessage(const auth::Principal& principal, const std::string& type,
                 const nlohmann::json& message) override {
    const bool subscribe = type == "subscribe";
    if (!subscribe && type != "unsubscribe") return false;
    if (!message.contains("topic") || !message["topic"].is_string()) return false;
    const auto open = session();
    if (open == nullptr) return true;
    const auto topic = message["topic"].get<std::string>();
    if (subscribe) {
      topics_.Subscribe(principal, topic, open);
    } else {
      topics_.Unsubscribe(topic, open.get());
    }
    return true;
  }

  void Work(const auth::Principal& principal, base::BootMillis now) override {
    if (const auto open = session()) {
      topics_.Look(now, open.get());
    } else {
      topics_.Clear();
    }
    {
      const std::lock_guard lock(mutex_);
      // Start() has not come to its end yet.
      if (look_at_ == 0 || now < look_at_) return;
      look_at_ = now + kLookMs;
    }
    Look(principal, /*silent=*/false);
  }

 private:
  /// The jobs that changed last; one is enough to see that nothing has changed.
  Result<jobs::JobPage> Newest(const auth::Principal& principal, int limit) const {
    jobs::JobFilter filter;
    filter.owner = principal.user_id;
    filter.sort_by = "updated_at";
    filter.limit = limit;
    return parts_.jobs->List(filter);
  }

  /// Thousands look every few seconds, mostly at jobs that rest.
  bool LooksTheSame(const auth::Principal& principal) {
    const Result<jobs::JobPage> page = Newest(principal, 1);
    if (!page.ok()) return false;
    std::string mark = std::to_string(page->total);
    for (const jobs::Job& job : page->jobs) mark += job.id + std::to_string(job.updated_at);
    const std::lock_guard lock(mutex_);
    // Two changes within a millisecond look like one: now and then everything is read all the same.
    const bool same = mark == mark_ && ++same_looks_ < kSameLooksMax;
    if (!same) same_looks_ = 0;
    mark_ = std::move(mark);
    return same;
  }

  void Look(const auth::Principal& principal, bool silent) {
    if (!silent && LooksTheSame(principal)) return;
    const Result<jobs::JobPage> page = Newest(principal, kNewestJobs);
    if (!page.ok()) return;  // The next look sees what this one missed.
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> seen;
    for (const jobs::Job& job : page->jobs) {
      const std::string slug(jobs::StatusSlug(job));
      const std::string state = slug + "/" + std::to_string(job.run);
      seen[job.id] = state;
      const auto before = seen_.find(job.id);
      if (silent || (before != seen_.end() && before->second == state)) continue;
      Json message;
      message["type"] = "notification";
      message["event"] = jobs::IsTerminal(job.state) ? "job_ended" : "job_changed";
      message["job_id"] = job.id;
      message["status"] = slug;
      message["job"] = JobToJson(job, clock().Now());
      message["timestamp"] = base::FormatTime(clock().Now());
      Send(base::JsonToText(message));
    }
    seen_ = std::move(seen);
  }

  const SocketRouteParts parts_;
  Topics topics_;
  std::mutex mutex_;
  base::BootMillis look_at_ = 0;
  std::string mark_;
  int same_looks_ = 0;
  std::map<std::string, std::string> seen_;
};

/// Who opens the socket. Old clients put a token into the address; it is read, never logged.
Caller Identify(const SocketRouteParts& parts, const Call& call) {
  if (const std::string ticket = call.Query("ticket"); !ticket.empty()) {
    return parts.adapter->RedeemTicket(ticket, call.client_address);
  }
  if (const std::string token = call.Query("token"); !token.empty()) {
    return parts.adapter->AuthenticateToken(token, call.client_address);
  }
  return parts.adapter->AuthenticateSocket(call.request, call.client_address);
}

/// A handshake counts for the one who is known by then: as a stranger's, all browsers behind one
/// address would share the limit of one.
std::optional<ApiError> CheckRate(const SocketRouteParts& parts, const Call& call,
                                  const Caller& caller) {
  const auto* known = std::get_if<auth::Principal>(&caller);
  const RateDecision rate = parts.adapter->Admit(
      RateClass::kGeneral, known == nullptr ? auth::Principal() : *known, call.client_address);
  if (rate.allowed) return std::nullopt;
  ApiError error;
  error.status = 429;
  error.error_code = "RATE_LIMIT_EXCEEDED";
  error.retry_after_s = std::max(1, rate.retry_after_s);
  error.message = "Too many connections were opened in a short time. Try again soon.";
  return error;
}

/// The handshake as far as this side decides it.
std::variant<Caller, ApiError> Open(const SocketRouteParts& parts, const Call& call) {
  const std::string_view upgrade = call.request.headers.Find("Upgrade").value_or("");
  if (!http::ListHas(upgrade, "websocket")) {
    ApiError error = BadRequest("UPGRADE_REQUIRED", "Open a WebSocket here.");
    error.status = 426;
    error.headers = {{"Upgrade", "websocket"}};
    return error;
  }
  Caller caller = Identify(parts, call);
  if (const auto* error = std::get_if<ApiError>(&caller); error && error->status != 401) {
    return *error;
  }
  if (std::optional<ApiError> error = CheckRate(parts, call, caller)) return *std::move(error);
  const auto* principal = std::get_if<auth::Principal>(&caller);
  // The tokens of the metrics and of the upload administration are nobody here.
  if (principal != nullptr && !principal->signed_in()) caller = Unauthorized("Sign in.");
  return caller;
}

http::Response Switch(std::shared_ptr<http::WebSocketHandler> handler) {
  http::WebSocketUpgrade upgrade;
  upgrade.handler = std::move(handler);
  upgrade.message_bytes_max = kMessageBytesMax;
  http::Response response;
  response.status = 101;
  response.body = std::move(upgrade);
  return response;
}

}  // namespace

Route SocketRoute(const SocketRouteParts& parts, const char* pattern, const char* operation,
                  const char* summary, MakeSocket make) {
  Route route;
  route.method = Method::kGet;
  route.pattern = pattern;
  route.operation = operation;
  route.summary = summary;
  route.tag = "events";
  // Its own check: credentials may come as the first message.
  route.permission = auth::Permission::kPublic;
  route.body = BodyKind::kNone;
  route.body_bytes_max = 0;
  // Open() asks, once the caller is known.
  route.rate = RateClass::kNone;
  route.cache = CachePolicy::kNoStore;
  route.audit_event = "";
  route.success_status = 101;
  route.errors = {401, 403, 426};
  route.query = {
      {"ticket", R"({"type":"string","maxLength":256})", "From POST /ws/ticket; good for one"},
      {"token", R"({"type":"string","maxLength":2048,"deprecated":true})",
       "Deprecated: addresses end up in logs. Use a ticket or the first message"}};
  route.handler = [parts, make = std::move(make)](Call& call) -> Reply {
    auto opened = Open(parts, call);
    if (auto* error = std::get_if<ApiError>(&opened)) return std::move(*error);
    return Switch(make(std::get<Caller>(std::move(opened)), call));
  };
  return route;
}

void AddSocketRoutes(const SocketRouteParts& parts, RouteTable* table) {
  Route job = SocketRoute(parts, "/ws/jobs/{job_id}", "watchJob", "A job's progress until its end",
                          [parts](Caller caller, Call& call) {
                            const std::string text = call.Query("after");
                            std::int64_t after = 0;
                            std::from_chars(text.data(), text.data() + text.size(), after);
                            return std::make_shared<JobSocket>(
                                parts, std::move(caller), call.client_address,
                                call.Parameter("job_id"), after, WatchUntilOf(call));
                          });
  job.query.push_back({"after", R"({"type":"integer","minimum":0})", "Events seen already"});
  job.query.push_back(FollowField());
  job.aliases = {"/ws/progress/{job_id}"};
  table->Add(std::move(job));
  table->Add(SocketRoute(parts, "/ws/logs/{job_id}", "watchJobLog", "A job's log until its end",
                         [parts](Caller caller, Call& call) {
                           return std::make_shared<LogSocket>(parts, std::move(caller),
                                                              call.client_address,
                                                              call.Parameter("job_id"));
                         }));
  if (parts.batches != nullptr) {
    table->Add(SocketRoute(parts, "/ws/batch", "watchBatches", "How the caller's batches get on",
                           [parts](Caller caller, Call& call) {
                             return std::make_shared<BatchSocket>(parts, std::move(caller),
                                                                  call.client_address);
                           }));
  }
  table->Add(SocketRoute(parts, "/ws/user/notifications", "watchNotifications",
                         "What happens to the caller's jobs, and to the topics he subscribes to",
                         [parts](Caller caller, Call& call) {
                           return std::make_shared<NotificationSocket>(parts, std::move(caller),
                                                                       call.client_address);
                         }));
  AddSystemSockets(parts, table);
}

}  // namespace wt::api
