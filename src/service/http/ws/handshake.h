// The opening handshake of a WebSocket (RFC 6455, section 4.2.1), checked before it is answered.
//
// Pure functions, thread-safe.
#pragma once

#include <optional>

#include "service/http/message.h"
#include "service/http/syntax/http1.h"

namespace wt::http {

/// Empty when the request may be answered with 101. 426: another version of the protocol.
std::optional<RequestError> CheckHandshake(const Request& request);

}  // namespace wt::http
