#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/random.h"
#include "engine/decode/search.h"

namespace wt::decode {
namespace {

/// The stream of a row. Temperatures get streams of their own, or a fallback would repeat the draws
/// that were just refused. Odd multipliers keep different (seed, row) apart.
base::Random RowStream(std::uint64_t seed, double temperature, int row) {
  return base::Random(seed ^ (std::bit_cast<std::uint64_t>(temperature) * 0x9e3779b97f4a7c15u) ^
                      ((static_cast<std::uint64_t>(row) + 1) * 0xd1342543de82ef95u));
}

class SamplingSearch final : public Search {
 public:
  SamplingSearch(const kernels::KernelSet& kernels, TokenId eot, double temperature, int best_of,
                 std::uint64_t seed, const Candidate& begun)
      : kernels_(kernels), eot_(eot), temperature_(temperature) {
    for (int row = 0; row < best_of; ++row) {
      hypotheses_.push_back({.tokens = begun.tokens,
                             .logprobs = begun.logprobs,
                             .sum_logprob = static_cast<float>(begun.sum_logprob),
                             .random = RowStream(seed, temperature, row)});
      live_.push_back(static_cast<std::size_t>(row));
    }
  }

  std::span<const TokenId> tokens(int row) const override {
    return hypotheses_[live_[static_cast<std::size_t>(row)]].tokens;
  }

  void Update(std::span<const RowDistribution> rows, std::vector<Continuation>* next) override {
    next->clear();
    std::vector<std::size_t> still_live;
    // All hypotheses start on the first evaluation's only row.
    const bool shared = rows.size() < live_.size();
    std::optional<RowSampler> sampler;
    for (std::size_t i = 0; i < live_.size(); ++i) {
      const std::size_t row = shared ? 0 : i;
      if (!rows[row].usable) continue;
      if (temperature_ > 0 && (i == 0 || !shared)) {
        sampler.emplace(kernels_, rows[row], temperature_);
      }
      Hypothesis& hypothesis = hypotheses_[live_[i]];
      const RowSampler::Draw draw =
          sampler ? sampler->At(hypothesis.random.Uniform()) : Best(rows[row]);
      hypothesis.sum_logprob += draw.logprob;
      if (draw.token == eot_) continue;
      hypothesis.tokens.push_back(draw.token);
      hypothesis.logprobs.push_back(draw.logprob);
      still_live.push_back(live_[i]);
      next->push_back({.source_row = static_cast<int>(row), .token = draw.token});
    }
    live_ = std::move(still_live);
  }

  std::vector<Candidate> Finish() override {
    std::vector<Candidate> candidates;
    candidates.reserve(hypotheses_.size());
    for (Hypothesis& hypothesis : hypotheses_) {
      candidates.push_back({.tokens = std::move(hypothesis.tokens),
                            .sum_logprob = hypothesis.sum_logprob,
                            .logprobs = std::move(hypothesis.logprobs)});
    }
    return candidates;
  }

 private:
  struct Hypothesis {
    std::vector<TokenId> tokens = {};
    std::vector<float> logprobs = {};
    float sum_logprob = 0;
    base::Random random;
  };

  RowSampler::Draw Best(const RowDistribution& row) {
    FindBest(row, 1, &best_);
    return {.token = best_.front().token, .logprob = row.LogProbability(best_.front().logit)};
  }

  const kernels::KernelSet& kernels_;  // Outlives the attempt that owns this.
  TokenId eot_;
  double temperature_;
  std::vector<Hypothesis> hypotheses_;
  std::vector<std::size_t> live_;  // Indices of hypotheses, in rising order.
  std::vector<ScoredToken> best_;
};

}  // namespace

std::unique_ptr<Search> MakeSamplingSearch(const kernels::KernelSet& kernels, TokenId eot,
                                           double temperature, int best_of, std::uint64_t seed,
                                           const Candidate& begun) {
  return std::make_unique<SamplingSearch>(kernels, eot, temperature, best_of, seed, begun);
}

}  // namespace wt::decode
