// A WebSocket that knows who is at the other end (spec RT-02, RT-11, RT-12).
//
// Credentials come with the handshake or as the first message, {"type":"auth","token":...}, within
// ten seconds; else the socket closes with 4401, as it does within five seconds of the credentials'
// end. Answers {"type":"ping"}. What it does not understand it says so and goes on; who floods it
// is closed with 1008. Callbacks come from one thread at a time, OnTick from another.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "service/api/accounts/auth_adapter.h"
#include "service/api/events/socket_guard.h"
#include "service/http/websocket.h"

namespace wt::api {

// Close codes of this API (RFC 6455, section 7.4.2 leaves 4000 .. 4999 to it).
inline constexpr int kCloseUnauthorized = 4401;
inline constexpr int kCloseForbidden = 4403;
inline constexpr int kCloseNotFound = 4404;

class SocketBase : public http::WebSocketHandler,
                   public GuardedSocket,
                   public std::enable_shared_from_this<SocketBase> {
 public:
  struct Parts {
    const AuthAdapter* adapter = nullptr;
    SocketGuard* guard = nullptr;
    const base::Clock* clock = nullptr;
  };
  /// `caller`: what the handshake's credentials were; an error closes the socket once it is open,
  /// because browsers cannot read the status of a refused handshake.
  SocketBase(const Parts& parts, Caller caller, std::string address);

  void OnOpen(std::shared_ptr<http::WebSocketSession> session) final;
  void OnText(std::string_view text) final;
  void OnBinary(std::string_view bytes) final;
  void OnClose(int code) final;
  void OnTick(base::BootMillis now) final;
  void OnStop() final;

 protected:
  /// Once, when the caller is known.
  virtual void Start(const auth::Principal& principal) = 0;
  /// Every second or so after Start().
  virtual void Work(const auth::Principal&, base::BootMillis) {}
  /// A message of a type that is not of all sockets. False: it is not understood.
  virtual bool OnMessage(const auth::Principal&, const std::string& /*type*/,
                         const nlohmann::json& /*message*/) {
    return false;
  }
  /// Null once the connection is closed.
  std::shared_ptr<http::WebSocketSession> session() const;
  void Send(std::string_view text) const;
  void End(int code, std::string_view reason);
  const base::Clock& clock() const { return *parts_.clock; }

 private:
  enum class State { kNew, kStranger, kKnown, kOver };
  void Accept(const auth::Principal& principal);
  bool Flooded();

  const Parts parts_;
  const Caller caller_;
  const std::string address_;

  mutable std::mutex mutex_;
  /// Dropped at the end: it holds this handler in its turn.
  std::shared_ptr<http::WebSocketSession> session_;
  State state_ = State::kNew;
  auth::Principal principal_;
  base::BootMillis deadline_ = 0;
  base::BootMillis recheck_at_ = 0;
  base::BootMillis window_ends_ = 0;
  int window_messages_ = 0;
};

}  // namespace wt::api
