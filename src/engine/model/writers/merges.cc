#include "engine/model/writers/merges.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace wt::model {
namespace {

using Ranks = std::unordered_map<std::string_view, std::size_t>;

/// Joins the adjacent pair of lowest rank below `limit`. False when there is none.
bool MergeOnce(const Ranks& ranks, std::size_t limit, std::string_view token,
               std::vector<std::size_t>* starts) {
  std::size_t best_rank = limit;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i + 1 < starts->size(); ++i) {
    const std::size_t end = i + 2 < starts->size() ? (*starts)[i + 2] : token.size();
    const auto rank = ranks.find(token.substr((*starts)[i], end - (*starts)[i]));
    if (rank == ranks.end() || rank->second >= best_rank) continue;
    best_rank = rank->second;
    best = i;
  }
  if (best) starts->erase(starts->begin() + static_cast<std::ptrdiff_t>(*best) + 1);
  return best.has_value();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> MergesOf(std::span<const std::string> vocabulary) {
  Ranks ranks;
  for (std::size_t id = 0; id < vocabulary.size(); ++id) ranks.emplace(vocabulary[id], id);
  std::vector<std::pair<std::string, std::string>> merges;
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view token = vocabulary[id];
    if (token.size() < 2) continue;
    // Where the parts begin: single bytes at first, then whatever lower ranks join.
    std::vector<std::size_t> starts(token.size());
    for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i;
    while (starts.size() > 1 && MergeOnce(ranks, id, token, &starts)) continue;
    if (starts.size() == 2)
      merges.emplace_back(token.substr(0, starts[1]), token.substr(starts[1]));
  }
  return merges;
}

}  // namespace wt::model
