// An event stream with a place among the open sockets: it counts towards its user's limit, and ends
// within five seconds of the credentials that opened it (spec RT-02, RT-11).
//
//   auto entered = GuardedStream::Enter(parts, call.principal, call.client_address, nullptr);
//   if (error) return error;                                     // 429 or 503.
//   return http::EventStream([stream](auto sink) { stream->Begin(sink); ... });
//
// The sink keeps it from Begin() on; its place is free again when the client is gone, or when it is
// dropped before. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "service/api/accounts/auth_adapter.h"
#include "service/api/error.h"
#include "service/api/events/feeds.h"
#include "service/api/events/socket_guard.h"
#include "service/http/message.h"

namespace wt::api {

/// All null: streams are neither counted nor ended, in tests of what they say.
struct StreamParts {
  const AuthAdapter* adapter = nullptr;
  SocketGuard* guard = nullptr;
  const base::Clock* clock = nullptr;
};

class GuardedStream : public GuardedSocket, public std::enable_shared_from_this<GuardedStream> {
 public:
  /// `feed`: read once a second and sent; may be null.
  static std::variant<std::shared_ptr<GuardedStream>, ApiError> Enter(
      const StreamParts& parts, const auth::Principal& principal, std::string address,
      std::unique_ptr<Feed> feed);
  ~GuardedStream() override;
  GuardedStream(const GuardedStream&) = delete;
  GuardedStream& operator=(const GuardedStream&) = delete;

  /// Once, when the head has been sent.
  void Begin(std::shared_ptr<http::ByteSink> sink);

  void OnTick(base::BootMillis now) override;
  void OnStop() override;

 private:
  GuardedStream(const StreamParts& parts, auth::Principal principal, std::string address,
                std::unique_ptr<Feed> feed);
  void Leave();

  const StreamParts parts_;
  const auth::Principal principal_;
  const std::string address_;

  std::mutex mutex_;
  bool entered_ = false;
  std::shared_ptr<http::ByteSink> sink_;
  std::unique_ptr<Feed> feed_;
  base::BootMillis recheck_at_ = 0;
};

}  // namespace wt::api
