#include <algorithm>
#include <optional>
#include <utility>

#include "base/strip.h"
#include "service/config/file_entries.h"

namespace wt::config {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool IsNameByte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

class EnvFileParser {
 public:
  explicit EnvFileParser(std::string_view text) : rest_(text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  }

  FileEntries Parse() {
    while (!rest_.empty()) {
      ParseLine();
      SkipLine();
      if (result_.entries.size() > kSettingsFileEntriesMax) {
        result_.problems.push_back({.line = line_, .message = "too many settings"});
        break;
      }
    }
    return std::move(result_);
  }

 private:
  void Complain(int line, std::string message) {
    result_.problems.push_back({.line = line, .message = std::move(message)});
  }

  void Take(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) line_ += rest_[i] == '\n' ? 1 : 0;
    rest_.remove_prefix(count);
  }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_.front())) Take(1);
  }

  void SkipLine() {
    const std::size_t end = rest_.find('\n');
    Take(end == std::string_view::npos ? rest_.size() : end + 1);
  }

  std::string_view Name() {
    std::size_t length = 0;
    while (length < rest_.size() && IsNameByte(rest_[length])) ++length;
    const std::string_view name = rest_.substr(0, length);
    Take(length);
    return name;
  }

  void ParseLine() {
    SkipBlanks();
    if (rest_.empty() || rest_.front() == '#' || rest_.front() == '\n') return;
    const int line = line_;
    std::string_view name = Name();
    if (name == "export" && !rest_.empty() && IsBlank(rest_.front())) {
      SkipBlanks();
      name = Name();
    }
    SkipBlanks();
    if (name.empty() || rest_.empty() || rest_.front() != '=') {
      Complain(line, "this line is not NAME=VALUE");
      return;
    }
    Take(1);
    SkipBlanks();
    std::optional<std::string> value;
    if (!rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"')) {
      value = Quoted(line);
    } else {
      value = Plain();
    }
    if (value) {
      result_.entries.push_back(
          {.name = std::string(name), .value = std::move(*value), .line = line});
    }
  }

  std::string Plain() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view value = rest_.substr(0, end);
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '#' && (i == 0 || IsBlank(value[i - 1]))) {
        value = value.substr(0, i);
        break;
      }
    }
    Take(end);
    return std::string(base::StripWhiteSpace(value));
  }

  // Takes the quoted value and what is left of its line, which may be a comment only.
  std::optional<std::string> Quoted(int line) {
    const char quote = rest_.front();
    std::string value;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != quote; ++at) {
      if (quote == '"' && rest_[at] == '\\' && at + 1 < rest_.size()) {
        AppendEscape(rest_[++at], &value);
      } else {
        value += rest_[at];
      }
    }
    if (at >= rest_.size()) {
      Complain(line, "a quote that begins here has no end");
      Take(rest_.size());
      return std::nullopt;
    }
    Take(at + 1);
    SkipBlanks();
    if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#') {
      Complain(line, "something stands behind the closing quote");
      return std::nullopt;
    }
    return value;
  }

  static void AppendEscape(char c, std::string* value) {
    switch (c) {
      case 'n': *value += '\n'; return;
      case 't': *value += '\t'; return;
      case 'r': *value += '\r'; return;
      case '"':
      case '\\':
      case '$': *value += c; return;
      default: break;
    }
    *value += '\\';
    *value += c;
  }

  std::string_view rest_;
  int line_ = 1;
  FileEntries result_;
};

}  // namespace

FileEntries ParseEnvFile(std::string_view text) { return EnvFileParser(text).Parse(); }

}  // namespace wt::config
