// White space at the ends of UTF-8 text, as Python's str.strip() removes it. Pure: thread-safe.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/utf8.h"

namespace wt::base {

/// str.isspace() of Python 3: category Zs, and bidirectional classes WS, B and S.
constexpr bool IsWhiteSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}

/// The part of `text` between the white space at its ends.
inline std::string_view StripWhiteSpace(std::string_view text) {
  std::string_view rest = text;
  std::size_t begin = text.size();
  std::size_t end = text.size();
  while (!rest.empty()) {
    const std::size_t at = text.size() - rest.size();
    if (IsWhiteSpace(NextCodePoint(&rest))) continue;
    begin = std::min(begin, at);
    end = text.size() - rest.size();
  }
  return text.substr(begin, end - begin);
}

}  // namespace wt::base
