#include "service/observe/traces/otlp.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace wt::observe {
namespace {

using nlohmann::json;

constexpr long kConnectTimeoutMs = 2'000;
constexpr long kTimeoutMs = 10'000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;
// OTLP's Status.StatusCode.
constexpr int kStatusError = 2;

json Attribute(const std::string& key, const SpanValue& value) {
  json typed;
  if (const auto* text = std::get_if<std::string>(&value)) {
    typed["stringValue"] = *text;
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    typed["intValue"] = std::to_string(*number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    typed["doubleValue"] = *real;
  } else {
    typed["boolValue"] = std::get<bool>(value);
  }
  return {{"key", key}, {"value", std::move(typed)}};
}

json SpanJson(const Span& span) {
  json out = {{"traceId", span.context.trace_id},
              {"spanId", span.context.span_id},
              {"name", span.name},
              {"kind", static_cast<int>(span.kind)},
              {"startTimeUnixNano", std::to_string(span.start * kNanosPerMilli)},
              {"endTimeUnixNano", std::to_string(std::max(span.start, span.end) * kNanosPerMilli)},
              {"attributes", json::array()}};
  if (!span.parent_span_id.empty()) out["parentSpanId"] = span.parent_span_id;
  for (const auto& [key, value] : span.attributes) {
    out["attributes"].push_back(Attribute(key, value));
  }
  if (!span.error.empty()) out["status"] = {{"code", kStatusError}, {"message", span.error}};
  return out;
}

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What a collector says is of no interest, and must not fill the memory.
std::size_t IgnoreBody(char*, std::size_t size, std::size_t count, void*) { return size * count; }

class CurlSender : public OtlpSender {
 public:
  explicit CurlSender(const TracerOptions& options) : url_(options.endpoint) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    while (url_.ends_with('/')) url_.pop_back();
    url_ += "/v1/traces";
    Append("Content-Type: application/json");
    for (const auto& [name, value] : options.headers) Append(name + ": " + value);
    curl_.reset(curl_easy_init());
  }

  Status Send(const std::string& body) override {
    if (curl_ == nullptr) return Status(StatusCode::kUnavailable, "libcurl has no memory");
    CURL* const curl = curl_.get();
    std::array<char, CURL_ERROR_SIZE> reason{};
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, IgnoreBody);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason.data());
    const CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
    if (code != CURLE_OK) {
      return Status(StatusCode::kUnavailable,
                    url_ + ": " + (reason[0] != '\0' ? reason.data() : curl_easy_strerror(code)));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return Status();
    const bool passing = status == 429 || status == 502 || status == 503 || status == 504;
    return Status(passing ? StatusCode::kUnavailable : StatusCode::kInvalidArgument,
                  url_ + " answered with the status " + std::to_string(status));
  }

 private:
  void Append(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }

  std::string url_;
  std::unique_ptr<curl_slist, ListDeleter> headers_;
  std::unique_ptr<CURL, EasyDeleter> curl_;
};

}  // namespace

std::string EncodeSpans(const TracerOptions& options, std::span<const Span> spans) {
  json list = json::array();
  for (const Span& span : spans) list.push_back(SpanJson(span));
  const json resource = {{"attributes",
                          {Attribute("service.name", options.service_name),
                           Attribute("service.version", options.service_version),
                           Attribute("process.pid", static_cast<std::int64_t>(::getpid()))}}};
  const json scope = {{"name", "whisper-transcriber"}, {"version", options.service_version}};
  const json body = {
      {"resourceSpans",
       {{{"resource", resource}, {"scopeSpans", {{{"scope", scope}, {"spans", list}}}}}}}};
  // Names and errors may hold what users sent: damaged UTF-8 is replaced, not refused.
  return base::JsonToText(body);
}

std::unique_ptr<OtlpSender> OtlpSender::Create(const TracerOptions& options) {
  return std::make_unique<CurlSender>(options);
}

}  // namespace wt::observe
