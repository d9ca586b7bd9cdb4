#include "service/api/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "platform/system_clock.h"
#include "service/api/host_names.h"
#include "service/http/content/body_limit.h"
#include "service/observe/logs/logger.h"

namespace wt::api {
namespace {

constexpr std::size_t kRequestIdBytesMax = 128;
constexpr std::size_t kAgentBytesMax = 256;

bool IsRequestId(std::string_view text) {
  if (text.empty() || text.size() > kRequestIdBytesMax) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
}

bool Contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string AllowValue(const std::vector<http::Method>& methods) {
  std::string value = "OPTIONS";
  for (const http::Method method : methods) {
    if (method != http::Method::kOptions) value += ", " + std::string(http::MethodName(method));
  }
  return value;
}

ApiError TooLarge(std::int64_t bytes_max) {
  ApiError error;
  error.status = 413;
  error.error_code = "FILE_TOO_LARGE";
  error.code = 40002;
  error.openai_code = "file_too_large";
  error.message =
      fmt::format("The body is larger than the {} bytes that are accepted here.", bytes_max);
  return error;
}

ApiError TooSlow(std::int64_t timeout_ms) {
  ApiError error;
  error.status = 408;
  error.error_code = "UPLOAD_TIMEOUT";
  error.openai_code = "upload_timeout";
  error.message = fmt::format(
      "The body did not arrive within {} s, the limit of one request. Send large recordings in "
      "chunks: POST /uploads/init.",
      timeout_ms / 1'000);
  return error;
}

bool IsJsonType(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  std::string lower(type);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower == "application/json" || lower.ends_with("+json");
}

ApiError NotJson() {
  ApiError error = BadRequest("UNSUPPORTED_CONTENT_TYPE", "The body must be application/json.");
  error.status = 415;
  return error;
}

std::string_view CacheValue(CachePolicy policy) {
  switch (policy) {
    case CachePolicy::kImmutable: return "public, max-age=31536000, immutable";
    case CachePolicy::kRevalidate: return "private, no-cache";
    case CachePolicy::kNoStore: break;
  }
  return "private, no-store";
}

}  // namespace

/// What one call gathers on its way.
struct Dispatcher::State {
  std::string request_id;
  std::string client_address;
  RouteTable::Found found;
  auth::Principal principal;
  RateDecision rate;
  std::optional<http::LimitedBody> body;
  base::BootMillis started_at = 0;
  Dialect dialect = Dialect::kRest;
  bool site = false;
  std::optional<observe::TraceContext> trace;
  std::string parent_span_id;
};

Dispatcher::Dispatcher(const RouteTable* routes, const base::Clock* clock,
                       DispatcherOptions options, DispatcherPorts ports)
    : routes_(routes), clock_(clock), options_(std::move(options)), ports_(std::move(ports)) {}

http::Response Dispatcher::Handle(http::Request& request) {
  const base::BootMillis start = clock_->Boot();
  State state;
  state.started_at = start;
  const std::optional<std::string_view> given = request.headers.Find("X-Request-ID");
  state.request_id = given && IsRequestId(*given) ? std::string(*given) : platform::NewToken(16);
  state.client_address = ports_.client_address(request);
  BeginSpan(request, &state);
  const observe::ScopedLogContext scope(
      {.request_id = state.request_id,
       .trace_id = state.trace ? state.trace->trace_id : std::string(),
       .span_id = state.trace ? state.trace->span_id : std::string()});
  const base::UnixMillis started_at = clock_->Now();
  http::Response response = Answer(request, &state);
  Finish(request, state, &response);

  CallRecord record;
  record.request_id = state.request_id;
  record.client_address = state.client_address;
  record.method = http::MethodName(request.method);
  record.route = state.site                     ? "web"
                 : state.found.route == nullptr ? "unmatched"
                                                : state.found.route->pattern;
  record.path = request.path;
  record.user_agent =
      std::string(request.headers.Find("User-Agent").value_or("").substr(0, kAgentBytesMax));
  if (state.found.route != nullptr) record.audit_event = *state.found.route->audit_event;
  record.principal = std::move(state.principal);
  record.status = response.status;
  record.seconds = static_cast<double>(clock_->Boot() - start) / 1e3;
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    record.response_bytes = static_cast<std::int64_t>(text->size());
  }
  record.started_at = started_at;
  record.trace = std::move(state.trace);
  record.parent_span_id = std::move(state.parent_span_id);
  ports_.record(record);
  return response;
}

void Dispatcher::BeginSpan(const http::Request& request, State* state) const {
  if (!ports_.begin_span) return;
  const std::optional<observe::TraceContext> parent =
      observe::ParseTraceparent(request.headers.Find("traceparent").value_or(""));
  if (parent) state->parent_span_id = parent->span_id;
  state->trace = ports_.begin_span(parent);
}

http::Response Dispatcher::HandleError(int status, std::string_view reason) {
  ApiError error;
  error.status = status;
  error.error_code = status == 413   ? "FILE_TOO_LARGE"
                     : status == 503 ? "OVERLOADED"
                     : status == 408 ? "TIMEOUT"
                     : status == 405 ? "METHOD_NOT_ALLOWED"
                                     : "MALFORMED_REQUEST";
  error.message = reason;
  if (status == 503) error.retry_after_s = 1;
  State state;
  state.request_id = platform::NewToken(16);
  http::Response response = RenderError(error, Dialect::kRest, state.request_id, clock_->Now());
  if (status == 405) {
    // Of a method that no path has: what some of them have (RFC 9110, 15.5.6, wants the field).
    response.headers.Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  }
  http::Request nothing;
  Finish(nothing, state, &response);
  return response;
}

RouteTable::Found Dispatcher::FindRoute(const http::Request& request) const {
  RouteTable::Found found = routes_->Find(request.method, request.path);
  // Old clients put /api or /api/v1 before every path (spec API-11, C-42).
  for (const std::string_view prefix : {"/api/v1", "/api"}) {
    if (!found.allowed.empty() || found.route != nullptr) break;
    const std::string_view path = request.path;
    if (!path.starts_with(prefix) || !path.substr(prefix.size()).starts_with('/')) continue;
    found = routes_->Find(request.method, path.substr(prefix.size()));
    found.alias = true;
  }
  return found;
}

http::Response Dispatcher::Answer(http::Request& request, State* state) {
  const auto fail = [&](const ApiError& error) {
    return RenderError(error, state->dialect, state->request_id, clock_->Now());
  };
  if (!IsAllowedHost(options_.allowed_hosts, request.headers.Find("Host").value_or(""))) {
    return fail(BadRequest("INVALID_HOST", "This server does not answer under that host name."));
  }
  if (ports_.site) {
    if (std::optional<http::Response> page = ports_.site(request)) {
      state->site = true;
      return *std::move(page);
    }
  }
  state->found = FindRoute(request);
  if (state->found.route != nullptr) state->dialect = state->found.route->dialect;
  if (request.path.starts_with("/v1/")) state->dialect = Dialect::kOpenAi;
  const bool unrouted = state->found.route == nullptr;
  if (request.method == http::Method::kOptions && unrouted && !state->found.allowed.empty()) {
    http::Response response = http::Response::Text(204, "");
    response.headers.Set("Allow", AllowValue(state->found.allowed));
    return response;
  }
  if (unrouted && !state->found.allowed.empty()) {
    ApiError error = BadRequest("METHOD_NOT_ALLOWED", "This path does not have that method.");
    error.status = 405;
    http::Response response = fail(error);
    response.headers.Set("Allow", AllowValue(state->found.allowed));
    return response;
  }
  if (unrouted) return fail(NotFound("This path was"));

  const std::string& route = state->found.route->pattern;
  ports_.in_progress(route, 1);
  Call call{request,
            std::move(state->found.parameters),
            {},
            state->request_id,
            state->trace ? observe::FormatTraceparent(*state->trace) : std::string(),
            state->client_address,
            nullptr};
  Reply reply = Serve(&call, state);
  ports_.in_progress(route, -1);
  if (state->body && state->body->exceeded() && !reply.ok()) {
    return fail(TooLarge(*state->found.route->body_bytes_max));
  }
  if (state->body && state->body->late() && !reply.ok()) {
    return fail(TooSlow(options_.upload_timeout_ms));
  }
  return reply.ok() ? std::move(reply.response()) : fail(reply.error());
}

Reply Dispatcher::Serve(Call* call, State* state) {
  const Route& route = *state->found.route;
  if (std::optional<ApiError> error = CheckCaller(call, state)) return *std::move(error);
  std::vector<FieldError> wrong = CheckQuery(route, routes_->schemas(), call->request);
  if (!wrong.empty()) return Invalid(std::move(wrong));
  if (std::optional<ApiError> error = CheckBody(call, state)) return *std::move(error);
  return route.handler(*call);
}

std::optional<ApiError> Dispatcher::CheckCaller(Call* call, State* state) {
  const Route& route = *state->found.route;
  if (*route.permission != auth::Permission::kPublic) {
    auto who = ports_.authenticate(call->request, state->client_address);
    if (auto* error = std::get_if<ApiError>(&who)) return std::move(*error);
    state->principal = std::get<auth::Principal>(std::move(who));
    call->principal = state->principal;
  }
  if (*route.rate != RateClass::kNone) {
    state->rate = ports_.admit(*route.rate, state->principal, state->client_address);
    if (!state->rate.allowed) {
      ApiError error;
      error.status = 429;
      error.error_code = "RATE_LIMIT_EXCEEDED";
      error.openai_code = "rate_limit_exceeded";
      error.retry_after_s = std::max(1, state->rate.retry_after_s);
      error.message =
          fmt::format("Too many requests: at most {} in this period. Try again in {} s.",
                      state->rate.limit, *error.retry_after_s);
      return error;
    }
  }
  if (*route.permission == auth::Permission::kPublic) return std::nullopt;
  if (state->principal.must_change_password && !route.before_password_change) {
    return Forbidden("PASSWORD_CHANGE_REQUIRED",
                     "Change the password first: POST /auth/change-password.");
  }
  if (!state->principal.Has(*route.permission)) {
    return Forbidden("INSUFFICIENT_PERMISSIONS",
                     fmt::format("These credentials lack the permission {}.",
                                 auth::PermissionName(*route.permission)));
  }
  return std::nullopt;
}

std::optional<ApiError> Dispatcher::CheckBody(Call* call, State* state) {
  const Route& route = *state->found.route;
  const std::optional<std::int64_t> length = call->request.body->length();
  if (*route.body == BodyKind::kNone) return std::nullopt;  // What is sent anyway is not read.
  if (length && *length > *route.body_bytes_max) return TooLarge(*route.body_bytes_max);
  http::BodyDeadline deadline;
  if (options_.upload_timeout_ms > 0) {
    deadline = {clock_, state->started_at + options_.upload_timeout_ms};
  }
  state->body.emplace(call->request.body, *route.body_bytes_max, deadline);
  call->request.body = &*state->body;
  const std::optional<std::string_view> type = call->request.headers.Find("Content-Type");
  const bool wrong_type = type && !IsJsonType(*type);
  if (*route.body == BodyKind::kJsonText) {
    return wrong_type ? std::optional(NotJson()) : std::nullopt;
  }
  if (*route.body != BodyKind::kJson && *route.body != BodyKind::kOptionalJson) return std::nullopt;

  const Result<std::string> read = http::ReadAll(call->request.body, *route.body_bytes_max);
  if (!read.ok()) return FromStatus(read.status());
  const std::string& text = *read;
  if (text.empty() && *route.body == BodyKind::kOptionalJson) {
    call->json = std::make_shared<const nlohmann::json>(nlohmann::json::object());
    return std::nullopt;
  }
  if (wrong_type) return NotJson();
  JsonLimits limits;
  limits.bytes_max = static_cast<std::size_t>(*route.body_bytes_max);
  Result<nlohmann::json> parsed = ParseJson(text, limits);
  if (!parsed.ok()) return BadRequest("INVALID_JSON", parsed.status().message());
  std::vector<FieldError> wrong = routes_->schemas().Check(route.request_schema, *parsed, "body");
  if (!wrong.empty()) return Invalid(std::move(wrong));
  call->json = std::make_shared<const nlohmann::json>(*std::move(parsed));
  return std::nullopt;
}

void Dispatcher::AddCors(const http::Request& request, http::Response* response) const {
  const std::optional<std::string_view> origin = request.headers.Find("Origin");
  if (!origin) return;
  const bool named = Contains(options_.cors_origins, *origin);
  if (!named && !Contains(options_.cors_origins, "*")) return;
  http::Headers& headers = response->headers;
  // Every page may ask where the operator wrote *, but none in the name of who is signed in.
  headers.Set("Access-Control-Allow-Origin", named ? std::string(*origin) : "*");
  if (named) headers.Set("Access-Control-Allow-Credentials", "true");
  headers.Set("Access-Control-Expose-Headers",
              "X-Request-ID, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
              "X-RateLimit-Reset, Location, Upload-Offset, Upload-Length, Upload-Expires, "
              "Upload-Metadata, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, "
              "Tus-Checksum-Algorithm, X-Job-ID");
  headers.Add("Vary", "Origin");
  if (request.method != http::Method::kOptions) return;
  headers.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  headers.Set("Access-Control-Allow-Headers",
              "Authorization, Content-Type, X-API-Key, X-Request-ID, X-CSRF-Token, "
              "X-Requested-With, Idempotency-Key, Last-Event-ID, Range, If-None-Match, "
              "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, "
              "X-HTTP-Method-Override");
  headers.Set("Access-Control-Max-Age", "600");
}

void Dispatcher::Finish(const http::Request& request, const State& state,
                        http::Response* response) const {
  http::Headers& headers = response->headers;
  headers.Set("X-Request-ID", state.request_id);
  if (state.found.route != nullptr) {
    for (const auto& [name, value] : state.found.route->headers) headers.Set(name, value);
  }
  AddCors(request, response);
  if (!headers.Find("Cache-Control")) {
    const bool good = response->status < 400 && state.found.route != nullptr;
    headers.Set("Cache-Control",
                std::string(CacheValue(good ? *state.found.route->cache : CachePolicy::kNoStore)));
  }
  if (state.rate.limit > 0) {
    headers.Set("X-RateLimit-Limit", std::to_string(state.rate.limit));
    headers.Set("X-RateLimit-Remaining", std::to_string(state.rate.remaining));
    headers.Set("X-RateLimit-Reset", std::to_string(state.rate.reset_s));
  }
  if (state.found.alias) headers.Set("Deprecation", "true");
  if (!options_.content_security_policy) {
    headers.Remove("Content-Security-Policy");
  } else if (!headers.Find("Content-Security-Policy")) {
    headers.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (!options_.security_headers) return;
  headers.Set("X-Content-Type-Options", "nosniff");
  headers.Set("Referrer-Policy", "no-referrer");
  headers.Set("X-Frame-Options", "DENY");
  headers.Set("Cross-Origin-Opener-Policy", "same-origin");
  headers.Set("Cross-Origin-Resource-Policy",
              options_.cors_origins.empty() ? "same-origin" : "cross-origin");
  headers.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()");
  if (request.secure && options_.hsts_max_age_s > 0) {
    headers.Set("Strict-Transport-Security",
                fmt::format("max-age={}; includeSubDomains", options_.hsts_max_age_s));
  }
}

}  // namespace wt::api
