#include "service/http/content/http_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "service/http/text.h"

namespace wt::http {
namespace {

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> Number(std::string_view text, int largest) {
  const std::optional<std::int64_t> value = ParseDigits(text);
  if (!value || *value > largest) return std::nullopt;
  return static_cast<int>(*value);
}

}  // namespace

std::string FormatHttpDate(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds time{seconds{unix_seconds}};
  const sys_days date = floor<days>(time);
  const year_month_day day{date};
  const hh_mm_ss clock{time - date};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday{date}.c_encoding()],
                     static_cast<unsigned>(day.day()),
                     kMonths[static_cast<unsigned>(day.month()) - 1], static_cast<int>(day.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::int64_t> ParseHttpDate(std::string_view text) {
  using namespace std::chrono;
  // "Sun, 06 Nov 1994 08:49:37 GMT": positions are fixed.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  const auto month = std::find(std::begin(kMonths), std::end(kMonths), text.substr(8, 3));
  const auto day = Number(text.substr(5, 2), 31);
  const auto year_number = Number(text.substr(12, 4), 9999);
  const auto hour = Number(text.substr(17, 2), 23);
  const auto minute = Number(text.substr(20, 2), 59);
  const auto second = Number(text.substr(23, 2), 60);
  if (month == std::end(kMonths) || !day || !year_number || !hour || !minute || !second) {
    return std::nullopt;
  }
  const year_month_day date{year{*year_number},
                            std::chrono::month(static_cast<unsigned>(month - kMonths) + 1),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const sys_seconds time = sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};
  return time.time_since_epoch().count();
}

}  // namespace wt::http
