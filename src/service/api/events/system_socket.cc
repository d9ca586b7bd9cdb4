#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/events/guarded_stream.h"
#include "service/api/events/socket_routes.h"
#include "service/api/rest/job_routes.h"
#include "service/http/content/sse.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

// A thousand lines are what the page of a browser shows at a time.
constexpr std::int64_t kLinesBefore = 1'000;

/// A socket that says what its feed has.
class FeedSocket : public SocketBase {
 public:
  FeedSocket(const SocketRouteParts& parts, Caller caller, std::string address,
             Permission permission, std::unique_ptr<Feed> feed)
      : SocketBase({parts.adapter, parts.guard, parts.clock}, std::move(caller),
                   std::move(address)),
        permission_(permission),
        feed_(std::move(feed)) {}

 protected:
  void Start(const auth::Principal& principal) override {
    if (!principal.Has(permission_)) return End(kCloseForbidden, "administrators only");
    Look(clock().Boot());
    Send(R"({"type":"ready"})");
  }
  void Work(const auth::Principal& principal, base::BootMillis now) override {
    if (principal.Has(permission_)) Look(now);
  }

 private:
  void Look(base::BootMillis now) {
    const std::lock_guard lock(mutex_);
    for (const std::string& message : feed_->News(now)) Send(message);
  }

  const Permission permission_;
  std::mutex mutex_;
  const std::unique_ptr<Feed> feed_;
};

/// The server in numbers every 30 s, and the commands of administrators (RT-05).
class MonitoringSocket final : public FeedSocket {
 public:
  MonitoringSocket(const SocketRouteParts& parts, Caller caller, std::string address)
      : FeedSocket(parts, std::move(caller), std::move(address), Permission::kAdmin,
                   MakeStatusFeed(parts.system, parts.clock)),
        parts_(parts) {}

 protected:
  bool OnMessage(const auth::Principal& principal, const std::string& type,
                 const nlohmann::json& message) override {
    if (!principal.Has(Permission::kAdmin)) return false;
    // Older clients: {"type":"command","command":"get_metrics"}.
    const bool wrapped =
        type == "command" && message.contains("command") && message["command"].is_string();
    const std::string command = wrapped ? message["command"].get<std::string>() : type;
    if (command == "get_metrics" && parts_.system.metrics) {
      Say({{"type", "metrics"}, {"text", parts_.system.metrics()}});
      return true;
    }
    if (command == "get_connections") {
      const SocketGuard::Numbers numbers = parts_.guard->numbers();
      Say({{"type", "connections"},
           {"open", numbers.open},
           {"peak", numbers.peak},
           {"refused", numbers.refused},
           {"closed", numbers.closed},
           {"messages_sent", numbers.sent},
           {"messages_received", numbers.received}});
      return true;
    }
    return command == "broadcast" && Broadcast(principal, message);
  }

 private:
  void Say(const Json& message) { Send(base::JsonToText(message)); }

  bool Broadcast(const auth::Principal& principal, const nlohmann::json& message) {
    if (parts_.system.announcements == nullptr) return false;
    const bool has_text = message.contains("message") && message["message"].is_string();
    const std::string text = has_text ? message["message"].get<std::string>() : "";
    const Status added = parts_.system.announcements->Add(text, clock().Now());
    if (!added.ok()) {
      Say({{"type", "error"}, {"code", "INVALID_MESSAGE"}, {"message", added.message()}});
      return true;
    }
    audit::Event event;
    event.type = audit::EventType::kAdminAction;
    event.severity = audit::UsualSeverity(event.type);
    event.outcome = audit::Outcome::kSuccess;
    event.action = "broadcast";
    event.user_id = principal.user_id;
    event.username = principal.username;
    Audit(parts_.audit, event);
    Say({{"type", "broadcast_sent"}});
    return true;
  }

  const SocketRouteParts parts_;
};

/// GET /admin/logs/events: the same lines as server-sent events.
Reply StreamLog(const SocketRouteParts& parts, Call& call) {
  const std::string last = http::LastEventId(call.request);
  const std::int64_t newest = parts.system.log->newest();
  std::int64_t after = newest - kLinesBefore;
  std::from_chars(last.data(), last.data() + last.size(), after);
  // The server was started again meanwhile and counts from one.
  if (after > newest) after = 0;
  auto entered = GuardedStream::Enter({parts.adapter, parts.guard, parts.clock}, call.principal,
                                      call.client_address, MakeLogFeed(parts.system, after));
  if (auto* error = std::get_if<ApiError>(&entered)) return std::move(*error);
  return http::EventStream(
      [stream = std::get<std::shared_ptr<GuardedStream>>(std::move(entered))](
          std::shared_ptr<http::ByteSink> sink) { stream->Begin(std::move(sink)); });
}

}  // namespace

void AddSystemSockets(const SocketRouteParts& parts, RouteTable* table) {
  if (parts.system.log != nullptr) {
    table->Add(
        SocketRoute(parts, "/ws/logs/system", "watchSystemLog",
                    "The server's log; for administrators", [parts](Caller caller, Call& call) {
                      return std::make_shared<FeedSocket>(
                          parts, std::move(caller), call.client_address, Permission::kAdmin,
                          MakeLogFeed(parts.system, parts.system.log->newest() - kLinesBefore));
                    }));
    Route stream =
        PlainRoute(Method::kGet, "/admin/logs/events", "streamSystemLog",
                   "The server's log as it is written (server-sent events)", "administration",
                   Permission::kAdmin, [parts](Call& call) { return StreamLog(parts, call); });
    stream.response_type = "text/event-stream";
    stream.errors = {429, 503};
    stream.query = {{"last_event_id", R"({"type":"string","maxLength":32})", "As Last-Event-ID"}};
    // Whoever reads security data is on record.
    stream.audit_event = "admin_action";
    table->Add(std::move(stream));
  }
  if (parts.system.status) {
    Route monitoring = SocketRoute(
        parts, "/ws/admin/monitoring", "watchSystem",
        "The server in numbers every 30 s; get_metrics, get_connections, broadcast",
        [parts](Caller caller, Call& call) {
          return std::make_shared<MonitoringSocket>(parts, std::move(caller), call.client_address);
        });
    monitoring.aliases = {"/ws/performance", "/ws/status"};
    table->Add(std::move(monitoring));
  }
  if (parts.system.announcements != nullptr) {
    table->Add(SocketRoute(parts, "/ws/system/broadcasts", "watchBroadcasts",
                           "What administrators announce", [parts](Caller caller, Call& call) {
                             return std::make_shared<FeedSocket>(
                                 parts, std::move(caller), call.client_address,
                                 Permission::kSignedIn, MakeAnnouncementFeed(parts.system));
                           }));
  }
}

}  // namespace wt::api
