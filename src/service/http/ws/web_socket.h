// Takes an upgraded connection over: the WebSocket of one client.
#pragma once

#include <memory>
#include <string>

#include "service/http/message.h"
#include "service/http/net/core.h"
#include "service/http/net/transport.h"

namespace wt::http {

struct WebSocketStart {
  std::unique_ptr<Transport> transport;
  /// Bytes that came after the head of the request.
  std::string early;
  /// Of the request, which CheckHandshake() has let through.
  Headers request_headers;
  /// Of the response: cookies and the like.
  Headers response_headers;
  WebSocketUpgrade upgrade;
};

/// Sends 101 and calls the handler from then on. Called by the reactor's thread.
void StartWebSocket(std::shared_ptr<ServerCore> core, Reactor* reactor, WebSocketStart start);

}  // namespace wt::http
