// Byte-pair merges, derived from the order of a vocabulary.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wt::model {

/// For each token of two bytes or more the two tokens that it is merged from last, in the order of
/// ids. A token that cannot be made of two earlier ones has no entry.
std::vector<std::pair<std::string, std::string>> MergesOf(std::span<const std::string> vocabulary);

}  // namespace wt::model
