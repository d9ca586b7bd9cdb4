// Conditional requests (RFC 9110, section 13): ETag, If-None-Match, If-Match, the dates, If-Range.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/http/message.h"

namespace wt::http {

/// What names the present state of a resource.
struct Validators {
  /// With its quotes, "W/" before it when weak; empty: none.
  std::string etag;
  std::optional<std::int64_t> last_modified_unix_seconds;
};

/// `opaque` in quotes. REQUIRES: visible ASCII without quotes.
std::string StrongETag(std::string_view opaque);

enum class Precondition : std::uint8_t {
  /// Answer as if nothing had been asked.
  kProceed,
  /// 304, without a body.
  kNotModified,
  /// 412; nothing may be changed.
  kFailed,
};

/// In the order of section 13.2.2. A resource without validators and a malformed date fulfil
/// nothing and forbid nothing.
Precondition EvaluatePreconditions(Method method, const Headers& headers,
                                   const Validators& validators);

/// True when Range may be followed: no If-Range, or one that names exactly this state.
bool IfRangeHolds(const Headers& headers, const Validators& validators);

/// ETag and Last-Modified.
void AddValidators(const Validators& validators, Headers* headers);

}  // namespace wt::http
