#include "service/config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/status_macros.h"
#include "base/strip.h"
#include "base/utf8.h"

namespace wt::config {
namespace {

// Longer values are somebody's mistake: the longest sensible one is a list of origins.
constexpr std::size_t kValueBytesMax = 64 << 10;
constexpr std::size_t kListPartsMax = 1'000;

Status Wrong(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// All of `text` as a number.
std::optional<std::int64_t> Integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || text.empty()) return std::nullopt;
  return value;
}

// Splits "12 KiB" into number and unit.
std::pair<std::string_view, std::string> NumberAndUnit(std::string_view text) {
  text = base::StripWhiteSpace(text);
  std::size_t digits = text.starts_with('-') ? 1 : 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  return {text.substr(0, digits), Lower(base::StripWhiteSpace(text.substr(digits)))};
}

std::optional<std::int64_t> Product(std::string_view number, std::int64_t factor) {
  const std::optional<std::int64_t> value = Integer(number);
  std::int64_t product = 0;
  if (!value || __builtin_mul_overflow(*value, factor, &product)) return std::nullopt;
  return product;
}

struct Unit {
  std::string_view names;
  std::int64_t factor;
};
constexpr std::array<Unit, 5> kByteUnits = {
    {{"", 1}, {"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1LL << 40}}};
constexpr std::array<Unit, 4> kTimeUnits = {{{"s sec second seconds", 1},
                                             {"m min minute minutes", 60},
                                             {"h hour hours", 3'600},
                                             {"d day days", 86'400}}};

bool HasWord(std::string_view words, std::string_view word) {
  const std::vector<std::string_view> parts = SplitWords(words);
  return std::find(parts.begin(), parts.end(), word) != parts.end();
}

// Settings in bytes are the ones that may be large.
bool InBytes(const SettingSpec& spec) { return spec.maximum > 1 << 20; }

Status OutOfRange(const SettingSpec& spec) {
  return Wrong(fmt::format("must be from {} to {}", spec.minimum, spec.maximum));
}

bool IsUnset(std::string_view text) {
  const std::string lower = Lower(base::StripWhiteSpace(text));
  return lower.empty() || lower == "none";
}

}  // namespace

Result<std::int64_t> ParseNumber(const SettingSpec& spec, std::string_view text) {
  const auto [number, unit] = NumberAndUnit(text);
  std::optional<std::int64_t> value;
  for (const Unit& known : kByteUnits) {
    if (known.names == unit && (unit.empty() || InBytes(spec))) {
      value = Product(number, known.factor);
    }
  }
  if (!value) {
    return Wrong(fmt::format("must be a whole number from {} to {}{}", spec.minimum, spec.maximum,
                             InBytes(spec) ? ", or one with KiB, MiB or GiB behind it" : ""));
  }
  if (*value < spec.minimum || *value > spec.maximum) return OutOfRange(spec);
  return *value;
}

Result<std::int64_t> ParseDuration(const SettingSpec& spec, std::string_view text,
                                   std::int64_t unit_seconds) {
  const auto [number, unit] = NumberAndUnit(text);
  std::optional<std::int64_t> value;
  if (unit.empty()) value = Integer(number);
  for (const Unit& known : kTimeUnits) {
    if (unit.empty() || !HasWord(known.names, unit)) continue;
    // "minute" alone is one minute.
    const std::optional<std::int64_t> seconds =
        Product(number.empty() ? "1" : number, known.factor);
    if (seconds && *seconds % unit_seconds == 0) value = *seconds / unit_seconds;
  }
  if (!value) {
    return Wrong(fmt::format("must be a time such as {}",
                             unit_seconds == 86'400  ? "7 (days) or 7 days"
                             : unit_seconds == 3'600 ? "24 (hours) or 1 day"
                             : unit_seconds == 60    ? "60 (minutes) or 1 hour"
                                                     : "90 (seconds) or 1 minute"));
  }
  if (*value < spec.minimum || *value > spec.maximum) return OutOfRange(spec);
  return *value;
}

std::vector<std::string_view> SplitWords(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::vector<std::string> SplitValues(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = base::StripWhiteSpace(text.substr(begin, end - begin));
    if (!part.empty()) parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

Result<int> ParseChoice(const SettingSpec& spec, std::string_view text) {
  const std::string lower = Lower(base::StripWhiteSpace(text));
  const std::vector<std::string_view> choices = SplitWords(spec.choices);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (Lower(choices[i]) == lower) return static_cast<int>(i);
  }
  return Wrong(fmt::format("must be one of: {}", fmt::join(choices, ", ")));
}

std::string_view ChoiceName(const SettingSpec& spec, int index) {
  return SplitWords(spec.choices).at(static_cast<std::size_t>(index));
}

Status ParseInto(const SettingSpec&, std::string_view text, bool* field) {
  const std::string lower = Lower(base::StripWhiteSpace(text));
  if (HasWord("true yes on 1", lower)) {
    *field = true;
  } else if (HasWord("false no off 0", lower)) {
    *field = false;
  } else {
    return Wrong("must be true or false");
  }
  return Status();
}

Status ParseInto(const SettingSpec& spec, std::string_view text, int* field) {
  WT_ASSIGN(const std::int64_t value, ParseNumber(spec, text));
  *field = static_cast<int>(value);
  return Status();
}

Status ParseInto(const SettingSpec& spec, std::string_view text, std::int64_t* field) {
  WT_ASSIGN(*field, ParseNumber(spec, text));
  return Status();
}

Status ParseInto(const SettingSpec& spec, std::string_view text,
                 std::optional<std::int64_t>* field) {
  if (IsUnset(text)) {
    field->reset();
    return Status();
  }
  WT_ASSIGN(*field, ParseNumber(spec, text));
  return Status();
}

Status ParseInto(const SettingSpec& spec, std::string_view text, std::string* field) {
  if (text.size() > kValueBytesMax) return Wrong("is too long");
  if (text.find('\0') != std::string_view::npos || !base::IsValidUtf8(text)) {
    return Wrong("must be UTF-8 text");
  }
  if (!spec.choices.empty()) {
    WT_ASSIGN(const int index, ParseChoice(spec, text));
    *field = ChoiceName(spec, index);
    return Status();
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return Wrong("must be one line without control characters");
  }
  *field = base::StripWhiteSpace(text);
  return Status();
}

Status ParseInto(const SettingSpec&, std::string_view text, std::vector<std::string>* field) {
  if (text.size() > kValueBytesMax) return Wrong("is too long");
  if (!base::IsValidUtf8(text)) return Wrong("must be UTF-8 text");
  std::vector<std::string> parts = SplitValues(text);
  if (parts.size() > kListPartsMax) return Wrong("has too many parts");
  *field = std::move(parts);
  return Status();
}

Status ParseInto(const SettingSpec&, std::string_view text, Secret* field) {
  if (text.size() > kValueBytesMax) return Wrong("is too long");
  if (text.find('\0') != std::string_view::npos) return Wrong("must not hold a zero byte");
  *field = Secret(std::string(text));
  return Status();
}

Status ParseInto(const SettingSpec&, std::string_view text, std::vector<Secret>* field) {
  if (text.size() > kValueBytesMax) return Wrong("is too long");
  std::vector<std::string> parts = SplitValues(text);
  if (parts.size() > kListPartsMax) return Wrong("has too many parts");
  field->clear();
  for (std::string& part : parts) field->emplace_back(std::move(part));
  return Status();
}

Status ParseInto(const SettingSpec&, std::string_view text, RateLimit* field) {
  const std::size_t slash = text.find('/');
  const SettingSpec requests{.name = "requests", .minimum = 1, .maximum = 1'000'000};
  const SettingSpec window{.name = "window", .minimum = 1, .maximum = 86'400};
  if (slash != std::string_view::npos) {
    const Result<std::int64_t> count = ParseNumber(requests, text.substr(0, slash));
    const Result<std::int64_t> seconds = ParseDuration(window, text.substr(slash + 1), 1);
    if (count.ok() && seconds.ok()) {
      *field = {.requests = *count, .window = std::chrono::seconds(*seconds)};
      return Status();
    }
  }
  return Wrong("must be requests and a time of up to a day, such as 60/minute or 100/1 hour");
}

Status ParseInto(const SettingSpec& spec, std::string_view text,
                 std::optional<base::LogLevel>* field) {
  if (IsUnset(text)) {
    field->reset();
    return Status();
  }
  base::LogLevel level{};
  WT_TRY(ParseInto(spec, text, &level));
  *field = level;
  return Status();
}

std::string Show(const SettingSpec&, bool field) { return field ? "true" : "false"; }
std::string Show(const SettingSpec&, int field) { return std::to_string(field); }
std::string Show(const SettingSpec&, std::int64_t field) { return std::to_string(field); }
std::string Show(const SettingSpec&, const std::optional<std::int64_t>& field) {
  return field ? std::to_string(*field) : "";
}
std::string Show(const SettingSpec&, const std::string& field) { return field; }
std::string Show(const SettingSpec&, const std::vector<std::string>& field) {
  return fmt::format("{}", fmt::join(field, ","));
}
std::string Show(const SettingSpec&, const Secret& field) {
  return field.empty() ? "" : fmt::format("(secret, {} characters)", field.size());
}
std::string Show(const SettingSpec&, const std::vector<Secret>& field) {
  return field.empty() ? "" : fmt::format("({} secrets)", field.size());
}
std::string Show(const SettingSpec&, const RateLimit& field) {
  return fmt::format("{}/{} seconds", field.requests, field.window.count());
}
std::string Show(const SettingSpec& spec, const std::optional<base::LogLevel>& field) {
  return field ? Show(spec, *field) : "";
}

}  // namespace wt::config
