// Identifiers and RFC 3339 times as text.
//
// Pure functions: thread-safe. Random bytes come from the caller (platform/secure_random.h), so
// that simulations repeat.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wt::base {

/// UUID version 7 (RFC 9562): 48 bits of `now`, then 74 of `random`'s bits; 36 characters, lower
/// case.
std::string FormatUuidV7(UnixMillis now, std::span<const std::byte, 10> random);

/// Lower-case UUID text of any version from "xxxxxxxx-xxxx-..." or 32 hex digits, in any case;
/// empty when it is neither. Accepts what old clients send.
std::optional<std::string> CanonicalUuid(std::string_view text);

/// "2026-11-21T09:30:00.250Z": UTC, always with milliseconds. `time` from year 0 to 9999.
std::string FormatTime(UnixMillis time);
/// RFC 3339 with any offset and any number of decimals (cut to milliseconds). Empty when malformed.
std::optional<UnixMillis> ParseTime(std::string_view text);

/// Lower-case hex.
std::string Hex(std::span<const std::byte> bytes);

}  // namespace wt::base
