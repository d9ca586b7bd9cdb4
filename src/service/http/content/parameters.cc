#include "service/http/content/parameters.h"

#include <algorithm>

#include "base/status_macros.h"
#include "service/http/text.h"
#include "service/http/url.h"

namespace wt::http {
namespace {

Status Bad(std::string_view what) {
  return Status(StatusCode::kInvalidArgument, "A header field has " + std::string(what) + ".");
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

/// Takes a quoted string from the front of `*text`, which begins with the quote.
Result<std::string> TakeQuoted(std::string_view* text) {
  std::string value;
  for (std::size_t i = 1; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '"') {
      text->remove_prefix(i + 1);
      return value;
    }
    const char next = i + 1 < text->size() ? (*text)[i + 1] : '\0';
    if (c == '\\' && (next == '"' || next == '\\')) {
      value += next;
      ++i;
    } else {
      value += c;
    }
  }
  return Bad("an unfinished quoted string");
}

Result<std::string> TakeValue(std::string_view* text) {
  if (text->starts_with('"')) return TakeQuoted(text);
  const std::size_t end = std::min(text->find(';'), text->size());
  std::string value(TrimSpace(text->substr(0, end)));
  text->remove_prefix(end);
  return value;
}

void SkipSpace(std::string_view* text) {
  text->remove_prefix(std::min(text->find_first_not_of(" \t"), text->size()));
}

}  // namespace

std::optional<std::string_view> FieldValue::Find(std::string_view name) const {
  for (const auto& [key, parameter] : parameters) {
    if (key == name) return parameter;
  }
  return std::nullopt;
}

Result<FieldValue> ParseFieldValue(std::string_view text) {
  if (!IsFieldValue(text)) return Bad("a control character");
  FieldValue field;
  const std::size_t end = std::min(text.find(';'), text.size());
  field.value = TrimSpace(text.substr(0, end));
  text.remove_prefix(end);
  while (!text.empty()) {
    if (text.front() != ';') return Bad("something after a parameter");
    text.remove_prefix(1);
    SkipSpace(&text);
    if (text.empty()) break;
    if (text.front() == ';') continue;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return Bad("a parameter without a value");
    std::string name = ToLower(TrimSpace(text.substr(0, equals)));
    if (!IsToken(name)) return Bad("a malformed parameter name");
    if (field.Find(name)) return Bad("a parameter twice");
    text.remove_prefix(equals + 1);
    SkipSpace(&text);
    WT_ASSIGN(std::string value, TakeValue(&text));
    SkipSpace(&text);
    field.parameters.emplace_back(std::move(name), std::move(value));
  }
  return field;
}

Result<std::string> DecodeExtendedValue(std::string_view text) {
  const std::size_t first = text.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : text.find('\'', first + 1);
  if (second == std::string_view::npos || !EqualsIgnoreCase(text.substr(0, first), "utf-8")) {
    return Bad("an extended value that is not UTF-8");
  }
  return PercentDecode(text.substr(second + 1));
}

}  // namespace wt::http
