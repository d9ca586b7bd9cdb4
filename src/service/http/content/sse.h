// Server-sent events (WHATWG HTML, section 9.2): how an event is written, and the reply that holds
// them.
//
// Pure functions, thread-safe. Events are sent by ByteSink::Write(FormatEvent(...)), one call each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/http/message.h"

namespace wt::http {

struct ServerEvent {
  /// Empty: none. The client sends the last one back when it comes again.
  std::string id;
  /// Empty: "message".
  std::string event;
  /// May have lines.
  std::string data;
  /// How long the client waits before it comes again.
  std::optional<std::int64_t> retry_millis;
};

/// Line ends and zero bytes in `id` and `event` are left out: they would begin another field.
std::string FormatEvent(const ServerEvent& event);

/// Last-Event-ID, or last_event_id of the query; empty when the client comes for the first time.
std::string LastEventId(const Request& request);

/// 200 text/event-stream that no cache keeps and no proxy holds back, with a comment as sign of
/// life every 15 s.
Response EventStream(std::function<void(std::shared_ptr<ByteSink>)> start);

}  // namespace wt::http
