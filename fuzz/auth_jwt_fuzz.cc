// Access tokens of strangers: nothing is accepted that was not signed with our key, and what is
// signed with it is read without a fault.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/auth/crypto/digest.h"
#include "service/auth/crypto/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kNow = 1'700'000'000'000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const wt::auth::JwtKeys keys = {"0123456789abcdef0123456789abcdef", "previous key"};
  // As sent: nobody guesses 256 bits.
  WT_CHECK(!wt::auth::VerifyToken(text, keys, kNow).ok());
  // The reader behind the signature: header and payload, separated by a line feed.
  const std::size_t cut = text.find('\n');
  if (cut == std::string_view::npos) return 0;
  const std::string part = wt::auth::Base64UrlEncode(text.substr(0, cut)) + "." +
                           wt::auth::Base64UrlEncode(text.substr(cut + 1));
  const std::string token =
      part + "." + wt::auth::Base64UrlEncode(wt::auth::HmacSha256(keys.current, part));
  const wt::Result<wt::auth::Claims> claims = wt::auth::VerifyToken(token, keys, kNow);
  if (!claims.ok()) return 0;
  WT_CHECK(claims->exp > kNow / 1'000 && claims->iat <= kNow / 1'000 + 60);
  WT_CHECK(!claims->sub.empty() && !claims->sid.empty() && !claims->jti.empty());
  return 0;
}
