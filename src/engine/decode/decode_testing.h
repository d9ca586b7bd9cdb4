// Fakes for the tests of decoding: a tokenizer without text, kernels in plain loops, and a network
// whose logits are a pseudo-random function of the tokens. Tests only; thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "engine/kernels/kernels.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt::decode {

/// A tokenizer with the given special tokens; texts are one token per byte.
class FakeTokenizer final : public tokenizer::Tokenizer {
 public:
  explicit FakeTokenizer(tokenizer::SpecialTokens special, std::vector<TokenId> blank = {})
      : special_(special), blank_(std::move(blank)) {}

  /// `text` text tokens, then the end, one start token, no_timestamps and `times` timestamps.
  static FakeTokenizer Small(int text, int times) {
    tokenizer::SpecialTokens special;
    special.eot = text;
    special.sot = text + 1;
    special.no_timestamps = text + 2;
    special.timestamp_begin = text + 3;
    special.n_vocab = text + 3 + times;
    return FakeTokenizer(special, {special.eot});
  }

  /// The ids of the published multilingual vocabulary (formats.md, section 6).
  static FakeTokenizer Multilingual() {
    tokenizer::SpecialTokens special{.eot = 50257,
                                     .sot = 50258,
                                     .first_language = 50259,
                                     .language_count = 99,
                                     .translate = 50358,
                                     .transcribe = 50359,
                                     .sot_lm = 50360,
                                     .sot_prev = 50361,
                                     .no_speech = 50362,
                                     .no_timestamps = 50363,
                                     .timestamp_begin = 50364,
                                     .n_vocab = 51865,
                                     .multilingual = true};
    return FakeTokenizer(special, {220, 50257});
  }

  const tokenizer::SpecialTokens& special() const override { return special_; }
  std::vector<TokenId> Encode(std::string_view text) const override {
    return {text.begin(), text.end()};
  }
  std::string DecodeBytes(std::span<const TokenId> tokens) const override {
    std::string text;
    for (const TokenId token : tokens) {
      if (token < special_.eot) text.push_back(static_cast<char>(token));
    }
    return text;
  }
  std::string Decode(std::span<const TokenId> tokens) const override { return DecodeBytes(tokens); }
  std::string DecodeWithTimestamps(std::span<const TokenId> tokens) const override {
    return DecodeBytes(tokens);
  }
  std::vector<TokenId> SuppressedTokens(std::span<const TokenId> option) const override {
    return {option.begin(), option.end()};
  }
  std::vector<TokenId> BlankTokens() const override { return blank_; }
  std::vector<TokenId> NonSpeechTokens() const override { return {}; }
  std::vector<tokenizer::WordTokens> SplitToWords(std::span<const TokenId>,
                                                  std::string_view) const override {
    return {};
  }
  std::optional<TokenId> LanguageToken(std::string_view) const override { return std::nullopt; }
  std::vector<TokenId> StartSequence(std::string_view, SpeechTask, bool timestamps) const override {
    if (timestamps) return {special_.sot};
    return {special_.sot, special_.no_timestamps};
  }

 private:
  tokenizer::SpecialTokens special_;
  std::vector<TokenId> blank_;
};

/// max and sum_exp in plain loops; nothing else is set.
inline const kernels::KernelSet& PlainKernels() {
  static const kernels::KernelSet set = [] {
    kernels::KernelSet made;
    made.max = [](const float* x, std::size_t n) {
      float best = -std::numeric_limits<float>::infinity();
      for (std::size_t i = 0; i < n; ++i) best = x[i] > best ? x[i] : best;
      return best;
    };
    made.sum_exp = [](const float* x, std::size_t n, float shift) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += std::exp(double{x[i]} - double{shift});
      return static_cast<float>(sum);
    };
    return made;
  }();
  return set;
}

/// Logits of the token after `tokens`: about normal with deviation `spread`, the same for the same
/// seed and tokens.
inline std::vector<float> FakeLogits(std::uint64_t seed, std::span<const TokenId> tokens,
                                     int n_vocab, double spread = 2.0) {
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (const TokenId token : tokens) {
    state = std::rotl(state ^ static_cast<std::uint64_t>(token + 1), 23) * 0xbf58476d1ce4e5b9u;
  }
  base::Random random(state);
  std::vector<float> logits(static_cast<std::size_t>(n_vocab));
  for (float& logit : logits) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.Uniform();
    logit = static_cast<float>(sum * spread);
  }
  return logits;
}

}  // namespace wt::decode
