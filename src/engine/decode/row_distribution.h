// The probability distribution of one filtered row of logits: its normaliser, its best tokens and a
// draw from it.
//
// Log probabilities are float32 in the reference's form, (x - max) - log(sum), so that values that
// tie there tie here. Nothing of the vocabulary's size is allocated. Pure functions: thread-safe.
#pragma once

#include <span>
#include <vector>

#include "engine/kernels/kernels.h"
#include "whisper_transcriber/options.h"

namespace wt::decode {

/// A filtered row. Tokens below `begin` are forbidden whatever their logit.
struct RowDistribution {
  std::span<float> logits;
  TokenId begin = 0;
  float max = 0;
  float log_sum = 0;
  /// False when no token is allowed: the row cannot be continued.
  bool usable = false;

  float LogProbability(float logit) const { return (logit - max) - log_sum; }
};

/// Normalises `logits`. With `timestamp_rule`, text is forbidden where all timestamps together are
/// more likely than the most likely text token (decoding.py, end of ApplyTimestampRules).
/// NaN counts as forbidden and +infinity as the largest number.
RowDistribution NormalizeRow(const kernels::KernelSet& kernels, std::span<float> logits,
                             TokenId timestamp_begin, bool timestamp_rule);

struct ScoredToken {
  TokenId token = 0;
  float logit = 0;
};

/// Puts the `count` largest allowed logits into `best`, in falling order, equal ones by token id.
/// Fewer when fewer are allowed. O(n_vocab + count^2 log(n_vocab)) for logits in random order.
void FindBest(const RowDistribution& row, int count, std::vector<ScoredToken>* best);

/// Draws tokens of one row from softmax(logits / temperature) by inverting the cumulative sum.
class RowSampler {
 public:
  /// Overwrites the row's logits. REQUIRES: row.usable, temperature > 0.
  RowSampler(const kernels::KernelSet& kernels, const RowDistribution& row, double temperature);

  /// The token at `uniform` in [0, 1) and its log probability at temperature 1.
  struct Draw {
    TokenId token;
    float logprob;
  };
  Draw At(double uniform) const;

 private:
  const RowDistribution& row_;
  double temperature_;
  double total_ = 0;
  std::vector<double> block_sums_;
};

}  // namespace wt::decode
