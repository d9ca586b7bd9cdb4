#include "service/api/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json_text.h"

namespace wt::api {
namespace {

using nlohmann::json;

std::string NameOf(const Route& route) {
  return fmt::format("{} {}", http::MethodName(route.method), route.pattern);
}

/// What is wrong with the body's declaration, or empty.
std::string_view WrongBody(const Route& route) {
  const bool none = route.body == BodyKind::kNone;
  if (none && *route.body_bytes_max != 0) return "a limit but no body";
  if (!none && *route.body_bytes_max <= 0) return "no limit of its body";
  const bool has_json = route.body == BodyKind::kJson || route.body == BodyKind::kOptionalJson ||
                        route.body == BodyKind::kJsonText;
  if (has_json && route.request_schema.empty()) return "no schema of its body";
  const bool options = route.method == http::Method::kOptions;
  if ((options || route.method == http::Method::kHead) && !none) return "a method without a body";
  // A browser's preflight carries no credentials, whatever the real request will.
  if (options && route.permission != auth::Permission::kPublic) return "OPTIONS that is not public";
  return {};
}

/// What is missing, or empty.
std::string_view Open(const Route& route) {
  if (!route.handler) return "no handler";
  if (!route.permission) return "no permission";
  if (!route.body) return "no kind of body";
  if (!route.body_bytes_max) return "no limit of its body";
  if (!route.rate) return "no rate class";
  if (!route.cache) return "no cache policy";
  if (!route.audit_event) return "no audit event";
  if (route.operation.empty() || route.summary.empty() || route.tag.empty()) {
    return "no operation, summary or tag";
  }
  return WrongBody(route);
}

/// Text of a query value as JSON of the schema's type; the text itself where it does not fit, so
/// that the check words the error.
json QueryToJson(const std::string& text, const json& schema) {
  const std::string type = schema.value("type", "string");
  if (type == "boolean") {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  }
  const char* end = text.data() + text.size();
  if (type == "integer") {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc() && parsed.ptr == end && !text.empty()) return value;
  }
  if (type == "number") {
    double value = 0;
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc() && parsed.ptr == end && !text.empty()) return value;
  }
  return text;
}

}  // namespace

const std::string& Call::Parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  WT_CHECK(found != parameters.end());
  return found->second;
}

std::string Call::Query(std::string_view name) const {
  return std::string(request.QueryValue(name).value_or(""));
}

Route PlainRoute(http::Method method, std::string pattern, std::string operation,
                 std::string summary, std::string tag, auth::Permission permission,
                 HandlerFunction handler) {
  Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.operation = std::move(operation);
  route.summary = std::move(summary);
  route.tag = std::move(tag);
  route.permission = permission;
  route.body = BodyKind::kNone;
  route.body_bytes_max = 0;
  const bool administration = permission == auth::Permission::kAdmin;
  route.rate = administration ? RateClass::kAdmin : RateClass::kGeneral;
  route.cache = CachePolicy::kNoStore;
  route.audit_event = "";
  route.handler = std::move(handler);
  return route;
}

void RouteTable::Add(Route route) { routes_.push_back(std::move(route)); }

Status RouteTable::Build() {
  std::set<std::string> operations;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    if (const std::string_view fault = Open(route); !fault.empty()) {
      return Status(StatusCode::kInvalidArgument, fmt::format("{}: {}", NameOf(route), fault));
    }
    if (!operations.insert(route.operation).second) {
      return Status(StatusCode::kAlreadyExists, NameOf(route) + ": its operation is taken");
    }
    for (const std::string& name : {route.request_schema, route.response_schema}) {
      if (!name.empty() && !schemas_.Has(name)) {
        return Status(StatusCode::kInvalidArgument, NameOf(route) + ": no schema is named " + name);
      }
    }
    for (std::size_t pattern = 0; pattern <= route.aliases.size(); ++pattern) {
      const std::string& text = pattern == 0 ? route.pattern : route.aliases[pattern - 1];
      const Status added = router_.Add(route.method, text, static_cast<int>(targets_.size()));
      if (!added.ok()) return added.WithContext(NameOf(route) + " as " + text);
      targets_.emplace_back(i, pattern > 0);
    }
  }
  return schemas_.CheckReferences();
}

RouteTable::Found RouteTable::Find(http::Method method, std::string_view path) const {
  http::RouteMatch match = router_.Find(method, path);
  Found found;
  found.allowed = std::move(match.allowed);
  if (match.route < 0) return found;
  const auto& [index, alias] = targets_[static_cast<std::size_t>(match.route)];
  found.route = &routes_[index];
  found.alias = alias;
  found.parameters = std::move(match.parameters);
  return found;
}

std::vector<FieldError> CheckQuery(const Route& route, const Schemas& schemas,
                                   const http::Request& request) {
  std::vector<FieldError> errors;
  for (const QueryField& field : route.query) {
    const std::optional<std::string_view> text = request.QueryValue(field.name);
    if (!text) continue;
    const json schema = base::JsonFromText(field.schema_json);
    const auto wrong =
        schemas.CheckValue(schema, QueryToJson(std::string(*text), schema), "query." + field.name);
    errors.insert(errors.end(), wrong.begin(), wrong.end());
  }
  return errors;
}

}  // namespace wt::api
