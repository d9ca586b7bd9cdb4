#include "service/observe/logs/log_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ids.h"
#include "base/utf8.h"

namespace wt::observe {
namespace {

// Turns the direction of text, separates lines or controls terminals: never as itself in a log.
bool MustBeEscaped(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction = c == 0x061c || c == 0x200e || c == 0x200f ||
                         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return control || separator || direction || c == 0xfeff;
}

void AppendEscaped(char32_t c, std::string* out) {
  if (c == '"' || c == '\\') {
    *out += '\\';
    *out += static_cast<char>(c);
  } else if (c == '\n') {
    *out += "\\n";
  } else if (MustBeEscaped(c)) {
    *out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
  } else {
    base::AppendUtf8(c, out);
  }
}

std::string Escaped(std::string_view text) {
  const bool cut = text.size() > kLogTextBytesMax;
  if (cut) text = text.substr(0, kLogTextBytesMax);
  std::string out;
  out.reserve(text.size() + 2);
  while (!text.empty()) AppendEscaped(base::NextCodePoint(&text), &out);
  if (cut) out += "...";
  return out;
}

std::string NumberText(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string ValueText(const LogValue& value) {
  struct Visitor {
    std::string operator()(const std::string& text) const { return JsonString(text); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return NumberText(number); }
    std::string operator()(bool on) const { return on ? "true" : "false"; }
  };
  return std::visit(Visitor(), value);
}

class JsonObject {
 public:
  void Raw(std::string_view name, std::string_view value) {
    out_ += out_.empty() ? '{' : ',';
    out_ += JsonString(name);
    out_ += ':';
    out_ += value;
  }
  void Text(std::string_view name, std::string_view value) { Raw(name, JsonString(value)); }
  /// Null when empty.
  void Id(std::string_view name, std::string_view value) {
    value.empty() ? Raw(name, "null") : Text(name, value);
  }
  void Optional(std::string_view name, std::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  std::string Finish() { return out_.empty() ? "{}" : std::move(out_) + "}"; }

 private:
  std::string out_;
};

// JSON has each name once.
std::string ExtraText(const LogFields& fields) {
  JsonObject object;
  const std::size_t count = std::min(fields.size(), kLogFieldsMax);
  for (std::size_t i = 0; i < count; ++i) {
    const bool again =
        std::any_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const auto& field) { return field.first == fields[i].first; });
    if (!again) object.Raw(fields[i].first, ValueText(fields[i].second));
  }
  return object.Finish();
}

}  // namespace

std::string_view LevelName(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::kDebug: return "DEBUG";
    case base::LogLevel::kInfo: return "INFO";
    case base::LogLevel::kWarning: return "WARNING";
    case base::LogLevel::kError: return "ERROR";
  }
  return "UNKNOWN";
}

std::string JsonString(std::string_view text) { return '"' + Escaped(text) + '"'; }

std::string FormatJson(const LogRecord& record) {
  JsonObject object;
  object.Text("timestamp", base::FormatTime(record.time));
  object.Text("level", LevelName(record.level));
  object.Text("logger", record.logger);
  object.Text("message", record.message);
  object.Id("request_id", record.context.request_id);
  object.Id("job_id", record.context.job_id);
  object.Raw("latency_ms", record.latency_ms ? NumberText(*record.latency_ms) : "null");
  object.Optional("user_id", record.context.user_id);
  object.Optional("trace_id", record.context.trace_id);
  object.Optional("span_id", record.context.span_id);
  object.Text("module", record.module);
  object.Text("function", record.function);
  object.Raw("line", std::to_string(record.line));
  object.Raw("process_id", std::to_string(record.process_id));
  object.Raw("thread_id", std::to_string(record.thread_id));
  object.Optional("exception", record.exception);
  if (!record.extra.empty()) object.Raw("extra", ExtraText(record.extra));
  return object.Finish();
}

std::string FormatPlain(const LogRecord& record) {
  std::string out =
      fmt::format("{} {:<7} {}: {}", base::FormatTime(record.time), LevelName(record.level),
                  Escaped(record.logger), Escaped(record.message));
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format(" {}={}", Escaped(name), Escaped(value));
  };
  add("request_id", record.context.request_id);
  add("job_id", record.context.job_id);
  add("user_id", record.context.user_id);
  add("trace_id", record.context.trace_id);
  if (record.latency_ms) add("latency_ms", NumberText(*record.latency_ms));
  add("exception", record.exception);
  for (std::size_t i = 0; i < std::min(record.extra.size(), kLogFieldsMax); ++i) {
    out += fmt::format(" {}={}", Escaped(record.extra[i].first), ValueText(record.extra[i].second));
  }
  return out;
}

}  // namespace wt::observe
