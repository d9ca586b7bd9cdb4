// Carries log lines to a slow or stuck output without holding up who logs.
//
// Lines wait in a bounded queue; a thread of its own writes them. When the queue is full lines are
// dropped and counted, and the count is written once there is room again. Destroying it writes
// what waits, for at most kFlushMs: a pipe that nobody reads cannot keep the service from ending.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "service/observe/logs/rotating_file.h"

namespace wt::observe {

inline constexpr std::size_t kQueuedLinesMax = 8'192;
inline constexpr std::size_t kQueuedBytesMax = 16 << 20;
inline constexpr int kFlushMs = 1'000;

class LineWriter {
 public:
  virtual ~LineWriter() = default;
  /// `line` ends with a line feed.
  virtual void Add(std::string line) = 0;
  virtual std::int64_t dropped() const = 0;
  /// For files: opened again before the next line.
  virtual void Reopen() = 0;
  /// Waits until all that was added before is written, or until `timeout_ms` is over (false).
  virtual bool Flush(int timeout_ms) = 0;
};

/// Makes the line that says how many were dropped, line feed included.
using DroppedLine = std::function<std::string(std::int64_t count)>;

/// `fd` is borrowed.
std::unique_ptr<LineWriter> MakeDescriptorWriter(int fd, DroppedLine dropped_line);
/// Fails when the file cannot be opened.
Result<std::unique_ptr<LineWriter>> MakeFileWriter(RotatingFileOptions options,
                                                   DroppedLine dropped_line);

}  // namespace wt::observe
