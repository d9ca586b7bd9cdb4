// Addresses, blocks and X-Forwarded-For. What is read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/auth/access/cidr.h"
#include "service/auth/access/client_address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using wt::auth::Cidr;
  using wt::auth::IpAddress;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = IpAddress::Parse(text)) {
    const auto again = IpAddress::Parse(address->ToString());
    WT_CHECK(again && *again == *address);
    const wt::Result<Cidr> one = Cidr::Parse(address->ToString());
    WT_CHECK(one.ok() && one->Contains(*address));
  }
  const wt::Result<Cidr> block = Cidr::Parse(text);
  if (block.ok()) {
    const wt::Result<Cidr> again = Cidr::Parse(block->ToString());
    WT_CHECK(again.ok() && again->ToString() == block->ToString());
  }
  static const wt::auth::ClientAddress proxies =
      wt::auth::ClientAddress::Create({"10.0.0.0/8", "::1"}).value();
  const std::string client = proxies.Resolve("10.0.0.1", {text});
  WT_CHECK(IpAddress::Parse(client).has_value());
  return 0;
}
