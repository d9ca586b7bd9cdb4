// Access tokens: JWT (RFC 7519) signed with HS256 (RFC 7518 section 3.2), and nothing else.
//
// The signature is checked over the bytes as sent before anything in them is parsed, always with
// HMAC-SHA256: the header cannot choose the algorithm, and JSON of strangers is never read. Pure:
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

inline constexpr std::string_view kTokenIssuer = "whisper-transcriber";
inline constexpr std::string_view kTokenAudience = "whisper-transcriber-api";
/// Ours have about 400 bytes.
inline constexpr std::size_t kTokenBytesMax = 2'048;
/// How far in the future a token may have been issued by another machine's clock.
inline constexpr std::int64_t kTokenSkewSeconds = 60;

struct JwtKeys {
  /// Signs. HS256 wants at least 32 bytes.
  std::string current;
  /// Still verifies after a rotation; empty: none.
  std::string previous;
};

/// Nothing personal: whoever holds the token can read it.
struct Claims {
  /// User id.
  std::string sub;
  /// "user" or "admin", for clients to show. Rights come from the user's row.
  std::string role;
  /// The session, whose row decides whether the token still holds.
  std::string sid;
  /// Unique per token.
  std::string jti;
  /// Seconds since 1970.
  std::int64_t iat = 0;
  std::int64_t exp = 0;
};

std::string SignToken(const Claims& claims, const JwtKeys& keys);

/// kPermissionDenied with one public text for every reason; the detail says which.
Result<Claims> VerifyToken(std::string_view token, const JwtKeys& keys, base::UnixMillis now);

}  // namespace wt::auth
