#include "service/observe/logs/log_tail.h"

#include <algorithm>

namespace wt::observe {

void LogTail::Add(std::string_view json) {
  const std::lock_guard lock(mutex_);
  lines_.push_back({++seq_, std::string(json)});
  bytes_ += json.size();
  while (lines_.size() > kLinesMax || (bytes_ > kBytesMax && lines_.size() > 1)) {
    bytes_ -= lines_.front().json.size();
    lines_.pop_front();
  }
}

std::vector<LogTail::Line> LogTail::After(std::int64_t seq, std::size_t lines_max) const {
  const std::lock_guard lock(mutex_);
  const auto begin = std::partition_point(lines_.begin(), lines_.end(),
                                          [&](const Line& line) { return line.seq <= seq; });
  const auto there = static_cast<std::size_t>(lines_.end() - begin);
  return {begin, begin + static_cast<std::ptrdiff_t>(std::min(there, lines_max))};
}

std::int64_t LogTail::newest() const {
  const std::lock_guard lock(mutex_);
  return seq_;
}

}  // namespace wt::observe
