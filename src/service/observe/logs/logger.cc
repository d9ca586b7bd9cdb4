#include "service/observe/logs/logger.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "base/status_macros.h"
#include "platform/file.h"
#include "service/observe/logs/line_writer.h"
#include "service/observe/logs/redactor.h"

namespace wt::observe {
namespace {

LogContext& ContextOfThread() {
  thread_local LogContext context;
  return context;
}

void FillFrom(const LogContext& outer, LogContext* context) {
  const auto fill = [](const std::string& from, std::string* to) {
    if (to->empty()) *to = from;
  };
  fill(outer.request_id, &context->request_id);
  fill(outer.job_id, &context->job_id);
  fill(outer.user_id, &context->user_id);
  fill(outer.trace_id, &context->trace_id);
  fill(outer.span_id, &context->span_id);
}

int ThreadId() {
  thread_local const int id = static_cast<int>(::syscall(SYS_gettid));
  return id;
}

std::string_view FileName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

class ServiceLogger final : public Logger {
 public:
  ServiceLogger(const LoggerOptions& options, const base::Clock* clock)
      : options_(options), clock_(clock), redactor_(options.secrets) {
    options_.secrets.clear();
  }

  Status Open() {
    const DroppedLine dropped = [this](std::int64_t count) { return DroppedText(count); };
    if (options_.descriptor >= 0) {
      output_ = MakeDescriptorWriter(options_.descriptor, dropped);
    }
    if (options_.directory.empty()) return Status();
    WT_TRY(platform::EnsureDirectory(options_.directory));
    const auto file = [this](std::string_view name) {
      return RotatingFileOptions{.path = fmt::format("{}/{}", options_.directory, name),
                                 .bytes_max = options_.file_bytes_max,
                                 .files_kept = options_.files_kept};
    };
    WT_ASSIGN(service_file_, MakeFileWriter(file("service.log"), dropped));
    WT_ASSIGN(access_file_, MakeFileWriter(file("access.log"), dropped));
    return Status();
  }

  void Write(base::LogLevel level, std::string_view message) override {
    if (!Enabled(level)) return;
    LogRecord record;
    record.level = level;
    record.logger = options_.name;
    record.message = message;
    Log(std::move(record));
  }

  void Log(base::LogLevel level, std::string_view logger, std::string_view message, LogFields extra,
           std::source_location where) override {
    if (Enabled(level)) Log(Located(level, logger, message, std::move(extra), where));
  }

  void LogStatus(base::LogLevel level, std::string_view logger, const Status& status,
                 std::source_location where) override {
    if (!Enabled(level)) return;
    LogRecord record = Located(level, logger, status.message(), {}, where);
    record.extra.emplace_back("code", std::string(StatusCodeName(status.code())));
    record.exception = status.detail().ForLog();
    Log(std::move(record));
  }

  void Log(LogRecord record) override {
    if (record.level >= base::LogLevel::kError) ++errors_;
    if (!Enabled(record.level)) return;
    Complete(&record);
    Clean(&record);
    const std::string line = Line(record);
    KeepForWatchers(record, line);
    if (output_ != nullptr) output_->Add(line);
    if (service_file_ != nullptr) service_file_->Add(line);
  }

  void Access(const AccessRecord& access) override {
    if (!Enabled(base::LogLevel::kInfo)) return;
    LogRecord record;
    record.logger = "access";
    record.message = fmt::format("{} {} {}", access.method, access.path, access.status_code);
    record.context = access.context;
    record.latency_ms = access.response_time_ms;
    record.extra = {{"client_ip", access.client_ip},
                    {"method", access.method},
                    {"route", access.route},
                    {"path", access.path},
                    {"query", RedactQuery(access.query)},
                    {"status_code", std::int64_t{access.status_code}},
                    {"response_time_ms", access.response_time_ms},
                    {"agent", access.agent},
                    {"length", access.length}};
    Complete(&record);
    Clean(&record);
    const std::string line = Line(record);
    KeepForWatchers(record, line);
    if (output_ != nullptr) output_->Add(line);
    if (access_file_ != nullptr) access_file_->Add(line);
  }

