// Whisper's tokenizer: byte-pair encoding, special tokens, word splitting, languages.
//
// After openai-whisper 20250625, tokenizer.py, and tiktoken. Ordinary text never becomes a special
// token: Encode() treats "<|endoftext|>" as characters. Immutable: thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt::tokenizer {

/// Ids of the special tokens (formats.md section 6).
struct SpecialTokens {
  TokenId eot = 0;             // <|endoftext|>; all smaller ids are ordinary text.
  TokenId sot = 0;             // <|startoftranscript|>
  TokenId first_language = 0;  // <|en|>
  int language_count = 0;      // 99 or 100
  TokenId translate = 0;
  TokenId transcribe = 0;
  TokenId sot_lm = 0;
  TokenId sot_prev = 0;
  TokenId no_speech = 0;
  TokenId no_timestamps = 0;
  TokenId timestamp_begin = 0;  // <|0.00|>; 1501 of them, 0.02 s apart.
  int n_vocab = 0;
  bool multilingual = false;

  /// True for 51864 (English-only), 51865 (multilingual) and 51866 (large-v3).
  static bool KnownVocabulary(int n_vocab);
  /// REQUIRES: KnownVocabulary(n_vocab).
  static SpecialTokens ForVocabulary(int n_vocab);
};

/// Tokens of one word, with the text they decode to.
struct WordTokens {
  std::string text;
  std::vector<TokenId> tokens;
};

class Tokenizer {
 public:
  /// The published vocabulary of that size, which is built in. The first call takes about 10 ms.
  /// REQUIRES: SpecialTokens::KnownVocabulary(n_vocab).
  static std::shared_ptr<const Tokenizer> Published(int n_vocab);
  /// A vocabulary from a model file: ordinary tokens as bytes in id order.
  /// kDataCorrupt when it is not usable (size, duplicates, missing single bytes).
  static Result<std::shared_ptr<const Tokenizer>> Create(std::span<const std::string> vocabulary,
                                                         int n_vocab);
  virtual ~Tokenizer() = default;

  virtual const SpecialTokens& special() const = 0;

  /// Ordinary tokens of UTF-8 text; special tokens in it are plain characters. Damaged UTF-8
  /// becomes U+FFFD first. O(n log n) time, about 100 bytes of memory per byte of the longest run
  /// without spaces.
  virtual std::vector<TokenId> Encode(std::string_view text) const = 0;
  /// Bytes of the tokens, special ones as their names, timestamps left out (tokenizer.decode).
  /// Ids outside the vocabulary are left out, here and in all functions that take ids.
  virtual std::string DecodeBytes(std::span<const TokenId> tokens) const = 0;
  /// DecodeBytes with damaged UTF-8 replaced by U+FFFD.
  virtual std::string Decode(std::span<const TokenId> tokens) const = 0;
  /// Timestamps as "<|1.08|>" (tokenizer.decode_with_timestamps).
  virtual std::string DecodeWithTimestamps(std::span<const TokenId> tokens) const = 0;

  /// Ids that `suppress_tokens` stands for: -1 expanded to the non-speech symbols, the special
  /// tokens that never may be sampled added, sorted, unique (decoding.py, _get_suppress_tokens).
  /// The reference applies no such filter at all when the option is empty: the caller's matter.
  virtual std::vector<TokenId> SuppressedTokens(std::span<const TokenId> option) const = 0;
  /// Tokens forbidden at the first step by suppress_blank: encode(" ") and eot.
  virtual std::vector<TokenId> BlankTokens() const = 0;
  /// tokenizer.py, non_speech_tokens: sorted.
  virtual std::vector<TokenId> NonSpeechTokens() const = 0;

  /// Splits by spaces, or by characters for zh ja th lo my yue (split_to_word_tokens). Every token
  /// is in one word, in order; the texts concatenate to DecodeWithTimestamps().
  virtual std::vector<WordTokens> SplitToWords(std::span<const TokenId> tokens,
                                               std::string_view language) const = 0;

  /// The language's token, if this vocabulary has it.
  virtual std::optional<TokenId> LanguageToken(std::string_view code) const = 0;
  /// Start sequence: sot, for multilingual models language and task, and no_timestamps unless
  /// `timestamps`. A language that the vocabulary lacks counts as English, the reference's default.
  virtual std::vector<TokenId> StartSequence(std::string_view language, SpeechTask task,
                                             bool timestamps) const = 0;
};

/// Codes in the order of their tokens ("en", "zh", ... "yue"): the first 99 or all 100.
std::span<const std::string_view> LanguageCodes();
/// English name in lower case ("english"); empty when unknown.
std::string_view LanguageName(std::string_view code);
/// True for languages whose words are not separated by spaces: zh ja th lo my yue.
bool WritesWithoutSpaces(std::string_view language);
/// A code, a name ("German") or an alias ("mandarin") in any case to its code.
std::optional<std::string_view> FindLanguage(std::string_view text);

}  // namespace wt::tokenizer
