#include "service/config/address_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "service/config/settings.h"

namespace wt::config {
namespace {

bool IsIpv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool IsIpv6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// RFC 1123: labels of 1 to 63, the whole of at most 253.
bool IsHostName(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '.';
    if (c == '.') {
      if (label == 0 || label > 63 || text[i - 1] == '-' || text[i - label] == '-') return false;
      label = 0;
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    ++label;
  }
  return true;
}

bool IsNumberUpTo(std::string_view text, int maximum) {
  int value = -1;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end && value >= 0 && value <= maximum;
}

}  // namespace

bool IsIpAddress(const std::string& text) { return IsIpv4(text) || IsIpv6(text); }

bool IsHost(const std::string& text) {
  // 999.1.1.1 is no name: all-numeric ones would be taken for addresses.
  const bool numeric = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return IsIpAddress(text) || (!numeric && IsHostName(text));
}

bool IsHostPattern(const std::string& text) {
  return IsHost(text) || (text.starts_with("*.") && IsHostName(text.substr(2)));
}

bool IsOrigin(const std::string& text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    std::string host = text.substr(scheme.size());
    const std::size_t bracket = host.rfind(']');
    const std::size_t colon = host.rfind(':');
    if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
      if (!IsNumberUpTo(std::string_view(host).substr(colon + 1), 65'535)) return false;
      host.resize(colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
      return IsIpv6(host.substr(1, host.size() - 2));
    }
    return IsHost(host) && !IsIpv6(host);
  }
  return false;
}

bool IsNetwork(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return IsIpAddress(text);
  const std::string address = text.substr(0, slash);
  const std::string_view bits = std::string_view(text).substr(slash + 1);
  if (IsIpv4(address)) return IsNumberUpTo(bits, 32);
  return IsIpv6(address) && IsNumberUpTo(bits, 128);
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  return IsIpv4(host) && host.starts_with("127.");
}

}  // namespace wt::config
