#include "service/api/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "service/api/openapi_examples.h"

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

Json RequestBody(const Route& route, const Schemas& schemas) {
  Json schema = route.request_schema.empty() ? Json{{"type", "string"}, {"format", "binary"}}
                                             : Reference(route.request_schema);
  Json body;
  body["required"] = route.body != BodyKind::kOptionalJson;
  Json& content = body["content"][std::string(BodyType(*route.body))];
  content["schema"] = std::move(schema);
  if (!route.request_schema.empty()) {
    content["example"] =
        MakeExample(schemas, schemas.Get(route.request_schema), ExampleOf::kRequest);
  }
  return body;
}

std::set<int> ErrorStatuses(const Route& route) {
  std::set<int> all(route.errors.begin(), route.errors.end());
  all.insert({400, 405, 414, 431, 500});
  if (*route.permission != auth::Permission::kPublic) all.insert({401, 403});
  if (*route.rate != RateClass::kNone) all.insert({429, 503});
  if (*route.body != BodyKind::kNone) all.insert({408, 413, 415, 422});
  if (!route.query.empty()) all.insert(422);
  if (route.pattern.find('{') != std::string::npos) all.insert(404);
  return all;
}

/// What limits say about themselves (spec API-10).
Json LimitHeaders(bool refused) {
  Json headers;
  for (const char* name : {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}) {
    headers[name] = {{"$ref", std::string("#/components/headers/") + name}};
  }
  if (refused) headers["Retry-After"] = {{"$ref", "#/components/headers/Retry-After"}};
  return headers;
}

Json HeaderComponents() {
  const std::pair<const char*, const char*> all[] = {
      {"X-RateLimit-Limit", "Requests that may come at once. Absent where limits are off."},
      {"X-RateLimit-Remaining", "Requests that may still come now."},
      {"X-RateLimit-Reset", "Seconds until all of them may come again."},
      {"Retry-After", "Seconds to wait before the next request."}};
  Json headers;
  for (const auto& [name, description] : all) {
    headers[name] = {{"description", description}, {"schema", {{"type", "integer"}}}};
  }
  return headers;
}

/// The names of docs/api.md.
std::string_view RateName(RateClass rate) {
  switch (rate) {
    case RateClass::kNone: return "none";
    case RateClass::kGeneral: return "general";
    case RateClass::kAdmin: return "admin";
    case RateClass::kLogin: return "login";
    case RateClass::kUpload: return "upload";
    case RateClass::kUploadChunk: return "upload_chunk";
    case RateClass::kOpenAi: return "openai";
  }
  return "none";
}

Json Responses(const Route& route, const Schemas& schemas) {
  Json responses;
  Json& good = responses[std::to_string(route.success_status)];
  good["description"] = "Done";
  if (!route.response_schema.empty()) {
    Json& content = good["content"][route.response_type];
    content["schema"] = Reference(route.response_schema);
    content["example"] =
        MakeExample(schemas, schemas.Get(route.response_schema), ExampleOf::kResponse);
  } else if (route.success_status != 204 && route.success_status != 101) {
    // Of JSON without a schema nothing is promised but that it is JSON.
    const bool json = route.response_type == "application/json";
    good["content"][route.response_type]["schema"] =
        json ? Json::object() : Json{{"type", "string"}};
  }
  for (const std::string& type : route.other_response_types) {
    good["content"][type]["schema"] = Json{{"type", "string"}};
  }
  const bool limited = *route.rate != RateClass::kNone;
  if (limited) good["headers"] = LimitHeaders(false);
  const bool openai = route.dialect == Dialect::kOpenAi;
  const std::string schema = openai ? "OpenAiError" : "Problem";
  for (const int status : ErrorStatuses(route)) {
    Json& bad = responses[std::to_string(status)];
    bad["description"] = "Error";
    Json& content = bad["content"][openai ? "application/json" : "application/problem+json"];
    content["schema"] = Reference(schema);
    // Clients of tus read texts.
    if (status == 412) bad["content"]["text/plain"]["schema"] = Json{{"type", "string"}};
    if (status == 429) bad["headers"] = LimitHeaders(true);
  }
  return responses;
}

Json Operation(const Route& route, std::string_view pattern, bool alias, const Schemas& schemas) {
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
                          {"schema", base::OrderedJsonFromText(field.schema_json)}});
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (*route.body != BodyKind::kNone) operation["requestBody"] = RequestBody(route, schemas);
  operation["responses"] = Responses(route, schemas);
  operation["x-rate-limit"] = RateName(*route.rate);
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
    paths[route.pattern][method] = Operation(route, route.pattern, false, table.schemas());
    for (const std::string& alias : route.aliases) {
      paths[alias][method] = Operation(route, alias, true, table.schemas());
    }
  }
  Json& components = document["components"];
  for (const std::string& name : table.schemas().names()) {
    Json& schema = components["schemas"][name];
    schema = Json(table.schemas().Get(name));
    // Errors of all routes refer to these two; the others stand beside their routes.
    if (name == "Problem" || name == "OpenAiError") {
      schema["examples"] = Json::array(
          {MakeExample(table.schemas(), table.schemas().Get(name), ExampleOf::kResponse)});
    }
  }
  components["headers"] = HeaderComponents();
  components["securitySchemes"] = {
      {"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
      {"key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}},
      {"cookie", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "auth_token"}}}};
  return base::JsonToText(document);
}

}  // namespace wt::api
