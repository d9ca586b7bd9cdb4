// IP addresses and CIDR blocks of both families (RFC 4291, RFC 4632).
//
// An IPv4-mapped IPv6 address ("::ffff:192.0.2.1") is the IPv4 address it stands for, so that a
// dual-stack socket makes no difference. Values: thread-compatible.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::auth {

class IpAddress {
 public:
  /// "192.0.2.1", "2001:db8::1", "[2001:db8::1]". No port, no zone, no octal octets.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool is_v4() const { return v4_; }
  bool is_loopback() const;
  std::string ToString() const;
  /// What limits count by: the address, or the /64 of IPv6, which one subscriber has whole.
  std::string SourceKey() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  friend class Cidr;
  bool v4_ = false;
  /// IPv4 in the first four.
  std::array<std::uint8_t, 16> bytes_{};
};

class Cidr {
 public:
  /// "10.0.0.0/8", "2001:db8::/32", or one address. Bits beyond the prefix must be zero: a block
  /// with more is usually a typing mistake.
  static Result<Cidr> Parse(std::string_view text);

  bool Contains(const IpAddress& address) const;
  std::string ToString() const;

 private:
  IpAddress base_;
  int prefix_ = 0;
};

/// Blocks of a list; kInvalidArgument names the first bad one, or says that there are more than
/// `count_max`.
Result<std::vector<Cidr>> ParseCidrs(const std::vector<std::string>& texts, std::size_t count_max);

bool AnyContains(const std::vector<Cidr>& blocks, const IpAddress& address);

}  // namespace wt::auth
