// Credentials out of header fields, as text from strangers. Pure: thread-safe.
#pragma once

#include <optional>
#include <string_view>

namespace wt::auth {

struct AuthorizationField {
  enum class Scheme { kNone, kBearer, kToken, kOther };
  Scheme scheme = Scheme::kNone;
  /// Without the white space around it; empty unless the scheme is kBearer or kToken.
  std::string_view token;
};

/// "Bearer x" (RFC 6750) and "Token x"; the scheme in any case. A token that holds anything but
/// visible ASCII makes the scheme kOther.
AuthorizationField ParseAuthorization(std::string_view value);

/// The value of a cookie (RFC 6265 section 5.4 order: the first wins); quotes around it are taken
/// off. Names compare exactly.
std::optional<std::string_view> FindCookie(std::string_view cookie_field, std::string_view name);

/// "https://example.org:8443" as scheme, host and port; the port is the scheme's where none is
/// given. Empty for "null" and what is no origin of http or https.
struct Origin {
  bool secure = false;
  std::string_view host;
  int port = 0;
};
std::optional<Origin> ParseOrigin(std::string_view text);

/// "example.org:8443", "[::1]:8001" as a Host field has it; `secure` chooses the default port.
std::optional<Origin> ParseHost(std::string_view text, bool secure);

/// Hosts without case; scheme and port too.
bool SameOrigin(const Origin& a, const Origin& b);

/// "localhost", "*.localhost", 127.0.0.0/8 and ::1: what no foreign name server can point here.
bool IsLoopbackHost(std::string_view host);

}  // namespace wt::auth
