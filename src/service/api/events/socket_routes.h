// Shared by the sockets of this folder only: how a handshake becomes a route. Pure functions that
// fill a table: thread-compatible.
#pragma once

#include <functional>
#include <memory>

#include "service/api/events/job_socket.h"

namespace wt::api {

using MakeSocket =
    std::function<std::shared_ptr<http::WebSocketHandler>(Caller caller, Call& call)>;

/// Checks the handshake, identifies the caller and makes the socket of it.
Route SocketRoute(const SocketRouteParts& parts, const char* pattern, const char* operation,
                  const char* summary, MakeSocket make);

/// /ws/logs/system, /ws/admin/monitoring, /ws/system/broadcasts and what else belongs to the system
/// as a whole.
void AddSystemSockets(const SocketRouteParts& parts, RouteTable* table);

}  // namespace wt::api
