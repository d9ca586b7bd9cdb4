// openai-whisper's decoding, written down once more in the plainest way, as an oracle for Attempt.
//
// Whole token sequences in every row, all rows evaluated at every step, maps of sequences, sorted
// vocabularies: as decoding.py does it. One knowing difference: hypotheses of probability zero are
// dropped, because the reference's choice among them is arbitrary. Tests only.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "engine/decode/attempt.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt::decode {

using Tokens = std::vector<TokenId>;
/// Logits of the token that follows.
using Network = std::function<std::vector<float>(const Tokens&)>;

class PlainDecoder {
 public:
  PlainDecoder(const tokenizer::Tokenizer& tokenizer, AttemptOptions options, Tokens initial,
               int n_ctx, Network network)
      : special_(tokenizer.special()),
        blank_(tokenizer.BlankTokens()),
        options_(std::move(options)),
        initial_(std::move(initial)),
        n_ctx_(n_ctx),
        network_(std::move(network)) {}

  AttemptResult Greedy() {
    Tokens tokens = initial_;
    double sum = 0;
    for (int i = 0; i < options_.sample_tokens_max; ++i) {
      const std::vector<double> logprobs = LogSoftmax(Filtered(tokens));
      const auto best = std::max_element(logprobs.begin(), logprobs.end());
      sum += *best;
      tokens.push_back(static_cast<TokenId>(best - logprobs.begin()));
      if (tokens.back() == special_.eot || static_cast<int>(tokens.size()) > n_ctx_) break;
    }
    finished_ = {{tokens, sum}};
    return Rank();
  }

  AttemptResult Beam() {
    std::vector<std::pair<Tokens, double>> rows(static_cast<std::size_t>(options_.beam_size),
                                                {initial_, 0.0});
    const int finished_max =
        static_cast<int>(std::nearbyint(options_.beam_size * options_.patience));
    for (int i = 0; i < options_.sample_tokens_max && !rows.empty(); ++i) {
      auto scores = Extensions(rows);
      std::sort(scores.begin(), scores.end(), [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
      });
      rows.clear();
      for (auto& [sequence, score] : scores) {
        if (sequence.back() == special_.eot) {
          if (static_cast<int>(finished_.size()) < finished_max) {
            finished_.push_back({sequence, score});
          }
        } else {
          rows.push_back({sequence, score});
          if (static_cast<int>(rows.size()) == options_.beam_size) break;
        }
      }
      if (static_cast<int>(finished_.size()) >= finished_max) break;
      if (!rows.empty() && static_cast<int>(rows[0].first.size()) > n_ctx_) break;
    }
    for (const auto& row : rows) {
      if (static_cast<int>(finished_.size()) >= options_.beam_size) break;
      finished_.push_back(row);
    }
    return Rank();
  }

