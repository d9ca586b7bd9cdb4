#include "service/api/error.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

struct StatusRow {
  StatusCode code;
  int http;
  std::string_view error_code;
};

// kCancelled is answered only when the server itself stops: the client may try another one.
constexpr StatusRow kStatusRows[] = {
    {StatusCode::kCancelled, 503, "CANCELLED"},
    {StatusCode::kInvalidArgument, 400, "INVALID_REQUEST"},
    {StatusCode::kFailedPrecondition, 409, "CONFLICT"},
    {StatusCode::kNotFound, 404, "RESOURCE_NOT_FOUND"},
    {StatusCode::kAlreadyExists, 409, "ALREADY_EXISTS"},
    {StatusCode::kPermissionDenied, 403, "INSUFFICIENT_PERMISSIONS"},
    {StatusCode::kResourceExhausted, 503, "RESOURCE_EXHAUSTED"},
    {StatusCode::kDataCorrupt, 400, "INVALID_FORMAT"},
    {StatusCode::kUnsupported, 400, "UNSUPPORTED"},
    {StatusCode::kUnavailable, 503, "UNAVAILABLE"},
    {StatusCode::kDeadlineExceeded, 408, "TIMEOUT"},
    {StatusCode::kAborted, 409, "CONFLICT"},
};

constexpr int kRetryAfterSeconds = 5;

std::string_view OpenAiType(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 404: return "invalid_request_error";
    case 429: return "rate_limit_error";
    default: return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

Json OpenAiBody(const ApiError& error) {
  std::string message = error.message;
  for (const FieldError& field : error.fields) message += " " + field.field + ": " + field.message;
  Json inner;
  inner["message"] = message;
  inner["type"] = OpenAiType(error.status);
  const std::string param =
      error.param.empty() && !error.fields.empty() ? error.fields.front().field : error.param;
  inner["param"] = param.empty() ? Json() : Json(param);
  inner["code"] = error.openai_code.empty() ? Json() : Json(error.openai_code);
  return Json{{"error", std::move(inner)}};
}

Json RestBody(const ApiError& error, std::string_view request_id, base::UnixMillis now) {
  Json body;
  body["detail"] = error.message;
  body["error_code"] = error.error_code;
  if (error.code) body["code"] = *error.code;
  body["message"] = error.message;
  body["timestamp"] = base::FormatTime(now);
  body["request_id"] = request_id;
  if (!error.fields.empty()) {
    Json list = Json::array();
    for (const FieldError& field : error.fields) {
      list.push_back({{"field", field.field}, {"message", field.message}});
    }
    body["validation_errors"] = std::move(list);
  }
  for (const auto& [name, json] : error.extra_json) body[name] = base::OrderedJsonFromText(json);
  return body;
}

}  // namespace

ApiError FromStatus(const Status& status) {
  ApiError error;
  error.error_code = "INTERNAL_ERROR";
  error.message =
      "Something went wrong on the server. Try again; if it stays, tell the "
      "administrator the request id.";
  for (const StatusRow& row : kStatusRows) {
    if (row.code != status.code()) continue;
    error.status = row.http;
    error.error_code = row.error_code;
    error.message = status.message();
  }
  if (error.status == 503) error.retry_after_s = kRetryAfterSeconds;
  return error;
}

ApiError NotFound(std::string_view what) {
  ApiError error;
  error.status = 404;
  error.error_code = "RESOURCE_NOT_FOUND";
  error.message = std::string(what) + " not found";
  return error;
}

ApiError Unauthorized(std::string_view message) {
  ApiError error;
  error.status = 401;
  error.error_code = "AUTHENTICATION_REQUIRED";
  error.message = message;
  error.openai_code = "invalid_api_key";
  return error;
}

ApiError Forbidden(std::string_view error_code, std::string_view message) {
  ApiError error;
  error.status = 403;
  error.error_code = error_code;
  error.message = message;
  return error;
}

ApiError BadRequest(std::string_view error_code, std::string_view message) {
  ApiError error;
  error.status = 400;
  error.error_code = error_code;
  error.message = message;
  return error;
}

ApiError Conflict(std::string_view error_code, std::string_view message) {
  ApiError error;
  error.status = 409;
  error.error_code = error_code;
  error.message = message;
  return error;
}

ApiError Invalid(std::vector<FieldError> fields) {
  ApiError error;
  error.status = 422;
  error.error_code = "VALIDATION_ERROR";
  error.message = "The request has fields that cannot be accepted.";
  error.fields = std::move(fields);
  return error;
}

http::Response RenderError(const ApiError& error, Dialect dialect, std::string_view request_id,
                           base::UnixMillis now) {
  const bool openai = dialect == Dialect::kOpenAi;
  const Json body = openai ? OpenAiBody(error) : RestBody(error, request_id, now);
  http::Response response =
      http::Response::Text(error.status, base::JsonToText(body),
                           openai ? "application/json" : "application/problem+json");
  for (const auto& [name, value] : error.headers) response.headers.Add(name, value);
  if (error.retry_after_s) {
    response.headers.Set("Retry-After", std::to_string(*error.retry_after_s));
  }
  if (error.status == 401) response.headers.Set("WWW-Authenticate", "Bearer");
  // Official OpenAI clients retry 408, 409, 429 and 5xx by themselves (section 4): a conflict or a
  // permanent fault would only be uploaded again.
  if (openai && !error.retry_after_s) response.headers.Set("x-should-retry", "false");
  return response;
}

}  // namespace wt::api
