// Authorization, Cookie, Origin and Host fields; base64url.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "service/auth/access/header_fields.h"
#include "service/auth/crypto/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Scheme = wt::auth::AuthorizationField::Scheme;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const wt::auth::AuthorizationField field = wt::auth::ParseAuthorization(text);
  const bool has_token = field.scheme == Scheme::kBearer || field.scheme == Scheme::kToken;
  WT_CHECK(has_token || field.token.empty());
  for (const char c : field.token) WT_CHECK(c > ' ' && c <= '~');
  const std::optional<std::string_view> cookie = wt::auth::FindCookie(text, "auth_token");
  WT_CHECK(!cookie || cookie->find(';') == std::string_view::npos);
  const std::optional<wt::auth::Origin> origin = wt::auth::ParseOrigin(text);
  if (origin) {
    WT_CHECK(!origin->host.empty() && origin->port > 0 && origin->port < 65'536);
    WT_CHECK(wt::auth::SameOrigin(*origin, *origin));
  }
  if (const auto host = wt::auth::ParseHost(text, false)) {
    static_cast<void>(wt::auth::IsLoopbackHost(host->host));
  }
  const std::optional<std::string> bytes = wt::auth::Base64UrlDecode(text);
  WT_CHECK(!bytes || wt::auth::Base64UrlEncode(*bytes) == text);
  return 0;
}
