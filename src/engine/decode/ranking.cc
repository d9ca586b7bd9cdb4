#include "engine/decode/ranking.h"

#include <algorithm>
#include <cmath>

namespace wt::decode {

std::size_t BestCandidate(std::span<const Candidate> candidates,
                          std::optional<double> length_penalty) {
  std::size_t best = 0;
  double best_score = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto length = static_cast<double>(candidates[i].tokens.size());
    const double penalty =
        length_penalty ? std::pow((5.0 + length) / 6.0, *length_penalty) : std::max(length, 1.0);
    const double score = candidates[i].sum_logprob / penalty;
    if (i == 0 || score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

}  // namespace wt::decode