  const LogTail& tail() const override { return tail_; }

  bool Enabled(base::LogLevel level) const override { return level >= options_.level; }

  std::int64_t errors() const override { return errors_; }

  std::int64_t dropped() const override {
    std::int64_t count = 0;
    for (const auto* writer : {&output_, &service_file_, &access_file_}) {
      if (*writer != nullptr) count += (*writer)->dropped();
    }
    return count;
  }

  void Reopen() override {
    for (const auto* writer : {&service_file_, &access_file_}) {
      if (*writer != nullptr) (*writer)->Reopen();
    }
  }

  bool Flush(int timeout_ms) override {
    bool all = true;
    for (const auto* writer : {&output_, &service_file_, &access_file_}) {
      if (*writer != nullptr) all = (*writer)->Flush(timeout_ms) && all;
    }
    return all;
  }

 private:
  static LogRecord Located(base::LogLevel level, std::string_view logger, std::string_view message,
                           LogFields extra, std::source_location where) {
    LogRecord record;
    record.level = level;
    record.logger = logger;
    record.message = message;
    record.extra = std::move(extra);
    record.module = FileName(where.file_name());
    record.function = where.function_name();
    record.line = static_cast<int>(where.line());
    return record;
  }

  void Complete(LogRecord* record) const {
    record->time = clock_->Now();
    record->process_id = ::getpid();
    record->thread_id = ThreadId();
    FillFrom(ContextOfThread(), &record->context);
  }

  // Ids are made or checked by this program, but for the request's, which a client may choose.
  void Clean(LogRecord* record) const {
    record->message = redactor_.Apply(record->message);
    record->exception = redactor_.Apply(record->exception);
    record->context.request_id = redactor_.Apply(record->context.request_id);
    for (auto& [name, value] : record->extra) {
      if (auto* text = std::get_if<std::string>(&value)) *text = redactor_.Apply(*text);
    }
  }

  std::string Line(const LogRecord& record) const {
    return (options_.format == LogFormat::kJson ? FormatJson(record) : FormatPlain(record)) + "\n";
  }

  void KeepForWatchers(const LogRecord& record, std::string_view line) {
    if (options_.format != LogFormat::kJson) return tail_.Add(FormatJson(record));
    line.remove_suffix(1);
    tail_.Add(line);
  }

  std::string DroppedText(std::int64_t count) const {
    LogRecord record;
    record.level = base::LogLevel::kWarning;
    record.logger = "log";
    record.message = "lines were dropped because the output was too slow";
    record.extra = {{"dropped", count}};
    record.time = clock_->Now();
    record.process_id = ::getpid();
    record.thread_id = ThreadId();
    return Line(record);
  }

  LoggerOptions options_;
  const base::Clock* clock_;
  Redactor redactor_;
  LogTail tail_;
  std::atomic<std::int64_t> errors_ = 0;
  // Last: their threads use the members above.
  std::unique_ptr<LineWriter> output_;
  std::unique_ptr<LineWriter> service_file_;
  std::unique_ptr<LineWriter> access_file_;
};

}  // namespace

ScopedLogContext::ScopedLogContext(LogContext context) : previous_(ContextOfThread()) {
  FillFrom(previous_, &context);
  ContextOfThread() = std::move(context);
}

ScopedLogContext::~ScopedLogContext() { ContextOfThread() = std::move(previous_); }

LogContext ScopedLogContext::Current() { return ContextOfThread(); }

Result<std::unique_ptr<Logger>> Logger::Create(const LoggerOptions& options,
                                               const base::Clock* clock) {
  auto logger = std::make_unique<ServiceLogger>(options, clock);
  WT_TRY(logger->Open());
  return std::unique_ptr<Logger>(std::move(logger));
}

}  // namespace wt::observe
