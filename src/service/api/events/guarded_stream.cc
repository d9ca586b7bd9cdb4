#include "service/api/events/guarded_stream.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "service/http/content/sse.h"

namespace wt::api {
namespace {

// With the guard's second and the time of a look-up this stays below five seconds.
constexpr base::BootMillis kRecheckMs = 3'000;
constexpr int kRetryAfterS = 10;

ApiError NoPlace(SocketGuard::Entry entry) {
  ApiError error;
  error.retry_after_s = kRetryAfterS;
  if (entry == SocketGuard::Entry::kTooManyOfOne) {
    error.status = 429;
    error.error_code = "TOO_MANY_STREAMS";
    error.message =
        "Too many event streams and sockets of yours are open. Close one, or ask GET "
        "/jobs/{id}/progress from time to time.";
  } else {
    error.status = 503;
    error.error_code = "TOO_MANY_STREAMS";
    error.message =
        "All places for event streams are taken. Try again later; GET /jobs/{id}/progress says the "
        "same.";
  }
  return error;
}

/// "log" of {"type":"log",...}, and its seq, for the fields of the event.
std::string AsEvent(const std::string& message) {
  const nlohmann::json json = base::JsonFromText(message);
  http::ServerEvent event;
  event.data = message;
  if (json.is_object()) {
    event.event = json.value("type", "message");
    if (json.contains("seq")) event.id = base::JsonToText(json["seq"]);
  }
  return http::FormatEvent(event);
}

}  // namespace

GuardedStream::GuardedStream(const StreamParts& parts, auth::Principal principal,
                             std::string address, std::unique_ptr<Feed> feed)
    : parts_(parts),
      principal_(std::move(principal)),
      address_(std::move(address)),
      feed_(std::move(feed)) {}

GuardedStream::~GuardedStream() { Leave(); }

void GuardedStream::Leave() {
  {
    const std::lock_guard lock(mutex_);
    sink_ = nullptr;
    if (!std::exchange(entered_, false)) return;
  }
  parts_.guard->Leave(this);
}

std::variant<std::shared_ptr<GuardedStream>, ApiError> GuardedStream::Enter(
    const StreamParts& parts, const auth::Principal& principal, std::string address,
    std::unique_ptr<Feed> feed) {
  std::shared_ptr<GuardedStream> stream(
      new GuardedStream(parts, principal, std::move(address), std::move(feed)));
  if (parts.guard == nullptr) return stream;
  const SocketGuard::Entry entry = parts.guard->TryEnter(stream.get(), stream->weak_from_this(),
                                                         principal.user_id, stream->address_);
  if (entry != SocketGuard::Entry::kEntered) return NoPlace(entry);
  stream->entered_ = true;
  stream->recheck_at_ = parts.clock->Boot() + kRecheckMs;
  return stream;
}

void GuardedStream::Begin(std::shared_ptr<http::ByteSink> sink) {
  {
    const std::lock_guard lock(mutex_);
    sink_ = sink;
  }
  if (parts_.clock != nullptr) OnTick(parts_.clock->Boot());
  sink->OnClosed([stream = shared_from_this()] { stream->Leave(); });
}

void GuardedStream::OnTick(base::BootMillis now) {
  std::shared_ptr<http::ByteSink> sink;
  bool recheck = false;
  std::vector<std::string> news;
  {
    const std::lock_guard lock(mutex_);
    if (sink_ == nullptr) return;
    sink = sink_;
    recheck = parts_.adapter != nullptr && now >= recheck_at_;
    if (recheck) recheck_at_ = now + kRecheckMs;
    if (feed_ != nullptr) news = feed_->News(now);
  }
  if (recheck && !parts_.adapter->StillHolds(principal_, address_)) return sink->Close();
  for (const std::string& message : news) {
    if (!sink->Write(AsEvent(message))) return;
  }
}

void GuardedStream::OnStop() {
  std::shared_ptr<http::ByteSink> sink;
  {
    const std::lock_guard lock(mutex_);
    sink = sink_;
  }
  if (sink != nullptr) sink->Close();
}

}  // namespace wt::api
