#include "base/ids.h"

#include <fmt/format.h>

#include <chrono>

namespace wt::base {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::optional<int> HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool DashBefore(std::size_t digit) {
  return digit == 8 || digit == 12 || digit == 16 || digit == 20;
}

std::string WithDashes(std::string_view digits) {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (DashBefore(i)) text += '-';
    text += digits[i];
  }
  return text;
}

/// Reads exactly `count` decimal digits from the front.
std::optional<int> TakeNumber(std::string_view* text, std::size_t count) {
  if (text->size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text->substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view* text, std::string_view any_of) {
  if (text->empty() || any_of.find(text->front()) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

/// ".250": at least one digit; what is finer than a millisecond is cut. 0 when there is no point.
std::optional<int> TakeMillis(std::string_view* text) {
  if (!TakeChar(text, ".")) return 0;
  int millis = 0;
  int scale = 100;
  std::size_t digits = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
    millis += (text->front() - '0') * scale;
    scale /= 10;
    ++digits;
    text->remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  return millis;
}

/// "Z" or "+01:30", in minutes east of UTC.
std::optional<int> TakeOffset(std::string_view* text) {
  if (TakeChar(text, "Zz")) return 0;
  if (text->empty()) return std::nullopt;
  const int sign = text->front() == '-' ? -1 : 1;
  if (!TakeChar(text, "+-")) return std::nullopt;
  const std::optional<int> hours = TakeNumber(text, 2);
  if (!hours || *hours > 23 || !TakeChar(text, ":")) return std::nullopt;
  const std::optional<int> minutes = TakeNumber(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::string Hex(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text += kHexDigits[std::to_integer<unsigned>(b) >> 4];
    text += kHexDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

std::string FormatUuidV7(UnixMillis now, std::span<const std::byte, 10> random) {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::byte>((now >> (40 - 8 * static_cast<int>(i))) & 0xFF);
  }
  for (std::size_t i = 0; i < random.size(); ++i) bytes[6 + i] = random[i];
  bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x70};  // Version 7.
  bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};  // The RFC's variant.
  return WithDashes(Hex(bytes));
}

std::optional<std::string> CanonicalUuid(std::string_view text) {
  const bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dashed && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const std::optional<int> value = HexValue(text[i]);
    if (!value) return std::nullopt;
    digits += kHexDigits[static_cast<std::size_t>(*value)];
  }
  return WithDashes(digits);
}

std::string FormatTime(UnixMillis time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(time)};
  const auto day = floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::milliseconds> clock(point - day);
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9'999) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year,
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
  }
  // Some lists have hundreds of times: digit by digit costs a tenth of a format string.
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&text](std::size_t last, std::int64_t number) {
    for (std::size_t at = last; number > 0; --at, number /= 10) {
      text[at] = static_cast<char>('0' + number % 10);
    }
  };
  put(3, year);
  put(6, static_cast<unsigned>(date.month()));
  put(9, static_cast<unsigned>(date.day()));
  put(12, clock.hours().count());
  put(15, clock.minutes().count());
  put(18, clock.seconds().count());
  put(22, clock.subseconds().count());
  return text;
}

std::optional<UnixMillis> ParseTime(std::string_view text) {
  const std::optional<int> year = TakeNumber(&text, 4);
  if (!year || !TakeChar(&text, "-")) return std::nullopt;
  const std::optional<int> month = TakeNumber(&text, 2);
  if (!month || !TakeChar(&text, "-")) return std::nullopt;
  const std::optional<int> day = TakeNumber(&text, 2);
  if (!day || !TakeChar(&text, "Tt ")) return std::nullopt;
  const std::optional<int> hour = TakeNumber(&text, 2);
  if (!hour || *hour > 23 || !TakeChar(&text, ":")) return std::nullopt;
  const std::optional<int> minute = TakeNumber(&text, 2);
  if (!minute || *minute > 59 || !TakeChar(&text, ":")) return std::nullopt;
  const std::optional<int> second = TakeNumber(&text, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second.
  const std::optional<int> millis = TakeMillis(&text);
  if (!millis) return std::nullopt;
  const std::optional<int> offset = TakeOffset(&text);
  if (!offset || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + *hour) * 60 + *minute - *offset) * 60'000 + *second * 1'000 + *millis;
}

}  // namespace wt::base
