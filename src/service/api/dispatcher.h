// Between the HTTP server and the handlers: every check that all routes share, in one order.
//
//   request id -> host -> CORS -> route -> credentials -> password change due -> rate -> permission
//   -> query -> body limit and JSON -> handler -> headers, compression, access record, audit.
//
// What it needs of accounts, limits, logs and metrics are functions, so that it is tested without
// them. Handle is called from many threads at once; the functions must be thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/api/route.h"
#include "service/http/message.h"
#include "service/observe/logs/trace_context.h"

namespace wt::api {

struct RateDecision {
  bool allowed = true;
  /// 0: this class has no limit.
  int limit = 0;
  int remaining = 0;
  int reset_s = 0;
  int retry_after_s = 0;
};

/// What is known about a call when it ends. No query values, no header values but the agent.
struct CallRecord {
  std::string request_id;
  std::string client_address;
  std::string method;
  /// The pattern; "unmatched" when there was no route.
  std::string route;
  std::string path;
  std::string user_agent;
  std::string audit_event;
  auth::Principal principal;
  int status = 0;
  double seconds = 0;
  std::int64_t response_bytes = -1;
  base::UnixMillis started_at = 0;
  /// Empty without tracing.
  std::optional<observe::TraceContext> trace;
  std::string parent_span_id;
};

struct DispatcherPorts {
  std::function<std::string(const http::Request&)> client_address;
  /// The caller; an error becomes the reply. Called only for routes that are not public.
  std::function<std::variant<auth::Principal, ApiError>(const http::Request&,
                                                        const std::string& client_address)>
      authenticate;
  std::function<RateDecision(RateClass, const auth::Principal&, const std::string& client_address)>
      admit;
  /// Counts a request in progress by its route (+1, -1).
  std::function<void(const std::string& route, int change)> in_progress;
  std::function<void(const CallRecord&)> record;
  /// A span for the call below the one that the client names. May be empty: no tracing.
  std::function<observe::TraceContext(const std::optional<observe::TraceContext>&)> begin_span;
  /// Files and pages of the web app; asked before the routes, answers what is its own. May be
  /// empty.
  std::function<std::optional<http::Response>(const http::Request&)> site;
};

struct DispatcherOptions {
  /// Host names without port, "*.example.org" for a domain's hosts; empty or "*": any.
  std::vector<std::string> allowed_hosts;
  /// Exact origins; empty: same origin only.
  std::vector<std::string> cors_origins;
  bool security_headers = true;
  bool content_security_policy = true;
  /// A request's body must be whole by then (UPLOAD_TIMEOUT); 0: whenever.
  std::int64_t upload_timeout_ms = 0;
  /// Seconds; sent on TLS only. 0: never.
  std::int64_t hsts_max_age_s = 31'536'000;
};

class Dispatcher : public http::Handler {
 public:
  /// All must outlive it.
  Dispatcher(const RouteTable* routes, const base::Clock* clock, DispatcherOptions options,
             DispatcherPorts ports);

  http::Response Handle(http::Request& request) override;
  http::Response HandleError(int status, std::string_view reason) override;

 private:
  struct State;
  void BeginSpan(const http::Request& request, State* state) const;
  RouteTable::Found FindRoute(const http::Request& request) const;
  http::Response Answer(http::Request& request, State* state);
  Reply Serve(Call* call, State* state);
  std::optional<ApiError> CheckCaller(Call* call, State* state);
  std::optional<ApiError> CheckBody(Call* call, State* state);
  void Finish(const http::Request& request, const State& state, http::Response* response) const;
  void AddCors(const http::Request& request, http::Response* response) const;

  const RouteTable* routes_;
  const base::Clock* clock_;
  DispatcherOptions options_;
  DispatcherPorts ports_;
};

}  // namespace wt::api
