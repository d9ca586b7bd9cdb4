#include "engine/model/digest.h"

#include "platform/sha256.h"

namespace wt::model {

std::string Sha256HexOfParts(const std::vector<std::span<const std::byte>>& parts) {
  if (parts.size() == 1) return platform::Sha256Hex(parts[0]);
  std::string all;
  for (const std::span<const std::byte> part : parts) all += platform::Sha256Hex(part);
  return platform::Sha256Hex(std::as_bytes(std::span<const char>(all)));
}

}  // namespace wt::model
