#include "service/auth/access/header_fields.h"

#include <algorithm>
#include <charconv>

#include "service/auth/access/cidr.h"

namespace wt::auth {
namespace {

constexpr int kHttpPort = 80;
constexpr int kHttpsPort = 443;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualNoCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsVisibleAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// Letters, digits, '-', '.', '_', and ':' inside brackets.
bool IsHost(std::string_view host) {
  if (host.empty() || host.size() > 255) return false;
  if (host.front() == '[') return host.back() == ']' && IpAddress::Parse(host).has_value();
  return std::all_of(host.begin(), host.end(), [](char c) {
    const char lower = Lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

}  // namespace

AuthorizationField ParseAuthorization(std::string_view value) {
  value = Trim(value);
  if (value.empty()) return {};
  AuthorizationField field;
  field.scheme = AuthorizationField::Scheme::kOther;
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos) return field;
  const std::string_view scheme = value.substr(0, space);
  const std::string_view token = Trim(value.substr(space));
  if (!IsVisibleAscii(token)) return field;
  if (EqualNoCase(scheme, "bearer")) {
    field = {AuthorizationField::Scheme::kBearer, token};
  } else if (EqualNoCase(scheme, "token")) {
    field = {AuthorizationField::Scheme::kToken, token};
  }
  return field;
}

std::optional<std::string_view> FindCookie(std::string_view cookie_field, std::string_view name) {
  while (!cookie_field.empty()) {
    const std::size_t end = cookie_field.find(';');
    const std::string_view pair = Trim(cookie_field.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      std::string_view value = pair.substr(equals + 1);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      return value;
    }
    if (end == std::string_view::npos) break;
    cookie_field.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::optional<Origin> ParseOrigin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, colon);
  const bool secure = EqualNoCase(scheme, "https");
  if (!secure && !EqualNoCase(scheme, "http")) return std::nullopt;
  return ParseHost(text.substr(colon + 3), secure);
}

std::optional<Origin> ParseHost(std::string_view text, bool secure) {
  Origin origin{secure, text, secure ? kHttpsPort : kHttpPort};
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), origin.port);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (origin.port < 1 || origin.port > 65'535) return std::nullopt;
    origin.host = text.substr(0, colon);
  }
  if (!IsHost(origin.host)) return std::nullopt;
  return origin;
}

bool SameOrigin(const Origin& a, const Origin& b) {
  return a.secure == b.secure && a.port == b.port && EqualNoCase(a.host, b.host);
}

bool IsLoopbackHost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  if (EqualNoCase(host, kName)) return true;
  if (host.size() > kName.size() + 1 && host[host.size() - kName.size() - 1] == '.' &&
      EqualNoCase(host.substr(host.size() - kName.size()), kName)) {
    return true;
  }
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  return address && address->is_loopback();
}

}  // namespace wt::auth
