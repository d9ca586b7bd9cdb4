#include "service/api/events/socket_base.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/schema.h"

namespace wt::api {
namespace {

constexpr base::BootMillis kCredentialsDueMs = 10'000;
// With the guard's second and the time of a look-up this stays below five seconds.
constexpr base::BootMillis kRecheckMs = 3'000;
constexpr base::BootMillis kWindowMs = 10'000;
constexpr int kMessagesPerWindowMax = 100;

/// Counts what goes over a session.
class CountedSession final : public http::WebSocketSession {
 public:
  CountedSession(std::shared_ptr<http::WebSocketSession> session,
                 std::shared_ptr<SocketGuard::Counters> counters)
      : session_(std::move(session)), counters_(std::move(counters)) {}

  bool SendText(std::string_view text) override { return Counted(session_->SendText(text)); }
  bool SendBinary(std::string_view bytes) override { return Counted(session_->SendBinary(bytes)); }
  void Close(int code, std::string_view reason) override {
    // 1000 and 1001 are orderly ends.
    if (code > 1001 && !session_->closed()) ++counters_->closed;
    session_->Close(code, reason);
  }
  bool closed() const override { return session_->closed(); }

 private:
  bool Counted(bool sent) const {
    if (sent) ++counters_->sent;
    return sent;
  }

  const std::shared_ptr<http::WebSocketSession> session_;
  const std::shared_ptr<SocketGuard::Counters> counters_;
};

}  // namespace

SocketBase::SocketBase(const Parts& parts, Caller caller, std::string address)
    : parts_(parts), caller_(std::move(caller)), address_(std::move(address)) {}

void SocketBase::OnOpen(std::shared_ptr<http::WebSocketSession> session) {
  {
    const std::lock_guard lock(mutex_);
    session_ = std::make_shared<CountedSession>(std::move(session), parts_.guard->counters());
  }
  const auto* known = std::get_if<auth::Principal>(&caller_);
  const auto* refused = std::get_if<ApiError>(&caller_);
  // Wrong credentials are an answer; none at all may follow in a message.
  if (refused != nullptr && refused->error_code != "AUTHENTICATION_REQUIRED") {
    return End(kCloseUnauthorized, "the credentials are not valid");
  }
  if (parts_.guard->TryEnter(this, weak_from_this(), known == nullptr ? "" : known->user_id,
                             address_) != SocketGuard::Entry::kEntered) {
    return End(1013, "too many connections");
  }
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kStranger;
    deadline_ = parts_.clock->Boot() + kCredentialsDueMs;
  }
  if (known != nullptr) Accept(*known);
}

void SocketBase::Accept(const auth::Principal& principal) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kStranger) return;
    state_ = State::kKnown;
    principal_ = principal;
    recheck_at_ = parts_.clock->Boot() + kRecheckMs;
  }
  if (!principal.Has(auth::Permission::kJobsRead)) {
    return End(kCloseForbidden, "these credentials may not read jobs");
  }
  Start(principal);
}

bool SocketBase::Flooded() {
  const base::BootMillis now = parts_.clock->Boot();
  const std::lock_guard lock(mutex_);
  if (now >= window_ends_) {
    window_ends_ = now + kWindowMs;
    window_messages_ = 0;
  }
  return ++window_messages_ > kMessagesPerWindowMax;
}

void SocketBase::OnText(std::string_view text) {
  ++parts_.guard->counters()->received;
  if (Flooded()) return End(1008, "too many messages");
  State state = State::kNew;
  auth::Principal principal;
  {
    const std::lock_guard lock(mutex_);
    state = state_;
    principal = principal_;
  }
  if (state == State::kOver) return;
  JsonLimits limits;
  limits.bytes_max = 8 << 10;
  limits.depth_max = 4;
  limits.nodes_max = 64;
  const Result<nlohmann::json> message = ParseJson(text, limits);
  std::string type;
  if (message.ok() && message->is_object() && message->contains("type") &&
      (*message)["type"].is_string()) {
    type = (*message)["type"].get<std::string>();
  }
  if (state == State::kStranger) {
    const bool has_token =
        type == "auth" && message->contains("token") && (*message)["token"].is_string();
    if (!has_token) return End(kCloseUnauthorized, "credentials are needed first");
    const Caller caller =
        parts_.adapter->AuthenticateToken((*message)["token"].get<std::string>(), address_);
    const auto* known = std::get_if<auth::Principal>(&caller);
    if (known == nullptr || !known->signed_in()) {
      return End(kCloseUnauthorized, "the credentials are not valid");
    }
    if (!parts_.guard->Identify(this, known->user_id)) {
      return End(1013, "too many connections");
    }
    Send(R"({"type":"authenticated"})");
    return Accept(*known);
  }
  if (type == "ping") {
    const nlohmann::ordered_json pong = {{"type", "pong"},
                                         {"timestamp", base::FormatTime(parts_.clock->Now())}};
    Send(base::JsonToText(pong));
    return;
  }
  if (type == "auth") return;  // Sent by clients that do not know that the cookie was enough.
  if (message.ok() && OnMessage(principal, type, *message)) return;
  Send(R"({"type":"error","message":"This message is not understood."})");
}

void SocketBase::OnBinary(std::string_view) { End(1003, "only text is understood"); }

void SocketBase::OnClose(int) {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kOver;
    session_ = nullptr;
  }
  parts_.guard->Leave(this);
}

void SocketBase::OnTick(base::BootMillis now) {
  auth::Principal principal;
  bool overdue = false;
  bool recheck = false;
  {
    const std::lock_guard lock(mutex_);
    overdue = state_ == State::kStranger && now >= deadline_;
    if (state_ != State::kKnown && !overdue) return;
    principal = principal_;
    recheck = !overdue && now >= recheck_at_;
    if (recheck) recheck_at_ = now + kRecheckMs;
  }
  if (overdue) return End(kCloseUnauthorized, "no credentials came");
  if (recheck && !parts_.adapter->StillHolds(principal, address_)) {
    return End(kCloseUnauthorized, "the credentials have ended");
  }
  Work(principal, now);
}

void SocketBase::OnStop() { End(1001, "the server stops"); }

void SocketBase::End(int code, std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kOver;
  }
  if (const auto open = session()) open->Close(code, reason);
}

std::shared_ptr<http::WebSocketSession> SocketBase::session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

void SocketBase::Send(std::string_view text) const {
  if (const auto open = session()) open->SendText(text);
}

}  // namespace wt::api
