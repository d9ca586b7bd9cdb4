// The tokens a window's decoding starts from: earlier text, hotwords, start sequence and prefix.
//
//   [sot_prev, hotwords..., earlier text...] sot, language, task [, no_timestamps], prefix...
//
// openai-whisper, decoding.py (_get_initial_tokens) and transcribe.py (carry_initial_prompt), with
// faster-whisper's hotwords (transcribe.py, get_prompt). PromptHistory is thread-compatible, the
// rest pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "whisper_transcriber/options.h"

namespace wt::decode {

/// Tokens of a prompt, prefix or hotwords: stripped of white space (as Python's str.strip) and
/// given one leading space. Empty text has no tokens.
std::vector<TokenId> EncodePromptText(const tokenizer::Tokenizer& tokenizer, std::string_view text);

struct WindowPrompt {
  /// Its last 223 (n_text_ctx / 2 - 1) tokens are used. PromptHistory::Tokens() gives it.
  std::span<const TokenId> previous = {};
  /// Its first 223 tokens are used, before `previous`; not used with a prefix. The two share 223
  /// tokens (faster-whisper gives each its own, which can fill the context before any is sampled).
  std::span<const TokenId> hotwords = {};
  /// Tokenizer::StartSequence. REQUIRES: it contains sot.
  std::span<const TokenId> start_sequence = {};
  /// Keeps its last n_text_ctx / 2 - sample_tokens_max tokens if that is more than none; is whole
  /// if it is none, and without its first ones if it is negative: Python's slice [-max:].
  std::span<const TokenId> prefix = {};
  /// faster-whisper: <|0.00|> before the prefix. Goes with AttemptOptions::first_is_timestamp off.
  bool timestamp_before_prefix = false;
  int sample_tokens_max = 224;
  int n_text_ctx = 448;
};

struct InitialTokens {
  std::vector<TokenId> tokens;
  /// Where the start-of-transcript token is: language and no-speech come from its logits.
  std::size_t sot_index = 0;
  /// Where the first sampled token goes: tokens.size().
  std::size_t sample_begin = 0;
};

/// Never more than n_text_ctx tokens: what does not fit is cut from the front of `previous`, then
/// of the prefix (the reference fails there).
InitialTokens BuildInitialTokens(const tokenizer::SpecialTokens& special,
                                 const WindowPrompt& prompt);

/// What was said so far, as far as it is shown to the next window.
class PromptHistory {
 public:
  /// `carry`: the initial prompt goes before every window, else it counts as text before the first.
  PromptHistory(std::vector<TokenId> initial_prompt, bool carry, int n_text_ctx);

  /// Tokens of a window's segments, timestamps included.
  void Append(std::span<const TokenId> tokens);
  /// Forgets the text so far: after a window at a high temperature, or after every window when text
  /// is not carried on.
  void Reset();
  /// What goes into WindowPrompt::previous.
  std::vector<TokenId> Tokens() const;

 private:
  std::vector<TokenId> all_;  // The initial prompt, then everything appended.
  std::size_t initial_size_;
  std::size_t reset_since_ = 0;
  bool carry_;
  int n_text_ctx_;
};

}  // namespace wt::decode
