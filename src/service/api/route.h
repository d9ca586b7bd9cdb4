// One table of routes: what answers, who may call, how much a body may hold, how often, what caches
// may keep, what the audit records. The router, the dispatcher's checks and the published OpenAPI
// document all come from it. Build() refuses a route that leaves one of these open, so that nothing
// is served by accident (spec AUTH-22, T14).
//
// Built once at the start, then const: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "service/api/error.h"
#include "service/api/schema.h"
#include "service/auth/principal.h"
#include "service/http/message.h"
#include "service/http/router.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

/// What a call brings, after the dispatcher's checks.
struct Call {
  http::Request& request;
  /// Decoded path parameters.
  std::vector<std::pair<std::string, std::string>> parameters;
  auth::Principal principal;
  std::string request_id;
  /// W3C trace context of this call's span; empty without tracing.
  std::string traceparent;
  /// The client as trusted proxies name it, else the socket's peer.
  std::string client_address;
  /// Parsed and checked when the route has a JSON body; else null.
  std::shared_ptr<const nlohmann::json> json;

  /// REQUIRES: the pattern has it.
  const std::string& Parameter(std::string_view name) const;
  /// Query value; empty when absent.
  std::string Query(std::string_view name) const;
};

using HandlerFunction = std::function<Reply(Call&)>;

/// kJsonText: JSON that the handler reads itself, because it is larger than a tree should be.
enum class BodyKind : std::uint8_t {
  kNone,
  kJson,
  kOptionalJson,
  kJsonText,
  kForm,
  kMultipart,
  kRaw
};
/// Classes of the rate table (spec C-20). kNone: health probes only.
/// kAdmin: administration; what administrators do besides is as general as anybody's.
/// kUploadChunk: parts of an upload, many by nature.
enum class RateClass : std::uint8_t {
  kNone,
  kGeneral,
  kAdmin,
  kLogin,
  kUpload,
  kUploadChunk,
  kOpenAi
};
enum class CachePolicy : std::uint8_t {
  /// Private data and everything that changes: "private, no-store".
  kNoStore,
  /// The client may keep it and asks again with its ETag: "private, no-cache".
  kRevalidate,
  /// Content-hashed assets.
  kImmutable,
};

struct QueryField {
  std::string name;
  /// A schema for one value; arrives as text. Types: string, integer, number, boolean.
  std::string schema_json;
  std::string description;
};

struct Route {
  http::Method method = http::Method::kGet;
  std::string pattern;
  /// "listJobs": unique, for OpenAPI and generated clients.
  std::string operation;
  std::string summary;
  /// Group in the documents.
  std::string tag;
  Dialect dialect = Dialect::kRest;
  // Each of the following must be set.
  std::optional<auth::Permission> permission;
  std::optional<BodyKind> body;
  std::optional<std::int64_t> body_bytes_max;
  std::optional<RateClass> rate;
  std::optional<CachePolicy> cache;
  /// Slug of spec 41; "" records nothing, but must be said.
  std::optional<std::string> audit_event;

  std::vector<QueryField> query;
  /// Component names. Multipart and form bodies have one too.
  std::string request_schema;
  std::string response_schema;
  std::string response_type = "application/json";
  /// What else the reply may be, as text or bytes: by the format asked for, or as it was sent.
  std::vector<std::string> other_response_types = {};
  int success_status = 200;
  /// Listed in the document, beside those that every route may give.
  std::vector<int> errors;
  /// Fields of every reply, errors included.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Answers while a password change is due.
  bool before_password_change = false;
  HandlerFunction handler;
  /// Other patterns with the same method: spec R-2.
  std::vector<std::string> aliases;
};

/// What most routes are: no body, general rate (administration's where only administrators may call
/// it), nothing cached, nothing in the audit record. Who may call it has no default. What is
/// different is set on the result.
Route PlainRoute(http::Method method, std::string pattern, std::string operation,
                 std::string summary, std::string tag, auth::Permission permission,
                 HandlerFunction handler);

class RouteTable {
 public:
  /// Takes a route; mistakes are found by Build.
  void Add(Route route);
  /// kInvalidArgument names the first route that leaves something open, clashes with another, or
  /// refers to an unknown schema.
  Status Build();

  struct Found {
    const Route* route = nullptr;
    bool alias = false;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<http::Method> allowed;
  };
  /// REQUIRES: Build() was ok. A HEAD request finds the GET route where HEAD has none of its own.
  Found Find(http::Method method, std::string_view path) const;

  Schemas& schemas() { return schemas_; }
  const Schemas& schemas() const { return schemas_; }
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  /// Index into routes_ and whether by an alias, by the router's number.
  std::vector<std::pair<std::size_t, bool>> targets_;
  http::Router router_;
  Schemas schemas_;
};

/// What is wrong with the query: unknown names are accepted (clients add their own), known ones
/// are checked against their schema.
std::vector<FieldError> CheckQuery(const Route& route, const Schemas& schemas,
                                   const http::Request& request);

}  // namespace wt::api
