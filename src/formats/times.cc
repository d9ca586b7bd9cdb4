#include "formats/times.h"

#include <fmt/format.h>

#include <cmath>

namespace wt::formats {

std::int64_t ToMilliseconds(double seconds) {
  constexpr double kMillisecondsMax = 1000.0 * 24 * 3600 * 1000;  // A thousand days.
  const double milliseconds = seconds * 1000.0;
  if (!(milliseconds > 0)) return 0;  // NaN as well.
  // The default rounding mode is half to even.
  return static_cast<std::int64_t>(std::nearbyint(std::fmin(milliseconds, kMillisecondsMax)));
}

std::string FormatTime(std::int64_t milliseconds, Hours hours, char decimal_marker) {
  const std::int64_t whole_hours = milliseconds / 3'600'000;
  const std::string clock =
      fmt::format("{:02}:{:02}{}{:03}", milliseconds / 60'000 % 60, milliseconds / 1000 % 60,
                  decimal_marker, milliseconds % 1000);
  if (hours == Hours::kWhenNeeded && whole_hours == 0) return clock;
  return fmt::format("{:02}:{}", whole_hours, clock);
}

std::string FormatLyricsTime(std::int64_t milliseconds) {
  const std::int64_t hundredths = milliseconds / 10;
  return fmt::format("{:02}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60,
                     hundredths % 100);
}

}  // namespace wt::formats
