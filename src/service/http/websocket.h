// A WebSocket (RFC 6455) as its users see it. Handlers are called from one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace wt::http {

/// The open connection. Thread-safe; sends never block.
class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  /// False when the connection is closed, or the client so slow that more than `pending_max` bytes
  /// wait; it is then closed with 1013.
  virtual bool SendText(std::string_view text) = 0;
  virtual bool SendBinary(std::string_view bytes) = 0;
  /// Starts the closing handshake with a code of RFC 6455, section 7.4, or 4000 .. 4999.
  virtual void Close(int code, std::string_view reason) = 0;
  virtual bool closed() const = 0;
};

class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void OnOpen(std::shared_ptr<WebSocketSession> session) = 0;
  virtual void OnText(std::string_view text) = 0;
  virtual void OnBinary(std::string_view bytes) = 0;
  /// Once, last. 1006 when the connection broke.
  virtual void OnClose(int code) = 0;
};

/// The answer to an upgrade request. The server checks the handshake and pings while idle.
struct WebSocketUpgrade {
  std::shared_ptr<WebSocketHandler> handler;
  /// One of those the client offered, or empty.
  std::string subprotocol;
  std::size_t message_bytes_max = 64 << 10;
  std::size_t pending_max = 1 << 20;
  /// Two pings without an answer close the connection.
  std::chrono::milliseconds ping_interval{30'000};
};

}  // namespace wt::http
