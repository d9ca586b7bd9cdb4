#include "models/net/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>
#include <utility>

#include "base/status_macros.h"

namespace wt::net {
namespace {

constexpr long kStallBytesPerSecond = 1'000;
constexpr std::size_t kHeaderLineBytesMax = 16 * 1024;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct UrlDeleter {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};

/// curl_global_init must run once, and before any other thread uses libcurl.
bool EnsureCurl() {
  static std::once_flag once;
  static bool ready = false;
  std::call_once(once, [] { ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; });
  return ready;
}

struct Transfer {
  HttpReceiver* receiver = nullptr;
  const base::CancelFlag* cancel = nullptr;
  CURL* handle = nullptr;
  HttpHead head;
  bool head_given = false;
  Status status;  // The receiver's error, if any.
};

std::string_view Trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

bool SameHeader(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
  });
}

std::int64_t NumberOr(std::string_view text, std::int64_t other) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 ? value : other;
}

bool IsThisMachine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host == "::1";
}

Status GiveHead(Transfer* transfer) {
  if (transfer->head_given) return Status();
  transfer->head_given = true;
  long status = 0;
  curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
  transfer->head.status = static_cast<int>(status);
  return transfer->receiver->OnHead(transfer->head);
}

// libcurl calls these from C: no exception may pass, and a short count ends the transfer.
std::size_t OnHeaderLine(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (line.size() > kHeaderLineBytesMax) return 0;
  // Each answer, also one that redirects, begins with a status line.
  if (line.starts_with("HTTP/")) transfer->head = HttpHead();
  ParseHeaderLine(line, &transfer->head);
  return line.size();
}

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  transfer->status = GiveHead(transfer);
  if (transfer->status.ok()) {
    transfer->status =
        transfer->receiver->OnBytes({reinterpret_cast<const std::byte*>(data), bytes});
  }
  return transfer->status.ok() ? bytes : 0;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return base::Cancelled(static_cast<Transfer*>(user)->cancel) ? 1 : 0;
}

void Configure(const HttpRequest& request, const HttpOptions& options, CURL* curl,
               curl_slist* headers, Transfer* transfer, char* error_text) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "whisper-transcriber/0.1");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(options.redirects_max));
  const bool plain = request.url.starts_with("http://");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, plain ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout_ms));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kStallBytesPerSecond);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout_s));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (request.offset > 0) {
    // Not CURLOPT_RESUME_FROM: that fails when the server sends the whole (200) instead.
    curl_easy_setopt(curl, CURLOPT_RANGE, (std::to_string(request.offset) + "-").c_str());
  }
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeaderLine);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
}

Status ToStatus(CURLcode code, const HttpRequest& request, const char* error_text) {
  const std::string reason = *error_text != '\0' ? error_text : curl_easy_strerror(code);
  switch (code) {
    case CURLE_OK: return Status();
    case CURLE_ABORTED_BY_CALLBACK: return Status(StatusCode::kCancelled, "cancelled");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
      return Status(StatusCode::kInvalidArgument, request.url + ": " + reason);
    default: return Status(StatusCode::kUnavailable, request.url + ": " + reason);
  }
}

}  // namespace

void ParseHeaderLine(std::string_view line, HttpHead* head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = Trimmed(line.substr(colon + 1));
  if (SameHeader(name, "content-length")) {
    head->content_length = NumberOr(value, -1);
  } else if (SameHeader(name, "etag")) {
    // Weak tags (W/"...") may not be used with If-Range (RFC 9110, section 13.1.5).
    head->etag = value.starts_with('"') ? std::string(value) : std::string();
  } else if (SameHeader(name, "content-range") && value.starts_with("bytes ")) {
    value.remove_prefix(6);
    head->range_start = NumberOr(value.substr(0, value.find('-')), -1);
  }
}

Status CheckUrl(const std::string& url, bool allow_plain_http) {
  const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
  char* scheme = nullptr;
  char* host = nullptr;
  const bool valid = parsed != nullptr &&
                     curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
                     curl_url_get(parsed.get(), CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                     curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK;
  const std::string scheme_text = valid ? scheme : "";
  const std::string host_text = valid ? host : "";
  curl_free(scheme);
  curl_free(host);
  if (scheme_text == "https") return Status();
  if (scheme_text != "http") {
    return Status(StatusCode::kInvalidArgument, url + ": is no https address");
  }
  if (allow_plain_http || IsThisMachine(host_text)) return Status();
  return Status(StatusCode::kInvalidArgument,
                url + ": plain http is not used; give an https address or allow http");
}

Status HttpGet(const HttpRequest& request, const HttpOptions& options, HttpReceiver* receiver) {
  WT_TRY(CheckUrl(request.url, options.allow_plain_http));
  const std::unique_ptr<CURL, EasyDeleter> curl(EnsureCurl() ? curl_easy_init() : nullptr);
  if (curl == nullptr) return Status(StatusCode::kInternal, "libcurl could not be started");
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
  if (request.offset > 0 && !request.if_range.empty()) {
    headers.reset(curl_slist_append(nullptr, ("If-Range: " + request.if_range).c_str()));
  }
  Transfer transfer;
  transfer.receiver = receiver;
  transfer.cancel = options.cancel;
  transfer.handle = curl.get();
  char error_text[CURL_ERROR_SIZE] = {};
  Configure(request, options, curl.get(), headers.get(), &transfer, error_text);
  const CURLcode code = curl_easy_perform(curl.get());
  if (!transfer.status.ok()) return transfer.status;
  WT_TRY(ToStatus(code, request, error_text));
  return GiveHead(&transfer);
}

}  // namespace wt::net
