#include "service/api/host_names.h"

#include <algorithm>

#include "service/http/text.h"

namespace wt::api {
namespace {

bool Matches(std::string_view pattern, std::string_view name) {
  if (pattern == "*") return true;
  if (!pattern.starts_with("*.")) return http::EqualsIgnoreCase(pattern, name);
  const std::string_view domain = pattern.substr(1);
  return name.size() > domain.size() &&
         http::EqualsIgnoreCase(name.substr(name.size() - domain.size()), domain);
}

}  // namespace

std::string HostName(std::string_view host_field) {
  if (!host_field.empty() && host_field.front() == '[') {
    host_field = host_field.substr(1, host_field.find(']') - 1);
  } else if (const auto colon = host_field.rfind(':'); colon != std::string_view::npos) {
    host_field = host_field.substr(0, colon);
  }
  std::string name(host_field);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

bool IsAllowedHost(const std::vector<std::string>& allowed, std::string_view host_field) {
  if (allowed.empty()) return true;
  const std::string name = HostName(host_field);
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& pattern) { return Matches(pattern, name); });
}

}  // namespace wt::api
