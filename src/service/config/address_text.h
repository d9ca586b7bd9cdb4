// Shapes of hosts, origins and networks in settings. Nothing is resolved. Pure: thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace wt::config {

/// IPv4 or IPv6 address without brackets.
bool IsIpAddress(const std::string& text);
/// An address, or a host name of letters, digits, dashes and dots.
bool IsHost(const std::string& text);
/// A host, or "*." and a domain.
bool IsHostPattern(const std::string& text);
/// "http://host" or "https://host:port", nothing behind.
bool IsOrigin(const std::string& text);
/// An address, or one with a prefix length ("10.0.0.0/8").
bool IsNetwork(const std::string& text);

}  // namespace wt::config
