#include "apps/transcriber/remote/event_reader.h"

namespace wt::transcriber {

bool EventReader::Feed(std::string_view bytes) {
  for (const char c : bytes) {
    // CR LF is one end of line.
    const bool second_half = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (second_half) continue;
    if (c != '\n' && c != '\r') {
      if (line_.size() + event_.data.size() >= kEventBytesMax) return false;
      line_ += c;
      continue;
    }
    TakeLine(line_);
    line_.clear();
  }
  return true;
}

void EventReader::Restart() {
  line_.clear();
  event_ = {};
  has_data_ = false;
  after_return_ = false;
}

void EventReader::TakeLine(std::string_view line) {
  if (line.empty()) {
    if (!event_.id.empty()) last_id_ = event_.id;
    if (has_data_) on_event_(event_);
    event_ = {};
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "id") {
    event_.id = value;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "data") {
    if (has_data_) event_.data += '\n';
    has_data_ = true;
    event_.data += value;
  }
}

}  // namespace wt::transcriber
