// Dates in header fields (RFC 9110, section 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
//
// Pure functions without locale or time zone, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wt::http {

std::string FormatHttpDate(std::int64_t unix_seconds);
/// The preferred form only; the two obsolete forms are no longer sent by anybody and count as
/// absent, which at worst sends a body again.
std::optional<std::int64_t> ParseHttpDate(std::string_view text);

}  // namespace wt::http
