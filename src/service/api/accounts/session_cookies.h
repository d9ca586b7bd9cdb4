// The cookies of a browser's session (AUTH-18, decision 11). Pure: thread-safe.
//
// On TLS the names carry the prefixes that browsers enforce (RFC 6265bis, section 4.1.3): no other
// host and no plain connection can set them. On plain HTTP the bare names are used; both are read.
// The refresh token is sent to its own path only, under the prefix the client calls us by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/auth/accounts/sessions.h"
#include "service/http/message.h"

namespace wt::api {

/// "", "/api" or "/api/v1": how the client addresses the API.
std::string_view ApiPrefix(std::string_view path);

enum class SameSite : std::uint8_t { kStrict, kLax, kNone };

struct CookieRules {
  /// The connection, or the operator, says that only TLS is used.
  bool secure = false;
  /// Of the access token's cookie. The refresh token's is always Strict.
  SameSite same_site = SameSite::kStrict;
  /// A shorter life than the token's own (SESSION_TIMEOUT); 0: the token's.
  std::int64_t seconds_max = 0;
};

void SetSessionCookies(const auth::Tokens& tokens, const CookieRules& rules,
                       std::string_view request_path, http::Response* response);
/// Removes them under every name and path.
void ClearSessionCookies(const CookieRules& rules, http::Response* response);

std::optional<std::string_view> RefreshCookie(const http::Request& request);

}  // namespace wt::api
