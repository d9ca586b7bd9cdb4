// Which hypothesis is the result (decoding.py, MaximumLikelihoodRanker). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "engine/decode/attempt.h"

namespace wt::decode {

/// Index of the candidate with the largest sum_logprob / penalty; the first of equal ones. The
/// penalty is the number of tokens without the end, or ((5 + tokens) / 6) ^ length_penalty (Wu et
/// al., arXiv 1609.08144, equation 14). An empty candidate, on which the reference fails by
/// dividing by zero, counts its end token. REQUIRES: candidates are not empty.
std::size_t BestCandidate(std::span<const Candidate> candidates,
                          std::optional<double> length_penalty);

}  // namespace wt::decode