  /// Tokens that may follow `sampled`, by the rules alone (no comparison of probabilities).
  std::vector<bool> Allowed(const Tokens& sampled) const {
    std::vector<bool> allowed(static_cast<std::size_t>(special_.n_vocab), true);
    const auto forbid = [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = std::max<std::int64_t>(begin, 0); t < end && t < special_.n_vocab;
           ++t) {
        allowed[static_cast<std::size_t>(t)] = false;
      }
    };
    if (options_.suppress_blank && sampled.empty()) {
      for (const TokenId token : blank_) forbid(token, token + 1);
    }
    for (const TokenId token : options_.suppressed) forbid(token, token + 1);
    if (!options_.timestamps) return allowed;
    const TokenId begin = special_.timestamp_begin;
    forbid(special_.no_timestamps, special_.no_timestamps + 1);
    const std::size_t n = sampled.size();
    const bool last_was = n >= 1 && sampled[n - 1] >= begin;
    const bool penultimate_was = n < 2 || sampled[n - 2] >= begin;
    if (last_was && penultimate_was) forbid(begin, special_.n_vocab);
    if (last_was && !penultimate_was) forbid(0, special_.eot);
    Tokens timestamps;
    std::copy_if(sampled.begin(), sampled.end(), std::back_inserter(timestamps),
                 [begin](TokenId t) { return t >= begin; });
    if (!timestamps.empty()) {
      forbid(begin, last_was && !penultimate_was ? timestamps.back() : timestamps.back() + 1);
    }
    if (n == 0) {
      forbid(0, begin);
      if (options_.max_initial_timestamp_index) {
        forbid(begin + *options_.max_initial_timestamp_index + 1, special_.n_vocab);
      }
    }
    return allowed;
  }

  static std::vector<double> LogSoftmax(const std::vector<double>& logits) {
    const double max = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit - max);
    std::vector<double> out;
    for (const double logit : logits) out.push_back(logit - max - std::log(sum));
    return out;
  }

  /// Logits after every filter, for the row of tokens `tokens` (initial ones included).
  std::vector<double> Filtered(const Tokens& tokens) const {
    const Tokens sampled(tokens.begin() + static_cast<long>(initial_.size()), tokens.end());
    const std::vector<float> raw = network_(tokens);
    std::vector<double> logits(raw.begin(), raw.end());
    const std::vector<bool> allowed = Allowed(sampled);
    for (std::size_t t = 0; t < logits.size(); ++t) {
      if (!allowed[t]) logits[t] = -std::numeric_limits<double>::infinity();
    }
    if (!options_.timestamps) return logits;
    const std::vector<double> logprobs = LogSoftmax(logits);
    const auto begin = logprobs.begin() + special_.timestamp_begin;
    double timestamps = 0;
    for (auto it = begin; it != logprobs.end(); ++it) timestamps += std::exp(*it);
    if (std::log(timestamps) > *std::max_element(logprobs.begin(), begin)) {
      std::fill(logits.begin(), logits.begin() + special_.timestamp_begin,
                -std::numeric_limits<double>::infinity());
    }
    return logits;
  }

 private:
  std::vector<std::pair<Tokens, double>> Extensions(
      const std::vector<std::pair<Tokens, double>>& rows) const {
    std::vector<std::pair<Tokens, double>> scores;
    for (const auto& [tokens, sum] : rows) {
      const std::vector<double> logprobs = LogSoftmax(Filtered(tokens));
      std::vector<TokenId> order(logprobs.size());
      for (std::size_t t = 0; t < order.size(); ++t) order[t] = static_cast<TokenId>(t);
      std::sort(order.begin(), order.end(), [&](TokenId a, TokenId b) {
        const double of_a = logprobs[static_cast<std::size_t>(a)];
        const double of_b = logprobs[static_cast<std::size_t>(b)];
        return of_a != of_b ? of_a > of_b : a < b;
      });
      order.resize(std::min(order.size(), static_cast<std::size_t>(options_.beam_size) + 1));
      for (const TokenId token : order) {
        const double score = sum + logprobs[static_cast<std::size_t>(token)];
        if (!std::isfinite(score)) continue;
        Tokens sequence = tokens;
        sequence.push_back(token);
        const auto same = std::find_if(scores.begin(), scores.end(),
                                       [&](const auto& other) { return other.first == sequence; });
        if (same == scores.end()) scores.push_back({sequence, score});
      }
    }
    return scores;
  }

  AttemptResult Rank() const {
    AttemptResult result;
    double best = 0;
    for (const auto& [sequence, sum] : finished_) {
      Tokens tokens(sequence.begin() + static_cast<long>(initial_.size()), sequence.end());
      tokens.erase(std::find(tokens.begin(), tokens.end(), special_.eot), tokens.end());
      const auto n = static_cast<double>(tokens.size());
      const double score = options_.length_penalty
                               ? sum / std::pow((5 + n) / 6, *options_.length_penalty)
                               : sum / std::max(n, 1.0);
      if (result.candidates.empty() || score > best) {
        best = score;
        result.best = {tokens, sum};
        result.avg_logprob = sum / (n + 1);
      }
      result.candidates.push_back({std::move(tokens), sum});
    }
    return result;
  }

  tokenizer::SpecialTokens special_;
  Tokens blank_;
  AttemptOptions options_;
  Tokens initial_;
  int n_ctx_;
  Network network_;
  std::vector<std::pair<Tokens, double>> finished_;
};

}  // namespace wt::decode
