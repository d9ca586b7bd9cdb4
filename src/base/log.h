// Log interface: libraries say what happened through a sink that the program supplies.
//
// Errors are returned or logged, not both. Sinks must be thread-safe.
#pragma once

#include <string_view>

namespace wt::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(LogLevel level, std::string_view message) = 0;
};

/// Writes to `sink` when there is one.
inline void Log(LogSink* sink, LogLevel level, std::string_view message) {
  if (sink != nullptr) sink->Write(level, message);
}

}  // namespace wt::base
