#include "apps/transcriber/remote/service_errors.h"

#include <fmt/format.h>

#include <string>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/utf8.h"

namespace wt::transcriber {
namespace {

// A server's own words, as far as they are shown.
constexpr std::size_t kWordsBytesMax = 1'000;

struct Words {
  std::string message;
  std::string code;
};

std::string TextOf(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string Shortened(const std::string& text) {
  return base::ReplaceInvalidUtf8(std::string_view(text).substr(0, kWordsBytesMax));
}

// application/problem+json, or the plain text of tus.
Words WordsOf(const HttpAnswer& answer) {
  Words words;
  const nlohmann::json json = base::JsonFromText(answer.body);
  if (!json.is_object()) {
    const bool plain = answer.Header("content-type").starts_with("text/plain");
    if (plain) words.message = Shortened(answer.body);
    return words;
  }
  words.message = Shortened(TextOf(json, "message"));
  if (words.message.empty()) words.message = Shortened(TextOf(json, "detail"));
  words.code = TextOf(json, "error_code");
  const auto fields = json.find("validation_errors");
  if (fields == json.end() || !fields->is_array()) return words;
  std::string list;
  for (const nlohmann::json& field : *fields) {
    if (!field.is_object() || list.size() > kWordsBytesMax) continue;
    list += (list.empty() ? "" : "; ") + TextOf(field, "field") + " " + TextOf(field, "message");
  }
  if (!list.empty()) words.message = Shortened(list);
  return words;
}

Status Unauthorised(const ServerAddress& address, const Words& words) {
  constexpr std::string_view kStep =
      "make a key in the web application or with POST /keys, and give it by --api-key-file or "
      "WHISPER_API_KEY";
  if (address.key.empty()) {
    return Status(StatusCode::kPermissionDenied,
                  fmt::format("{} asks for an API key; {}", address.url, kStep));
  }
  return Status(StatusCode::kPermissionDenied,
                fmt::format("{} does not take the API key ({}); {}", address.url,
                            words.message.empty() ? "401" : words.message, kStep));
}

Status Moved(const ServerAddress& address, const HttpAnswer& answer) {
  const std::string to = Shortened(std::string(answer.Header("location")));
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{} sends to another address ({}), which is not followed with a key; "
                            "give the right one by --server",
                            address.url, to.empty() ? "not said where" : to));
}

Status Busy(const ServerAddress& address, const HttpAnswer& answer, const Words& words) {
  const std::string why = words.message.empty() ? "" : ": " + words.message;
  const bool limit = answer.status == 429;
  const auto wait = answer.retry_after_s();
  return Status(
      limit ? StatusCode::kResourceExhausted : StatusCode::kUnavailable,
      fmt::format("{} {} ({}){}; try again {}", address.url,
                  limit ? "takes no more for now" : "cannot work on it now", answer.status, why,
                  wait && *wait > 0 ? fmt::format("in {} s", *wait) : "later"));
}

StatusCode CodeOfRefusal(const HttpAnswer& answer, const Words& words) {
  if (words.code == "INVALID_MODEL" || words.code == "MODEL_NOT_INSTALLED") {
    return StatusCode::kNotFound;
  }
  if (words.code == "UNSUPPORTED_MEDIA") return StatusCode::kUnsupported;
  if (words.code == "EMPTY_FILE" || words.code == "AUDIO_TOO_SMALL") {
    return StatusCode::kDataCorrupt;
  }
  if (answer.status == 507) return StatusCode::kResourceExhausted;
  return answer.status >= 500 ? StatusCode::kInternal : StatusCode::kInvalidArgument;
}

}  // namespace

Status ErrorOfAnswer(const ServerAddress& address, const HttpAnswer& answer) {
  const Words words = WordsOf(answer);
  switch (answer.status) {
    case 401: return Unauthorised(address, words);
    case 403:
      return Status(StatusCode::kPermissionDenied,
                    fmt::format("{} does not allow this with the key given: {}", address.url,
                                words.message.empty() ? "403" : words.message));
    case 404:
    case 405:
      if (!words.code.empty() || !words.message.empty()) break;
      return Status(StatusCode::kFailedPrecondition,
                    fmt::format("{} is no transcription server ({}); give the address at which "
                                "transcriber serve says that it is ready",
                                address.url, answer.status));
    case 413:
      return Status(
          StatusCode::kResourceExhausted,
          fmt::format("{} does not take a recording of this size{}; split it, or ask whoever runs "
                      "the server to raise its limit",
                      address.url, words.message.empty() ? "" : " (" + words.message + ")"));
    case 429:
    case 502:
    case 503:
    case 504: return Busy(address, answer, words);
    default: break;
  }
  if (answer.status >= 300 && answer.status < 400) return Moved(address, answer);
  return Status(CodeOfRefusal(answer, words),
                words.message.empty()
                    ? fmt::format("{} answered with status {}", address.url, answer.status)
                    : words.message);
}

Status ErrorOfConnection(const ServerAddress& address, const Status& fault) {
  if (fault.code() == StatusCode::kInvalidArgument) {
    return Status(fault.code(),
                  fmt::format("{}: {}; check the address and the server's certificate", address.url,
                              fault.message()));
  }
  if (fault.code() != StatusCode::kUnavailable) return fault;
  return Status(fault.code(),
                fmt::format("{} cannot be reached: {}; check the address, and that the server runs",
                            address.url, fault.message()));
}

Status ErrorOfJob(const HttpAnswer& answer) {
  const nlohmann::json json = base::JsonFromText(answer.body);
  if (!json.is_object()) {
    return Status(StatusCode::kInternal, "the job failed, and the server does not say why");
  }
  const std::string code = TextOf(json, "error_code");
  const std::string message = Shortened(TextOf(json, "error_message"));
  StatusCode status = StatusCode::kInternal;
  if (code == "AUDIO_NOT_READABLE") status = StatusCode::kDataCorrupt;
  if (code == "MODEL_NOT_AVAILABLE") status = StatusCode::kNotFound;
  if (code == "OPTIONS_NOT_POSSIBLE") status = StatusCode::kInvalidArgument;
  if (code == "AUDIO_TOO_LARGE" || code == "OUT_OF_RESOURCES") {
    status = StatusCode::kResourceExhausted;
  }
  return Status(
      status, message.empty() ? "the job failed on the server (" + Shortened(code) + ")" : message);
}

}  // namespace wt::transcriber
