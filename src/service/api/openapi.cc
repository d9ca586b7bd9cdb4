#include "service/api/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

std::string LowerMethod(http::Method method) {
  std::string name(http::MethodName(method));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

Json Reference(const std::string& schema) {
  return Json{{"$ref", "#/components/schemas/" + schema}};
}

Json PathParameters(std::string_view pattern) {
  Json list = Json::array();
  for (std::size_t open = pattern.find('{'); open != std::string_view::npos;
       open = pattern.find('{', open + 1)) {
    const std::string name(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
    list.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  return list;
}

std::string_view BodyType(BodyKind kind) {
  switch (kind) {
    case BodyKind::kForm: return "application/x-www-form-urlencoded";
    case BodyKind::kMultipart: return "multipart/form-data";
    case BodyKind::kRaw: return "application/octet-stream";
    default: return "application/json";
  }
}

Json RequestBody(const Route& route) {
  Json schema = route.request_schema.empty() ? Json{{"type", "string"}, {"format", "binary"}}
                                             : Reference(route.request_schema);
  Json body;
  body["required"] = route.body != BodyKind::kOptionalJson;
  body["content"][std::string(BodyType(*route.body))]["schema"] = std::move(schema);
  return body;
}

std::set<int> ErrorStatuses(const Route& route) {
  std::set<int> all(route.errors.begin(), route.errors.end());
  all.insert({400, 405, 500});
  if (*route.permission != auth::Permission::kPublic) all.insert({401, 403});
  if (*route.rate != RateClass::kNone) all.insert({429, 503});
  if (*route.body != BodyKind::kNone) all.insert({408, 413, 415, 422});
  if (!route.query.empty()) all.insert(422);
  if (route.pattern.find('{') != std::string::npos) all.insert(404);
  return all;
}

Json Responses(const Route& route) {
  Json responses;
  Json& good = responses[std::to_string(route.success_status)];
  good["description"] = "Done";
  if (!route.response_schema.empty()) {
    good["content"][route.response_type]["schema"] = Reference(route.response_schema);
  } else if (route.success_status != 204 && route.success_status != 101) {
    good["content"][route.response_type]["schema"] = Json{{"type", "string"}};
  }
  const bool openai = route.dialect == Dialect::kOpenAi;
  for (const int status : ErrorStatuses(route)) {
    Json& bad = responses[std::to_string(status)];
    bad["description"] = "Error";
    bad["content"][openai ? "application/json" : "application/problem+json"]["schema"] =
        Reference(openai ? "OpenAiError" : "Problem");
  }
  return responses;
}

Json Operation(const Route& route, std::string_view pattern, bool alias) {
  Json operation;
  operation["operationId"] = alias
                                 ? fmt::format("{}_{:08x}", route.operation,
                                               std::hash<std::string_view>{}(pattern) & 0xFFFFFFFFU)
                                 : route.operation;
  operation["summary"] = route.summary;
  operation["tags"] = Json::array({route.tag});
  if (alias) {
    operation["deprecated"] = true;
    operation["description"] = "Another name of " + route.pattern + ".";
  }
  Json parameters = PathParameters(pattern);
  for (const QueryField& field : route.query) {
    parameters.push_back({{"name", field.name},
                          {"in", "query"},
                          {"description", field.description},
                          {"schema", Json::parse(field.schema_json)}});
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (*route.body != BodyKind::kNone) operation["requestBody"] = RequestBody(route);
  operation["responses"] = Responses(route);
  if (*route.permission == auth::Permission::kPublic) {
    operation["security"] = Json::array();
  } else {
    operation["x-permission"] = auth::PermissionName(*route.permission);
  }
  if (route.body_bytes_max > 0) operation["x-body-bytes-max"] = *route.body_bytes_max;
  return operation;
}

}  // namespace

std::string MakeOpenApi(const RouteTable& table, std::string_view version) {
  Json document;
  document["openapi"] = "3.1.0";
  document["info"] = {{"title", "Whisper Transcriber"},
                      {"version", version},
                      {"description",
                       "Recordings in, text with true times out. Errors of /v1 have the shape of "
                       "the OpenAI API, all others that of Problem."}};
  document["security"] = Json::array({Json{{"bearer", Json::array()}}, Json{{"key", Json::array()}},
                                      Json{{"cookie", Json::array()}}});
  Json& paths = document["paths"];
  for (const Route& route : table.routes()) {
    const std::string method = LowerMethod(route.method);
    paths[route.pattern][method] = Operation(route, route.pattern, false);
    for (const std::string& alias : route.aliases) {
      paths[alias][method] = Operation(route, alias, true);
    }
  }
  Json& components = document["components"];
  for (const std::string& name : table.schemas().names()) {
    components["schemas"][name] = Json(table.schemas().Get(name));
  }
  components["securitySchemes"] = {
      {"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
      {"key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}},
      {"cookie", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "auth_token"}}}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wt::api
