// Whether a Host field names this server (SEC-01: names that somebody else chose end nowhere).
// Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wt::api {

/// "[::1]:8001" -> "::1", "Example.org:80" -> "example.org".
std::string HostName(std::string_view host_field);

/// `allowed` has names without port. "*.example.org" stands for every host below example.org, not
/// for itself; "*", or no names at all, for any.
bool IsAllowedHost(const std::vector<std::string>& allowed, std::string_view host_field);

}  // namespace wt::api
