// Times as the formats write them, from seconds in a Transcript.
//
// Milliseconds are rounded half to even, as Python's round() does in openai-whisper (utils.py,
// format_timestamp). Values that no recording has (negative, NaN, beyond a thousand days) are
// clamped, so that damaged input can never print nonsense. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace wt::formats {

enum class Hours : std::uint8_t { kAlways, kWhenNeeded };

/// Whole milliseconds, 0 or more.
std::int64_t ToMilliseconds(double seconds);

/// "01:02:03.004"; the hours are left out when they are 0 and not asked for.
std::string FormatTime(std::int64_t milliseconds, Hours hours, char decimal_marker);

/// "62:03.00" for LRC: minutes without a limit, hundredths.
std::string FormatLyricsTime(std::int64_t milliseconds);

}  // namespace wt::formats
