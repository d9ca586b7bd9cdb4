// Parameters of header fields: `form-data; name="a\"b"; filename*=UTF-8''na%C3%AFve.wav`.
//
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::http {

struct FieldValue {
  /// Before the first semicolon, trimmed.
  std::string value;
  /// Names in lower case, in order; values without quotes.
  std::vector<std::pair<std::string, std::string>> parameters;

  std::optional<std::string_view> Find(std::string_view name) const;
};

/// kInvalidArgument: malformed, a parameter twice, or an unfinished quoted string. In a quoted
/// string a backslash escapes '"' and '\' only, because browsers of old send Windows paths.
Result<FieldValue> ParseFieldValue(std::string_view text);

/// The text of an extended value (RFC 8187): UTF-8'language'%XX. kInvalidArgument otherwise.
Result<std::string> DecodeExtendedValue(std::string_view text);

}  // namespace wt::http
