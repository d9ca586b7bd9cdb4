// Whose address a request comes from: the socket's, or what trusted proxies say (SEC-06).
//
// Immutable after construction: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/auth/access/cidr.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

/// Entries of X-Forwarded-For that are looked at, from the right.
inline constexpr int kForwardedHopsMax = 16;

class ClientAddress {
 public:
  /// Trusts nobody.
  ClientAddress() = default;
  /// `trusted_proxies`: addresses and blocks; kInvalidArgument for a bad one.
  static Result<ClientAddress> Create(const std::vector<std::string>& trusted_proxies);

  /// `remote` is the socket's peer, `forwarded_for` the X-Forwarded-For fields in order. From the
  /// right, the first address that is not a trusted proxy; what stands left of it anyone may have
  /// written. An unreadable entry ends the search at the proxy that passed it on.
  std::string Resolve(std::string_view remote,
                      const std::vector<std::string_view>& forwarded_for) const;

  /// The socket's peer is a trusted proxy, so that X-Forwarded-Proto and the like count.
  bool IsTrustedProxy(std::string_view remote) const;

 private:
  std::vector<Cidr> trusted_;
};

}  // namespace wt::auth
