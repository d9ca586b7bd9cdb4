// Request targets: percent-decoding, paths without tricks, queries and urlencoded forms.
//
// Strict: a broken escape, an encoded NUL and bytes that are no UTF-8 are refused, never repaired,
// because two readers that repair differently can be played against each other. Source: RFC 3986;
// WHATWG URL, "application/x-www-form-urlencoded parsing". Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::http {

enum class PlusSign { kLiteral, kIsSpace };

/// Decodes %XX once. kInvalidArgument: broken escape, NUL, or no UTF-8 afterwards.
Result<std::string> PercentDecode(std::string_view text, PlusSign plus = PlusSign::kLiteral);

/// Everything but unreserved characters as %XX.
std::string PercentEncode(std::string_view text);

/// A path in one spelling: escapes of unreserved characters undone, the others in upper case (RFC
/// 3986, section 6.2.2). kInvalidArgument: not beginning with '/', characters that no URI has, dot
/// segments in any spelling, NUL, no UTF-8.
Result<std::string> NormalizePath(std::string_view path);

// Forms and queries of programs have tens of fields; more only costs memory.
inline constexpr std::size_t kFormFieldsMax = 1'000;

/// Pairs of "a=1&b=x+y". Empty pieces are skipped; a piece without '=' has an empty value.
/// kInvalidArgument as PercentDecode() and for more than `fields_max` pairs.
Result<std::vector<std::pair<std::string, std::string>>> ParseForm(
    std::string_view text, std::size_t fields_max = kFormFieldsMax);

}  // namespace wt::http
