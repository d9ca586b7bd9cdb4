// SHA-256 of byte runs (FIPS 180-4, by OpenSSL), as lower-case hex. Stateless: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wt::model {

/// SHA-256 of `bytes`: what `sha256sum` prints for a file that holds them.
std::string Sha256Hex(std::span<const std::byte> bytes);

/// One part: its own SHA-256. Several (a model split into files): the SHA-256 of the parts' hex
/// digests, concatenated in the order given.
std::string Sha256HexOfParts(const std::vector<std::span<const std::byte>>& parts);

}  // namespace wt::model
