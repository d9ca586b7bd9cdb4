// The service's log: structured records to standard output and files, without secrets.
//
//   Logger logger(...);
//   const ScopedLogContext scope({.request_id = id});
//   logger.Log(LogLevel::kInfo, "jobs", "job finished", {{"audio_s", 12.5}});
//
// Every record carries the context of the thread that logs (ScopedLogContext) and passes through
// the redactor. Logging never blocks on an output (line_writer.h). Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "service/observe/logs/log_record.h"
#include "service/observe/logs/log_tail.h"
#include "whisper_transcriber/status.h"

namespace wt::observe {

enum class LogFormat : std::uint8_t { kJson, kPlain };

struct LoggerOptions {
  base::LogLevel level = base::LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  /// Borrowed; -1: none. Standard output in the program.
  int descriptor = 1;
  /// Files service.log and access.log in here; empty: none.
  std::string directory;
  std::int64_t file_bytes_max = 10'000'000;
  int files_kept = 3;
  /// The logger's name for messages of libraries.
  std::string name = "service";
  /// Replaced wherever they appear.
  std::vector<std::string> secrets;
};

/// A request that was answered (OBS-13).
struct AccessRecord {
  std::string client_ip;
  std::string method;
  /// The template ("/jobs/{job_id}").
  std::string route;
  /// As sent, without the query.
  std::string path;
  /// Logged with its values taken out.
  std::string query;
  int status_code = 0;
  double response_time_ms = 0;
  std::string agent;
  std::int64_t length = 0;
  LogContext context;
};

/// While it lives, records of this thread carry `context`; empty ids are inherited from the one
/// outside.
class ScopedLogContext {
 public:
  explicit ScopedLogContext(LogContext context);
  ~ScopedLogContext();
  ScopedLogContext(const ScopedLogContext&) = delete;
  ScopedLogContext& operator=(const ScopedLogContext&) = delete;

  /// Of this thread, as records have it.
  static LogContext Current();

 private:
  LogContext previous_;
};

class Logger : public base::LogSink {
 public:
  /// `clock` outlives the logger. kPermissionDenied, kUnavailable: a file cannot be opened.
  static Result<std::unique_ptr<Logger>> Create(const LoggerOptions& options,
                                                const base::Clock* clock);
  ~Logger() override = default;

  /// Messages of libraries, under the logger's own name.
  void Write(base::LogLevel level, std::string_view message) override = 0;
  virtual void Log(base::LogLevel level, std::string_view logger, std::string_view message,
                   LogFields extra = {},
                   std::source_location where = std::source_location::current()) = 0;
  /// Everything given by the caller, but for time and ids of process and thread.
  virtual void Log(LogRecord record) = 0;
  /// A failure with its internal detail, which no client sees.
  virtual void LogStatus(base::LogLevel level, std::string_view logger, const Status& status,
                         std::source_location where = std::source_location::current()) = 0;
  virtual void Access(const AccessRecord& record) = 0;
  /// The newest records, whatever the outputs are.
  virtual const LogTail& tail() const = 0;

  virtual bool Enabled(base::LogLevel level) const = 0;
  /// Records of level error and above, since the start.
  virtual std::int64_t errors() const = 0;
  /// Lines that found no room.
  virtual std::int64_t dropped() const = 0;
  /// Files are opened again, after an external rotation.
  virtual void Reopen() = 0;
  /// For tests and the end of the program; false when `timeout_ms` did not suffice.
  virtual bool Flush(int timeout_ms) = 0;
};

}  // namespace wt::observe
