// What a decoder may sample next: the rules that mask or penalise the logits of one row.
//
// After openai-whisper, decoding.py (SuppressBlank, SuppressTokens, ApplyTimestampRules) in that
// order, preceded by the repetition penalty and the n-gram blocking that faster-whisper has from
// CTranslate2 (decoding_utils.cc). The last of the timestamp rules, which compares probabilities,
// needs the sums of the row and is NormalizeRow's (row_distribution.h). Immutable: thread-safe.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/decode/attempt.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt::decode {

class LogitFilters {
 public:
  /// `initial_tokens` end with the text prefix, if there is one: it counts as history of the
  /// repetition rules, as in CTranslate2; earlier text (after sot_prev) does not.
  LogitFilters(const tokenizer::Tokenizer& tokenizer, const AttemptOptions& options,
               std::span<const TokenId> initial_tokens);

  /// Masks `logits` [n_vocab] of a row that has sampled `sampled` so far.
  void Apply(std::span<float> logits, std::span<const TokenId> sampled) const;

 private:
  void ApplyRepetitionRules(std::span<float> logits, std::span<const TokenId> sampled) const;
  void ApplyTimestampRules(std::span<float> logits, std::span<const TokenId> sampled) const;

  const tokenizer::SpecialTokens special_;
  std::vector<TokenId> suppressed_;
  std::vector<TokenId> blank_;
  std::vector<TokenId> prefix_;
  bool timestamps_;
  bool first_is_timestamp_;
  std::optional<int> max_initial_timestamp_index_;
  std::optional<int> max_timestamp_index_;
  std::optional<int> min_end_timestamp_index_;
  float repetition_penalty_;
  int no_repeat_ngram_size_;
};

/// The text at the end of `initial_tokens`, after the start sequence.
std::span<const TokenId> TextPrefix(const tokenizer::SpecialTokens& special,
                                    std::span<const TokenId> initial_tokens);

}  // namespace wt::decode
