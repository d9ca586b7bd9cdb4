#include "service/http/url.h"

#include <algorithm>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::http {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte of the escape at `text[at]`, or -1.
int EscapedByte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return -1;
  const int high = HexValue(text[at + 1]);
  const int low = HexValue(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// Characters that may stand unescaped in a path (RFC 3986, section 3.3: pchar and '/').
bool IsPathChar(char c) {
  return IsUnreserved(c) || std::string_view("/!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

Status Bad(std::string message) { return Status(StatusCode::kInvalidArgument, std::move(message)); }

void AppendEscaped(unsigned char byte, std::string* out) {
  *out += '%';
  *out += kHexDigits[byte >> 4];
  *out += kHexDigits[byte & 15];
}

bool HasDotSegment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(slash);
  }
  return false;
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int byte = EscapedByte(text, i);
      if (byte < 0) return Bad("The address has a broken percent escape.");
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' && plus == PlusSign::kIsSpace ? ' ' : text[i];
    }
  }
  if (out.find('\0') != std::string::npos) return Bad("The address has a zero byte.");
  if (!base::IsValidUtf8(out)) return Bad("The address is not UTF-8.");
  return out;
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      AppendEscaped(static_cast<unsigned char>(c), &out);
    }
  }
  return out;
}

Result<std::string> NormalizePath(std::string_view path) {
  if (path.empty() || path.front() != '/') return Bad("The path must begin with '/'.");
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      if (!IsPathChar(path[i])) return Bad("The path has a character that must be escaped.");
      out += path[i];
      continue;
    }
    const int byte = EscapedByte(path, i);
    if (byte < 0) return Bad("The path has a broken percent escape.");
    if (IsUnreserved(static_cast<char>(byte))) {
      out += static_cast<char>(byte);
    } else {
      AppendEscaped(static_cast<unsigned char>(byte), &out);
    }
    i += 2;
  }
  if (HasDotSegment(out)) return Bad("The path has a dot segment.");
  if (out.find('%') != std::string::npos) WT_TRY(PercentDecode(out));
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseForm(std::string_view text,
                                                                   std::size_t fields_max) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (piece.empty()) continue;
    if (pairs.size() == fields_max) return Bad("There are too many fields.");
    const std::size_t equals = std::min(piece.find('='), piece.size());
    WT_ASSIGN(std::string name, PercentDecode(piece.substr(0, equals), PlusSign::kIsSpace));
    WT_ASSIGN(std::string value,
              PercentDecode(piece.substr(std::min(equals + 1, piece.size())), PlusSign::kIsSpace));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

}  // namespace wt::http
