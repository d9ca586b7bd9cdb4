// Byte ranges (RFC 9110, section 14): what of a resource is sent, and with which status.
//
// One range is served. Several are answered with the whole, as section 14.2 allows: players ask for
// one, and multipart/byteranges is a way to make a server send much for little. Pure functions,
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "service/http/content/conditional.h"
#include "service/http/message.h"

namespace wt::http {

enum class RangeKind : std::uint8_t { kWhole, kPart, kUnsatisfiable };

struct ByteRange {
  RangeKind kind = RangeKind::kWhole;
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// The value of a Range field against a resource of `size` bytes. Other units and malformed values
/// are ignored, so the whole is sent.
ByteRange ParseRange(std::string_view value, std::int64_t size);

/// How a GET or HEAD of a resource of `size` bytes is answered.
struct ReplyPlan {
  /// 200, 206, 304, 412 or 416. The last three have no body of the resource.
  int status = 200;
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// Looks at the preconditions, If-Range and Range, and sets ETag, Last-Modified, Accept-Ranges and
/// Content-Range in `headers`.
ReplyPlan PlanReply(const Request& request, const Validators& validators, std::int64_t size,
                    Headers* headers);

}  // namespace wt::http
