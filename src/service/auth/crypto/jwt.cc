#include "service/auth/crypto/jwt.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "service/auth/crypto/digest.h"

namespace wt::auth {
namespace {

using nlohmann::json;

Status Refused(std::string reason) {
  return Status(StatusCode::kPermissionDenied, "The token is not valid. Sign in again.",
                InternalDetail(std::move(reason)));
}

std::string Signature(std::string_view signed_part, std::string_view key) {
  return Base64UrlEncode(HmacSha256(key, signed_part));
}

/// The three parts of "header.payload.signature".
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  /// Header and payload with the dot between them.
  std::string_view signed_part;
};

Result<Parts> Split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return Refused("token too long");
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return Refused("no first dot");
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return Refused("no second dot");
  if (token.find('.', second + 1) != std::string_view::npos) return Refused("too many dots");
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

bool SignedByUs(const Parts& parts, const JwtKeys& keys) {
  // Both are always computed, so that the time does not tell which key it was.
  const bool current =
      ConstantTimeEqual(Signature(parts.signed_part, keys.current), parts.signature);
  const bool previous =
      ConstantTimeEqual(Signature(parts.signed_part, keys.previous), parts.signature) &&
      !keys.previous.empty();
  return current || previous;
}

Result<json> DecodeObject(std::string_view part, const char* name) {
  const std::optional<std::string> text = Base64UrlDecode(part);
  if (!text) return Refused(std::string(name) + " is not base64url");
  json object = base::JsonFromText(*text);
  if (!object.is_object()) return Refused(std::string(name) + " is not an object");
  return object;
}

std::string TextOf(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// -1 when it is missing or not a whole number.
std::int64_t NumberOf(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_integer() ? it->get<std::int64_t>() : -1;
}

Status CheckHeader(const json& header) {
  if (TextOf(header, "alg") != "HS256") return Refused("algorithm is not HS256");
  if (header.contains("typ") && TextOf(header, "typ") != "JWT") return Refused("type is not JWT");
  if (header.contains("crit")) return Refused("critical extensions");
  return {};
}

Status CheckTimes(const json& payload, std::int64_t now_s) {
  const std::int64_t iat = NumberOf(payload, "iat");
  const std::int64_t exp = NumberOf(payload, "exp");
  if (iat < 0 || exp < 0) return Refused("no iat or exp");
  // Strict at the end of life: another node's slow clock only makes the token end earlier.
  if (exp <= now_s) return Refused("expired");
  if (iat > now_s + kTokenSkewSeconds) return Refused("issued in the future");
  if (payload.contains("nbf")) {
    const std::int64_t nbf = NumberOf(payload, "nbf");
    if (nbf < 0 || nbf > now_s + kTokenSkewSeconds) return Refused("not valid yet");
  }
  return {};
}

}  // namespace

std::string SignToken(const Claims& claims, const JwtKeys& keys) {
  WT_CHECK(!keys.current.empty());
  const json payload = {{"iss", kTokenIssuer}, {"aud", kTokenAudience}, {"sub", claims.sub},
                        {"role", claims.role}, {"sid", claims.sid},     {"jti", claims.jti},
                        {"iat", claims.iat},   {"exp", claims.exp}};
  std::string token = Base64UrlEncode(R"({"alg":"HS256","typ":"JWT"})");
  token += '.';
  token += Base64UrlEncode(base::JsonToText(payload));
  const std::string signature = Signature(token, keys.current);
  return token + '.' + signature;
}

Result<Claims> VerifyToken(std::string_view token, const JwtKeys& keys, base::UnixMillis now) {
  WT_ASSIGN(const Parts parts, Split(token));
  if (keys.current.empty() || !SignedByUs(parts, keys)) return Refused("wrong signature");
  WT_ASSIGN(const json header, DecodeObject(parts.header, "header"));
  WT_TRY(CheckHeader(header));
  WT_ASSIGN(const json payload, DecodeObject(parts.payload, "payload"));
  if (TextOf(payload, "iss") != kTokenIssuer) return Refused("wrong issuer");
  if (TextOf(payload, "aud") != kTokenAudience) return Refused("wrong audience");
  WT_TRY(CheckTimes(payload, now / 1'000));
  Claims claims;
  claims.sub = TextOf(payload, "sub");
  claims.role = TextOf(payload, "role");
  claims.sid = TextOf(payload, "sid");
  claims.jti = TextOf(payload, "jti");
  claims.iat = NumberOf(payload, "iat");
  claims.exp = NumberOf(payload, "exp");
  if (claims.sub.empty() || claims.sid.empty() || claims.jti.empty()) {
    return Refused("sub, sid or jti is missing");
  }
  if (claims.role != "user" && claims.role != "admin") return Refused("unknown role");
  return claims;
}

}  // namespace wt::auth
