#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/decode/search.h"

namespace wt::decode {
namespace {

class BeamSearch final : public Search {
 public:
  BeamSearch(TokenId eot, int beam_size, double patience, const Candidate& begun)
      : eot_(eot),
        beam_size_(static_cast<std::size_t>(beam_size)),
        // Python's round(): halves go to the even number, as nearbyint's default.
        finished_max_(
            static_cast<std::size_t>(std::max(1.0, std::nearbyint(beam_size * patience)))),
        live_{begun} {}

  std::span<const TokenId> tokens(int row) const override {
    return live_[static_cast<std::size_t>(row)].tokens;
  }

  void Update(std::span<const RowDistribution> rows, std::vector<Continuation>* next) override {
    next->clear();
    CollectExtensions(rows);
    std::vector<Candidate> continued;
    for (const Extension& extension : extensions_) {
      const Candidate& source = live_[static_cast<std::size_t>(extension.row)];
      if (extension.token == eot_) {
        // Reported in falling order of score, which is the order here.
        if (finished_.size() < finished_max_) {
          finished_.push_back({.tokens = source.tokens,
                               .sum_logprob = extension.score,
                               .logprobs = source.logprobs});
        }
        continue;
      }
      Candidate& longer = continued.emplace_back();
      longer.tokens.reserve(source.tokens.size() + 1);
      longer.tokens = source.tokens;
      longer.tokens.push_back(extension.token);
      longer.logprobs.reserve(source.logprobs.size() + 1);
      longer.logprobs = source.logprobs;
      longer.logprobs.push_back(extension.logprob);
      longer.sum_logprob = extension.score;
      next->push_back({.source_row = extension.row, .token = extension.token});
      if (continued.size() == beam_size_) break;
    }
    // Without a continuation the hypotheses so far stay, in case that none is finished.
    if (!continued.empty()) live_ = std::move(continued);
    ran_dry_ = next->empty();
    if (finished_.size() >= finished_max_) next->clear();
  }

  std::vector<Candidate> Finish() override {
    // `live_` is in falling order of score.
    const bool fill = !ran_dry_ || finished_.empty();
    for (std::size_t i = 0; fill && i < live_.size() && finished_.size() < beam_size_; ++i) {
      finished_.push_back(std::move(live_[i]));
    }
    return std::move(finished_);
  }

 private:
  struct Extension {
    int row;
    int rank;  // Among the row's.
    TokenId token;
    float logprob;
    float score;
  };

  /// The beam_size + 1 best continuations of each row, in falling order of score: if all rows have
  /// the end token among theirs, beam_size others are left. Equal scores keep the order of rows.
  void CollectExtensions(std::span<const RowDistribution> rows) {
    extensions_.clear();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      FindBest(rows[row], static_cast<int>(beam_size_) + 1, &best_);
      const auto sum = static_cast<float>(live_[row].sum_logprob);
      for (std::size_t rank = 0; rank < best_.size(); ++rank) {
        const float logprob = rows[row].LogProbability(best_[rank].logit);
        const float score = sum + logprob;
        if (!std::isfinite(score)) continue;
        extensions_.push_back({.row = static_cast<int>(row),
                               .rank = static_cast<int>(rank),
                               .token = best_[rank].token,
                               .logprob = logprob,
                               .score = score});
      }
    }
    std::sort(extensions_.begin(), extensions_.end(), [](const Extension& a, const Extension& b) {
      if (a.score != b.score) return a.score > b.score;
      return std::pair(a.row, a.rank) < std::pair(b.row, b.rank);
    });
  }

  TokenId eot_;
  std::size_t beam_size_;
  std::size_t finished_max_;
  std::vector<Candidate> live_;  // One hypothesis at first: its copies would be the same.
  std::vector<Candidate> finished_;
  bool ran_dry_ = false;
  std::vector<Extension> extensions_;
  std::vector<ScoredToken> best_;
};

}  // namespace

std::unique_ptr<Search> MakeBeamSearch(TokenId eot, int beam_size, double patience,
                                       const Candidate& begun) {
  return std::make_unique<BeamSearch>(eot, beam_size, patience, begun);
}

}  // namespace wt::decode
