// SHA-256 as 32 bytes, for block hashes and sidecars (platform::Sha256 gives hex). Pure functions:
// thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/blob/fs/sidecar.h"

namespace wt::blob {

Digest Sha256Of(std::span<const std::byte> bytes);

std::string DigestHex(const Digest& digest);
/// From 64 lower-case hex digits. Empty when it is not that.
std::optional<Digest> ParseDigest(std::string_view hex);

}  // namespace wt::blob
