// The identity of a model in one or several files, as lower-case hex. Stateless: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wt::model {

/// One part: its own SHA-256. Several (a model split into files): the SHA-256 of the parts' hex
/// digests, concatenated in the order given.
std::string Sha256HexOfParts(const std::vector<std::span<const std::byte>>& parts);

}  // namespace wt::model
