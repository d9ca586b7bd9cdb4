// Small pieces of HTTP grammar (RFC 9110, section 5.6): tokens, lists, case, white space.
//
// Pure functions over views; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace wt::http {

/// Without regard to the case of ASCII letters.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
/// Without the spaces and tabs around it.
std::string_view TrimSpace(std::string_view text);
/// The elements of a comma-separated list without quoted strings, trimmed; empty ones left out.
std::vector<std::string_view> SplitList(std::string_view text);
/// True when the list has that element, without regard to case.
bool ListHas(std::string_view list, std::string_view element);
/// One or more characters of a token.
bool IsToken(std::string_view text);
/// Digits only and at most INT64_MAX; nothing else, no sign.
std::optional<std::int64_t> ParseDigits(std::string_view text);
/// No control characters but the tab: may stand in a field value.
bool IsFieldValue(std::string_view text);

}  // namespace wt::http
