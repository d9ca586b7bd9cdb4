// Writes the head of a response and decides how its body is framed. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/http/message.h"

namespace wt::http {

std::string_view ReasonPhrase(int status);

/// 1xx, 204 and 304 never have a body.
bool StatusHasBody(int status);

struct HeadFacts {
  bool http11 = true;
  bool keep_alive = true;
  /// "Date: ...\r\n".
  std::string_view date_line;
  /// Absent: chunked, or up to the end of the connection for HTTP/1.0.
  std::optional<std::int64_t> length;
};

/// Fields that are the server's are left out; a value that would end its line is left out too,
/// because it can only be an attempt to write further fields.
std::string FormatResponseHead(const Response& response, const HeadFacts& facts);

/// Bytes of the body when they are known before it is sent.
std::optional<std::int64_t> BodyLength(const Response& response);

}  // namespace wt::http
