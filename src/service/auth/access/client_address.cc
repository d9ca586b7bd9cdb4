#include "service/auth/access/client_address.h"

#include <optional>

#include "base/status_macros.h"

namespace wt::auth {
namespace {

/// More proxies than any operator lists.
constexpr std::size_t kTrustedProxiesMax = 256;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// An entry may carry a port: "192.0.2.1:4711", "[2001:db8::1]:4711".
std::optional<IpAddress> ParseEntry(std::string_view entry) {
  entry = Trim(entry);
  if (const std::optional<IpAddress> address = IpAddress::Parse(entry)) return address;
  const std::size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port = entry.substr(colon + 1);
  if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return IpAddress::Parse(entry.substr(0, colon));
}

}  // namespace

Result<ClientAddress> ClientAddress::Create(const std::vector<std::string>& trusted_proxies) {
  ClientAddress resolver;
  WT_ASSIGN(resolver.trusted_, ParseCidrs(trusted_proxies, kTrustedProxiesMax));
  return resolver;
}

std::string ClientAddress::Resolve(std::string_view remote,
                                   const std::vector<std::string_view>& forwarded_for) const {
  std::optional<IpAddress> client = IpAddress::Parse(remote);
  if (!client) return std::string(remote);
  int hops = 0;
  for (auto field = forwarded_for.rbegin(); field != forwarded_for.rend(); ++field) {
    std::string_view rest = *field;
    bool more = true;
    while (more) {
      if (!AnyContains(trusted_, *client) || hops++ >= kForwardedHopsMax) {
        return client->ToString();
      }
      const std::size_t comma = rest.rfind(',');
      more = comma != std::string_view::npos;
      const std::optional<IpAddress> next = ParseEntry(more ? rest.substr(comma + 1) : rest);
      if (!next) return client->ToString();
      client = next;
      if (more) rest = rest.substr(0, comma);
    }
  }
  return client->ToString();
}

bool ClientAddress::IsTrustedProxy(std::string_view remote) const {
  const std::optional<IpAddress> address = IpAddress::Parse(remote);
  return address && AnyContains(trusted_, *address);
}

}  // namespace wt::auth
