// What goes wrong in a call, in the words of the API, and the bodies it becomes.
//
// One shape for every REST error (spec API-01, C-37): {detail, error_code, code?, message,
// timestamp, request_id, validation_errors?}, served as application/problem+json; one for /v1
// (50-api-dialects.md, section 4): {error: {message, type, param, code}}. Only public texts go in:
// a Status contributes its message, never its detail. Values and pure functions: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "service/http/message.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct FieldError {
  /// "body.temperature", "query.limit".
  std::string field;
  std::string message;
};

struct ApiError {
  int status = 500;
  /// Upper-case slug of the REST API, "VALIDATION_ERROR".
  std::string error_code;
  std::string message;
  /// The numeric code of old clients (API-02), 40001 and so on.
  std::optional<int> code;
  std::vector<FieldError> fields;
  /// Seconds; sent as Retry-After.
  std::optional<int> retry_after_s;
  /// Of the OpenAI dialect: "model_not_found", and the field it is about.
  std::string openai_code;
  std::string param;
  /// "list", "of" more members that a client may show (allowed models, say).
  std::vector<std::pair<std::string, std::string>> extra_json;
  /// Header fields of the reply.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// The one place where library codes become HTTP. kInternal and unknown details become a plain 500.
ApiError FromStatus(const Status& status);

ApiError NotFound(std::string_view what);
ApiError Unauthorized(std::string_view message);
ApiError Forbidden(std::string_view error_code, std::string_view message);
ApiError BadRequest(std::string_view error_code, std::string_view message);
ApiError Conflict(std::string_view error_code, std::string_view message);
ApiError Invalid(std::vector<FieldError> fields);

/// How a route's errors look.
enum class Dialect : std::uint8_t { kRest, kOpenAi };

http::Response RenderError(const ApiError& error, Dialect dialect, std::string_view request_id,
                           base::UnixMillis now);

/// What a handler gives back.
class Reply {
 public:
  Reply(http::Response response) : state_(std::move(response)) {}  // NOLINT
  Reply(ApiError error) : state_(std::move(error)) {}              // NOLINT
  Reply(const Status& failure) : state_(FromStatus(failure)) {}    // NOLINT
  bool ok() const { return std::holds_alternative<http::Response>(state_); }
  http::Response& response() { return std::get<http::Response>(state_); }
  const ApiError& error() const { return std::get<ApiError>(state_); }

 private:
  std::variant<http::Response, ApiError> state_;
};

}  // namespace wt::api
