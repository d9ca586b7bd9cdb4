#include "service/api/rest/page_cursor.h"

#include <charconv>
#include <cstdint>
#include <span>

#include "service/auth/crypto/digest.h"

namespace wt::api {
namespace {

// Long enough for a list that somebody reads, short enough for a key that is changed.
constexpr base::UnixMillis kLifeMs = 24 * 3'600'000;
// The store's place has at most 2,048 characters, which base64 makes 4/3 of, behind 20 digits.
constexpr std::size_t kCursorBytesMax = 3'072;
// 128 bits: nobody guesses one in a day.
constexpr std::size_t kSignatureBytes = 16;

}  // namespace

PageCursors::PageCursors(std::string_view secret, const base::Clock* clock)
    : key_(auth::DeriveKey(secret, "page cursors")), clock_(clock) {}

std::string PageCursors::Signature(std::string_view list, std::string_view body) const {
  // The list's own digest has a fixed length, so that no part of it can pass for the body's.
  const std::string text = auth::HashToken(list) + std::string(body);
  const auth::Digest digest = auth::HmacSha256(key_, text);
  return auth::Base64UrlEncode(std::span(digest).first(kSignatureBytes));
}

std::string PageCursors::Seal(std::string_view list, std::string_view place) const {
  const std::string ends = std::to_string(clock_->Now() + kLifeMs);
  const std::string body = auth::Base64UrlEncode(ends + "\n" + std::string(place));
  return body + "." + Signature(list, body);
}

std::optional<std::string> PageCursors::Open(std::string_view list, std::string_view cursor) const {
  if (cursor.size() > kCursorBytesMax) return std::nullopt;
  const std::size_t dot = cursor.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view body = cursor.substr(0, dot);
  if (!auth::ConstantTimeEqual(cursor.substr(dot + 1), Signature(list, body))) return std::nullopt;
  const std::optional<std::string> text = auth::Base64UrlDecode(body);
  const std::size_t line = text ? text->find('\n') : std::string::npos;
  if (line == std::string::npos) return std::nullopt;
  std::int64_t ends = 0;
  std::from_chars(text->data(), text->data() + line, ends);
  if (ends <= clock_->Now()) return std::nullopt;
  return text->substr(line + 1);
}

}  // namespace wt::api
