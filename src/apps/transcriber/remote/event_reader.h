// Server-sent events out of bytes as they come (WHATWG HTML, section 9.2.6; fields id, event,
// data). Bounded: an event that is longer than any of ours ends the stream. One thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace wt::transcriber {

/// A segment's text is at most some kilobytes; what a server may make this program keep.
inline constexpr std::size_t kEventBytesMax = 1 << 20;

struct ServerEvent {
  std::string id;
  std::string type;
  std::string data;
};

class EventReader {
 public:
  explicit EventReader(std::function<void(const ServerEvent&)> on_event)
      : on_event_(std::move(on_event)) {}

  /// False when an event is too long: nothing more is read.
  bool Feed(std::string_view bytes);
  /// After a lost connection: what came of an event is dropped, the last id stays.
  void Restart();

  /// Of the last event that had one.
  const std::string& last_id() const { return last_id_; }

 private:
  void TakeLine(std::string_view line);

  std::function<void(const ServerEvent&)> on_event_;
  std::string line_;
  bool after_return_ = false;
  bool has_data_ = false;
  ServerEvent event_;
  std::string last_id_;
};

}  // namespace wt::transcriber
