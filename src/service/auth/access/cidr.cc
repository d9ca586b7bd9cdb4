#include "service/auth/access/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/status_macros.h"

namespace wt::auth {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool PrefixEqual(const std::uint8_t* a, const std::uint8_t* b, int bits) {
  const int whole = bits / 8;
  if (!std::equal(a, a + whole, b)) return false;
  const int rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

Status BadBlock(std::string_view text) {
  return Status(StatusCode::kInvalidArgument,
                "\"" + std::string(text.substr(0, 64)) +
                    "\" is not an address or block of addresses. Write for example 192.0.2.7, "
                    "10.0.0.0/8 or 2001:db8::/32.");
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  // The longest text form of IPv6 has 45 characters.
  if (text.empty() || text.size() > 45) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) {
    address.v4_ = true;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) != 1) return std::nullopt;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin())) {
    std::copy(address.bytes_.begin() + 12, address.bytes_.end(), address.bytes_.begin());
    std::fill(address.bytes_.begin() + 4, address.bytes_.end(), std::uint8_t{0});
    address.v4_ = true;
  }
  return address;
}

bool IpAddress::is_loopback() const {
  if (v4_) return bytes_[0] == 127;
  return bytes_[15] == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::string IpAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::string IpAddress::SourceKey() const {
  if (v4_) return ToString();
  IpAddress network = *this;
  std::fill(network.bytes_.begin() + 8, network.bytes_.end(), std::uint8_t{0});
  return network.ToString() + "/64";
}

Result<Cidr> Cidr::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> base = IpAddress::Parse(text.substr(0, slash));
  if (!base) return BadBlock(text);
  Cidr block;
  block.base_ = *base;
  const int bits_max = base->is_v4() ? 32 : 128;
  block.prefix_ = bits_max;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), block.prefix_);
    if (error != std::errc() || end != digits.data() + digits.size() || block.prefix_ < 0 ||
        block.prefix_ > bits_max || digits.size() > 3) {
      return BadBlock(text);
    }
    // A mapped block counts its prefix from the start of the IPv6 form: too easily misread.
    if (base->is_v4() && text.find(':') != std::string_view::npos) return BadBlock(text);
  }
  for (int bit = block.prefix_; bit < bits_max; ++bit) {
    if ((base->bytes_[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0) {
      return Status(StatusCode::kInvalidArgument,
                    "\"" + std::string(text) +
                        "\" has bits beyond its prefix. Write the first "
                        "address of the block, or one address without /.");
    }
  }
  return block;
}

bool Cidr::Contains(const IpAddress& address) const {
  return base_.v4_ == address.v4_ &&
         PrefixEqual(base_.bytes_.data(), address.bytes_.data(), prefix_);
}

std::string Cidr::ToString() const { return base_.ToString() + "/" + std::to_string(prefix_); }

Result<std::vector<Cidr>> ParseCidrs(const std::vector<std::string>& texts, std::size_t count_max) {
  if (texts.size() > count_max) {
    return Status(StatusCode::kInvalidArgument, "More than " + std::to_string(count_max) +
                                                    " blocks of addresses. Join some of them.");
  }
  std::vector<Cidr> blocks;
  blocks.reserve(texts.size());
  for (const std::string& text : texts) {
    WT_ASSIGN(Cidr block, Cidr::Parse(text));
    blocks.push_back(block);
  }
  return blocks;
}

bool AnyContains(const std::vector<Cidr>& blocks, const IpAddress& address) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const Cidr& block) { return block.Contains(address); });
}

}  // namespace wt::auth
