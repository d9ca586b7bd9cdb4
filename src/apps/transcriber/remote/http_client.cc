#include "apps/transcriber/remote/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <mutex>

namespace wt::transcriber {
namespace {

using Clock = std::chrono::steady_clock;

// How often a quiet connection is looked at; Wake() and its own data come sooner.
constexpr int kLookEveryMs = 1'000;

struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FormDeleter {
  void operator()(curl_mime* form) const { curl_mime_free(form); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

/// curl_global_init must run once, and before any other thread uses libcurl.
bool EnsureCurl() {
  static std::once_flag once;
  static bool ready = false;
  std::call_once(once, [] { ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; });
  return ready;
}

struct Transfer {
  const HttpCall* call = nullptr;
  CURL* handle = nullptr;
  HttpAnswer answer;
  std::size_t head_bytes = 0;
  Clock::time_point moved_at = Clock::now();
  /// on_bytes wanted no more.
  bool ended = false;
  /// Of the file or of the answer's length.
  Status status;
};

std::string_view Trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

// libcurl calls these from C: no exception may pass, and a short count ends the transfer.
std::size_t OnHeaderLine(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer->moved_at = Clock::now();
  transfer->head_bytes += line.size();
  if (transfer->head_bytes > kAnswerHeadBytesMax) {
    transfer->status = Status(StatusCode::kResourceExhausted, "the answer's header is too long");
    return 0;
  }
  // Each answer, "100 Continue" too, begins with a status line.
  if (line.starts_with("HTTP/")) transfer->answer.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer->answer.headers.emplace_back(Lower(line.substr(0, colon)),
                                          Trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view bytes(data, size * count);
  transfer->moved_at = Clock::now();
  const HttpCall& call = *transfer->call;
  if (call.on_bytes) {
    long status = 0;
    curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) {
      transfer->ended = !call.on_bytes(bytes);
      return transfer->ended ? 0 : bytes.size();
    }
  }
  if (bytes.size() > call.answer_bytes_max - transfer->answer.body.size()) {
    transfer->status =
        Status(StatusCode::kResourceExhausted,
               "the answer is longer than " + std::to_string(call.answer_bytes_max) + " bytes");
    return 0;
  }
  transfer->answer.body += bytes;
  return bytes.size();
}

std::size_t OnSend(char* data, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  transfer->moved_at = Clock::now();
  const Result<std::size_t> got = transfer->call->file->Read({data, size * count});
  if (got.ok()) return *got;
  transfer->status = got.status();
  return CURL_READFUNC_ABORT;
}

// For a connection that turned out to be dead after some bytes were handed over.
int OnSeek(void* user, curl_off_t offset, int origin) {
  auto* transfer = static_cast<Transfer*>(user);
  const bool possible = origin == SEEK_SET && transfer->call->file->Seek(offset);
  return possible ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

void SetForm(const HttpCall& call, Transfer* transfer, curl_mime* form) {
  for (const auto& [name, value] : call.form) {
    curl_mimepart* part = curl_mime_addpart(form);
    curl_mime_name(part, name.c_str());
    curl_mime_data(part, value.data(), value.size());
  }
  if (call.file == nullptr) return;
  curl_mimepart* part = curl_mime_addpart(form);
  curl_mime_name(part, "file");
  curl_mime_filename(part, call.form_file_name.c_str());
  curl_mime_type(part, "application/octet-stream");
  curl_mime_data_cb(part, call.file->size(), OnSend, OnSeek, nullptr, transfer);
}

void SetBody(const HttpCall& call, Transfer* transfer, curl_mime* form) {
  CURL* curl = transfer->handle;
  if (call.is_form) {
    SetForm(call, transfer, form);
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, form);
    return;
  }
  if (call.file != nullptr) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, OnSend);
    curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
    const std::int64_t left = call.file->size() - call.file->position();
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(left));
  } else if (call.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, "");
  } else if (call.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
}

void Configure(const HttpCall& call, curl_slist* headers, Transfer* transfer, char* error_text) {
  CURL* curl = transfer->handle;
  curl_easy_setopt(curl, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "whisper-transcriber/0.1");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeaderLine);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
}

