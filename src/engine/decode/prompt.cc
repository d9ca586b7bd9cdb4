#include "engine/decode/prompt.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/strip.h"

namespace wt::decode {
namespace {

std::span<const TokenId> Last(std::span<const TokenId> tokens, std::int64_t count) {
  const auto size = static_cast<std::int64_t>(tokens.size());
  return tokens.last(static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, size)));
}

/// Python's tokens[-count:], where 0 keeps all and a negative count leaves out the first ones.
std::span<const TokenId> SliceFromMinus(std::span<const TokenId> tokens, std::int64_t count) {
  if (count > 0) return Last(tokens, count);
  return Last(tokens, static_cast<std::int64_t>(tokens.size()) + count);
}

void AppendTo(std::vector<TokenId>* out, std::span<const TokenId> tokens) {
  out->insert(out->end(), tokens.begin(), tokens.end());
}

}  // namespace

std::vector<TokenId> EncodePromptText(const tokenizer::Tokenizer& tokenizer,
                                      std::string_view text) {
  if (text.empty()) return {};
  std::string spaced = " ";
  spaced += base::StripWhiteSpace(text);
  return tokenizer.Encode(spaced);
}

InitialTokens BuildInitialTokens(const tokenizer::SpecialTokens& special,
                                 const WindowPrompt& prompt) {
  const std::int64_t half = prompt.n_text_ctx / 2;
  const std::int64_t prompt_max = half - 1;
  auto prefix = SliceFromMinus(prompt.prefix, half - prompt.sample_tokens_max);
  std::span<const TokenId> hotwords;
  if (prompt.prefix.empty()) {
    hotwords = prompt.hotwords.first(
        static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(prompt.hotwords), prompt_max)));
  }
  auto previous = Last(prompt.previous, prompt_max - std::ssize(hotwords));

  const bool open_prefix = prompt.timestamp_before_prefix && !prefix.empty();
  const std::int64_t fixed = std::ssize(prompt.start_sequence) + (open_prefix ? 1 : 0);
  prefix = Last(prefix, prompt.n_text_ctx - fixed);
  // One token for sot_prev.
  previous =
      Last(previous, prompt.n_text_ctx - fixed - std::ssize(prefix) - std::ssize(hotwords) - 1);

  InitialTokens result;
  if (!hotwords.empty() || !previous.empty()) {
    result.tokens.push_back(special.sot_prev);
    AppendTo(&result.tokens, hotwords);
    AppendTo(&result.tokens, previous);
  }
  const auto& start = prompt.start_sequence;
  const auto sot = std::find(start.begin(), start.end(), special.sot);
  WT_CHECK(sot != start.end());
  result.sot_index = result.tokens.size() + static_cast<std::size_t>(sot - start.begin());
  AppendTo(&result.tokens, start);
  if (open_prefix) result.tokens.push_back(special.timestamp_begin);
  AppendTo(&result.tokens, prefix);
  result.sample_begin = result.tokens.size();
  return result;
}

PromptHistory::PromptHistory(std::vector<TokenId> initial_prompt, bool carry, int n_text_ctx)
    : all_(std::move(initial_prompt)),
      initial_size_(all_.size()),
      carry_(carry),
      n_text_ctx_(n_text_ctx) {}

void PromptHistory::Append(std::span<const TokenId> tokens) { AppendTo(&all_, tokens); }

void PromptHistory::Reset() { reset_since_ = all_.size(); }

std::vector<TokenId> PromptHistory::Tokens() const {
  const std::span<const TokenId> all = all_;
  if (!carry_) {
    const auto since = all.subspan(reset_since_);
    return {since.begin(), since.end()};
  }
  // The text gets what the initial prompt leaves of the 223 tokens.
  const auto text = all.subspan(std::max(initial_size_, reset_since_));
  const std::int64_t room = n_text_ctx_ / 2 - 1 - static_cast<std::int64_t>(initial_size_);
  std::vector<TokenId> tokens(all.begin(), all.begin() + static_cast<long>(initial_size_));
  AppendTo(&tokens, SliceFromMinus(text, room));
  return tokens;
}

}  // namespace wt::decode
