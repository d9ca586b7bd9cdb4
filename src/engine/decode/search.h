// How rows are continued: the part of an attempt that differs between sampling and beam search.
//
// A search holds the live hypotheses, one per row of the next evaluation. Before the first step
// there is one hypothesis on one row: empty, or what is begun. Owned by an Attempt; one thread at a
// time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/decode/attempt.h"
#include "engine/decode/row_distribution.h"

namespace wt::decode {

/// The row of the evaluation before that a row continues, and the token it continues it by.
struct Continuation {
  int source_row = 0;
  TokenId token = 0;
};

class Search {
 public:
  virtual ~Search() = default;

  /// Tokens sampled so far in row `row` of the coming evaluation.
  virtual std::span<const TokenId> tokens(int row) const = 0;
  /// Takes one distribution per row and fills `next` with the rows of the next evaluation: none
  /// when the search is complete.
  virtual void Update(std::span<const RowDistribution> rows, std::vector<Continuation>* next) = 0;
  /// Every hypothesis, complete or cut off. Never empty.
  virtual std::vector<Candidate> Finish() = 0;
};

/// GreedyDecoder (decoding.py): at temperature 0 one row by the largest logit, else `best_of`
/// independent rows of samples, each with a random sequence of its own, so that no row depends on
/// how many others there are or when they end. Candidates are in the order of the rows.
std::unique_ptr<Search> MakeSamplingSearch(const kernels::KernelSet& kernels, TokenId eot,
                                           double temperature, int best_of, std::uint64_t seed,
                                           const Candidate& begun);

/// BeamSearchDecoder (decoding.py). Complete with round(beam_size * patience) finished hypotheses.
/// Candidates are in the order of finishing, then the unfinished ones that fill up to beam_size.
/// Hypotheses of probability zero, which the reference drags along, are dropped.
std::unique_ptr<Search> MakeBeamSearch(TokenId eot, int beam_size, double patience,
                                       const Candidate& begun);

}  // namespace wt::decode
