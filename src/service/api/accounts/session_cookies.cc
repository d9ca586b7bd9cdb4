#include "service/api/accounts/session_cookies.h"

#include <fmt/format.h>

#include <algorithm>

#include "service/auth/access/header_fields.h"

namespace wt::api {
namespace {

constexpr std::string_view kPrefixes[] = {"/api/v1", "/api", ""};

std::string_view SameSiteName(SameSite same_site) {
  switch (same_site) {
    case SameSite::kStrict: return "Strict";
    case SameSite::kLax: return "Lax";
    case SameSite::kNone: return "None";
  }
  return "Strict";
}

std::string AccessCookie(std::string_view value, std::int64_t seconds, const CookieRules& rules) {
  return fmt::format("{}auth_token={}; Path=/; Max-Age={}; HttpOnly; SameSite={}{}",
                     rules.secure ? "__Host-" : "", value, seconds, SameSiteName(rules.same_site),
                     rules.secure ? "; Secure" : "");
}

std::string RefreshCookieField(std::string_view value, std::int64_t seconds, bool secure,
                               std::string_view prefix) {
  return fmt::format(
      "{}refresh_token={}; Path={}/auth/refresh; Max-Age={}; HttpOnly; SameSite=Strict{}",
      secure ? "__Secure-" : "", value, prefix, seconds, secure ? "; Secure" : "");
}

}  // namespace

std::string_view ApiPrefix(std::string_view path) {
  for (const std::string_view prefix : kPrefixes) {
    if (path.starts_with(prefix) && path.substr(prefix.size()).starts_with('/')) return prefix;
  }
  return "";
}

void SetSessionCookies(const auth::Tokens& tokens, const CookieRules& rules,
                       std::string_view request_path, http::Response* response) {
  const std::int64_t own = tokens.expires_in_s;
  const std::int64_t seconds = rules.seconds_max > 0 ? std::min(own, rules.seconds_max) : own;
  response->headers.Add("Set-Cookie", AccessCookie(tokens.access_token, seconds, rules));
  response->headers.Add("Set-Cookie",
                        RefreshCookieField(tokens.refresh_token, tokens.refresh_expires_in_s,
                                           rules.secure, ApiPrefix(request_path)));
}

void ClearSessionCookies(const CookieRules& rules, http::Response* response) {
  response->headers.Add("Set-Cookie", AccessCookie("", 0, rules));
  for (const std::string_view prefix : kPrefixes) {
    response->headers.Add("Set-Cookie", RefreshCookieField("", 0, rules.secure, prefix));
  }
}

std::optional<std::string_view> RefreshCookie(const http::Request& request) {
  const std::string_view field = request.headers.Find("Cookie").value_or("");
  for (const std::string_view name : {"__Secure-refresh_token", "refresh_token"}) {
    const std::optional<std::string_view> value = auth::FindCookie(field, name);
    if (value && !value->empty()) return value;
  }
  return std::nullopt;
}

}  // namespace wt::api