Status ToStatus(CURLcode code, const char* error_text) {
  const std::string reason = *error_text != '\0' ? error_text : curl_easy_strerror(code);
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION: return Status(StatusCode::kInvalidArgument, reason);
    default: return Status(StatusCode::kUnavailable, reason);
  }
}

}  // namespace

std::string_view HttpAnswer::Header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

std::optional<int> HttpAnswer::retry_after_s() const {
  const std::string_view text = Header("retry-after");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number = error == std::errc() && end == text.data() + text.size() && seconds >= 0;
  return number ? std::optional(seconds) : std::nullopt;
}

struct HttpClient::State {
  const base::CancelFlag* cancel = nullptr;
  int time_max_s = 0;
  std::unique_ptr<CURLM, MultiDeleter> multi;

  /// Ok when libcurl is done; then `code` is its verdict.
  Status Drive(Transfer* transfer, CURLcode* code) const;
};

Status HttpClient::State::Drive(Transfer* transfer, CURLcode* code) const {
  const Clock::time_point began = Clock::now();
  for (int running = 1;;) {
    curl_multi_perform(multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      *code = message->data.result;
      return Status();
    }
    if (running == 0) return Status(StatusCode::kInternal, "libcurl lost a transfer");
    const HttpCall& call = *transfer->call;
    const bool keep = call.finish_when_sent && call.file != nullptr && call.file->at_end();
    if (base::Cancelled(cancel) && !keep) return Status(StatusCode::kCancelled, "stopped");
    const Clock::time_point now = Clock::now();
    if (now - transfer->moved_at > std::chrono::seconds(kStallTimeoutS)) {
      return Status(StatusCode::kUnavailable,
                    "the connection brought nothing for " + std::to_string(kStallTimeoutS) + " s");
    }
    if (time_max_s > 0 && now - began > std::chrono::seconds(time_max_s)) {
      return Status(StatusCode::kUnavailable, "no answer in time");
    }
    curl_multi_poll(multi.get(), nullptr, 0, kLookEveryMs, nullptr);
  }
}

HttpClient::HttpClient(const base::CancelFlag* cancel, int time_max_s)
    : state_(std::make_unique<State>()) {
  state_->cancel = cancel;
  state_->time_max_s = time_max_s;
  if (EnsureCurl()) state_->multi.reset(curl_multi_init());
}

HttpClient::~HttpClient() = default;

void HttpClient::Wake() {
  if (state_->multi != nullptr) curl_multi_wakeup(state_->multi.get());
}

Result<HttpAnswer> HttpClient::Call(const HttpCall& call) {
  const std::unique_ptr<CURL, EasyDeleter> curl(state_->multi ? curl_easy_init() : nullptr);
  if (curl == nullptr) return Status(StatusCode::kInternal, "libcurl could not be started");
  List headers;
  const auto add = [&headers](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  for (const auto& [name, value] : call.headers) add(name + ": " + value);
  const std::unique_ptr<curl_mime, FormDeleter> form(call.is_form ? curl_mime_init(curl.get())
                                                                  : nullptr);
  Transfer transfer;
  transfer.call = &call;
  transfer.handle = curl.get();
  char error_text[CURL_ERROR_SIZE] = {};
  Configure(call, headers.get(), &transfer, error_text);
  SetBody(call, &transfer, form.get());
  curl_multi_add_handle(state_->multi.get(), curl.get());
  CURLcode code = CURLE_OK;
  const Status driven = state_->Drive(&transfer, &code);
  curl_multi_remove_handle(state_->multi.get(), curl.get());
  if (!transfer.status.ok()) return transfer.status;
  if (!driven.ok()) return driven;
  if (code != CURLE_OK && !transfer.ended) return ToStatus(code, error_text);
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

}  // namespace wt::transcriber
