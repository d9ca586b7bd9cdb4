// The newest lines of the log, for administrators who watch it (spec RT-04).
//
// Keeps lines as they were written, cleaned of secrets; old ones make room. Whoever watches asks
// for what came after the last line that it has seen, so that a slow watcher holds nothing up.
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace wt::observe {

class LogTail {
 public:
  static constexpr std::size_t kLinesMax = 2'000;
  static constexpr std::size_t kBytesMax = std::size_t{1} << 20;

  struct Line {
    /// Grows by one.
    std::int64_t seq = 0;
    /// A JSON object, without the line feed.
    std::string json;
  };

  void Add(std::string_view json);
  /// Of those after `seq` that are still there the first `lines_max`, oldest first.
  std::vector<Line> After(std::int64_t seq, std::size_t lines_max) const;
  /// 0 before the first line.
  std::int64_t newest() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
  std::int64_t seq_ = 0;
};

}  // namespace wt::observe
