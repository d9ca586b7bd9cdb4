#include "engine/decode/logit_filters.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wt::decode {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

/// Forbids [begin, end), cut to the vocabulary.
void ForbidRange(std::span<float> logits, std::int64_t begin, std::int64_t end) {
  const auto size = static_cast<std::int64_t>(logits.size());
  begin = std::clamp<std::int64_t>(begin, 0, size);
  end = std::clamp<std::int64_t>(end, begin, size);
  std::fill(logits.begin() + begin, logits.begin() + end, kForbidden);
}

std::vector<TokenId> WithinVocabulary(std::vector<TokenId> tokens, int n_vocab) {
  std::erase_if(tokens, [n_vocab](TokenId token) { return token < 0 || token >= n_vocab; });
  return tokens;
}

/// Divides positive and multiplies negative logits of tokens that occurred, once per token.
void Penalize(std::span<float> logits, std::span<const TokenId> history, float penalty) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto seen = history.first(i);
    if (std::find(seen.begin(), seen.end(), history[i]) != seen.end()) continue;
    float& logit = logits[static_cast<std::size_t>(history[i])];
    logit = logit < 0 ? logit * penalty : logit / penalty;
  }
}

/// Forbids every token that would complete a second occurrence of an n-gram.
void ForbidRepeatedNgrams(std::span<float> logits, std::span<const TokenId> history,
                          std::size_t ngram_size) {
  if (history.size() < ngram_size) return;
  const auto current = history.last(ngram_size - 1);
  for (std::size_t i = 0; i + ngram_size <= history.size(); ++i) {
    if (std::equal(current.begin(), current.end(), history.begin() + static_cast<long>(i))) {
      logits[static_cast<std::size_t>(history[i + ngram_size - 1])] = kForbidden;
    }
  }
}

/// What the model believes of all timestamps from `last` on becomes the belief in `last`: "ends at
/// or after the end of the audio" can only mean its end. Forbidding them instead would take
/// probability from the hypotheses that reach the end and let shorter ones win.
void GatherLateTimestamps(std::span<float> logits, TokenId last) {
  if (last < 0 || static_cast<std::size_t>(last) >= logits.size()) return;
  const auto late = logits.subspan(static_cast<std::size_t>(last));
  float max = kForbidden;
  for (const float value : late) max = value > max ? value : max;
  if (max == kForbidden) return;
  double sum = 0;
  for (const float value : late) {
    // exp(-20) of 1,500 values is 3e-6 of the sum: not worth an exponential.
    if (value > max - 20.0f) sum += std::exp(static_cast<double>(value - max));
  }
  std::fill(late.begin(), late.end(), kForbidden);
  late[0] = max + static_cast<float>(std::log(sum));
}

}  // namespace

std::span<const TokenId> TextPrefix(const tokenizer::SpecialTokens& special,
                                    std::span<const TokenId> initial_tokens) {
  const auto sot = std::find(initial_tokens.begin(), initial_tokens.end(), special.sot);
  const auto text = std::find_if(sot, initial_tokens.end(), [&special](TokenId token) {
    return token < special.eot || token >= special.timestamp_begin;
  });
  return initial_tokens.subspan(static_cast<std::size_t>(text - initial_tokens.begin()));
}

LogitFilters::LogitFilters(const tokenizer::Tokenizer& tokenizer, const AttemptOptions& options,
                           std::span<const TokenId> initial_tokens)
    : special_(tokenizer.special()),
      suppressed_(WithinVocabulary(options.suppressed, special_.n_vocab)),
      timestamps_(options.timestamps),
      first_is_timestamp_(options.first_is_timestamp),
      max_initial_timestamp_index_(options.max_initial_timestamp_index),
      max_timestamp_index_(options.max_timestamp_index),
      min_end_timestamp_index_(options.min_end_timestamp_index),
      repetition_penalty_(static_cast<float>(options.repetition_penalty)),
      no_repeat_ngram_size_(options.no_repeat_ngram_size) {
  if (options.suppress_blank) {
    blank_ = WithinVocabulary(tokenizer.BlankTokens(), special_.n_vocab);
  }
  const auto prefix = TextPrefix(special_, initial_tokens);
  prefix_ = WithinVocabulary({prefix.begin(), prefix.end()}, special_.n_vocab);
}

void LogitFilters::Apply(std::span<float> logits, std::span<const TokenId> sampled) const {
  ApplyRepetitionRules(logits, sampled);
  if (sampled.empty()) {
    for (const TokenId token : blank_) logits[static_cast<std::size_t>(token)] = kForbidden;
  }
  for (const TokenId token : suppressed_) logits[static_cast<std::size_t>(token)] = kForbidden;
  if (timestamps_) ApplyTimestampRules(logits, sampled);
}

void LogitFilters::ApplyRepetitionRules(std::span<float> logits,
                                        std::span<const TokenId> sampled) const {
  const bool penalize = repetition_penalty_ > 0 && repetition_penalty_ != 1.0f;
  if (!penalize && no_repeat_ngram_size_ <= 0) return;
  std::vector<TokenId> history = prefix_;
  history.insert(history.end(), sampled.begin(), sampled.end());
  if (penalize) Penalize(logits, history, repetition_penalty_);
  if (no_repeat_ngram_size_ > 0) {
    ForbidRepeatedNgrams(logits, history, static_cast<std::size_t>(no_repeat_ngram_size_));
  }
}

void LogitFilters::ApplyTimestampRules(std::span<float> logits,
                                       std::span<const TokenId> sampled) const {
  const TokenId begin = special_.timestamp_begin;
  ForbidRange(logits, special_.no_timestamps, special_.no_timestamps + 1);
  if (max_timestamp_index_) GatherLateTimestamps(logits, begin + *max_timestamp_index_);
  if (sampled.empty()) {
    if (!first_is_timestamp_) return;
    // The first token is a timestamp, and not a late one.
    ForbidRange(logits, 0, begin);
    if (max_initial_timestamp_index_) {
      ForbidRange(logits, std::int64_t{begin} + *max_initial_timestamp_index_ + 1,
                  special_.n_vocab);
    }
    return;
  }
  const auto is_timestamp = [begin](TokenId token) { return token >= begin; };
  const bool last_is = is_timestamp(sampled.back());
  const bool penultimate_is = sampled.size() < 2 || is_timestamp(sampled[sampled.size() - 2]);
  if (last_is && penultimate_is) {
    ForbidRange(logits, begin, special_.n_vocab);  // A pair is complete: text or the end follows.
  } else if (last_is) {
    ForbidRange(logits, 0, special_.eot);  // A single one closes a segment: no text follows.
  }
  const auto latest = std::find_if(sampled.rbegin(), sampled.rend(), is_timestamp);
  if (min_end_timestamp_index_ &&
      (latest == sampled.rend() || *latest < begin + *min_end_timestamp_index_)) {
    // Text or a later timestamp stays allowed in every such state.
    ForbidRange(logits, special_.eot, special_.eot + 1);
  }
  if (latest != sampled.rend()) {
    // Times do not decrease, and a segment is longer than nothing: only the timestamp that opens
    // the next segment may equal the one that closed the segment before.
    const bool opens_next = last_is && !penultimate_is;
    ForbidRange(logits, begin, std::int64_t{*latest} + (opens_next ? 0 : 1));
  }
}

}  // namespace wt::decode
