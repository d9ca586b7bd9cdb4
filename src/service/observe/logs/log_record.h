// A log record and its two forms: a JSON object on one line, or a line for people.
//
// Fields are those of the specification (OBS-12). Whatever users wrote stays on one line: control
// characters, line separators and marks that turn the direction of text are escaped, damaged UTF-8
// is replaced, long texts are cut. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace wt::observe {

/// Bytes of one text in a record; the rest is cut off.
inline constexpr std::size_t kLogTextBytesMax = 16 << 10;
inline constexpr std::size_t kLogFieldsMax = 64;

/// What a line of work is about. Empty: unknown.
struct LogContext {
  std::string request_id = {};
  std::string job_id = {};
  std::string user_id = {};
  std::string trace_id = {};
  std::string span_id = {};
};

using LogValue = std::variant<std::string, std::int64_t, double, bool>;
using LogFields = std::vector<std::pair<std::string, LogValue>>;

struct LogRecord {
  base::UnixMillis time = 0;
  base::LogLevel level = base::LogLevel::kInfo;
  /// "http", "worker", "access".
  std::string logger;
  std::string message;
  LogContext context;
  std::optional<double> latency_ms;
  /// Where in the source; empty and 0 when unknown.
  std::string module;
  std::string function;
  int line = 0;
  int process_id = 0;
  int thread_id = 0;
  std::string exception;
  /// Below "extra".
  LogFields extra;
};

/// Without the line feed.
std::string FormatJson(const LogRecord& record);
std::string FormatPlain(const LogRecord& record);

/// `text` as a JSON string with its quotes, fit for one line.
std::string JsonString(std::string_view text);

/// "INFO" as logs have it.
std::string_view LevelName(base::LogLevel level);

}  // namespace wt::observe
