#include "engine/tokenizer/tokenizer.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "engine/tokenizer/byte_pair.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/published_vocabulary.h"
#include "engine/tokenizer/special_tokens.h"
#include "engine/tokenizer/vocabulary.h"
#include "engine/tokenizer/word_split.h"

namespace wt::tokenizer {
namespace {

// tokenizer.py, non_speech_tokens. A symbol is left out where it takes several tokens.
constexpr std::string_view kSymbols[] = {
    "\"",  "#",  "(",  ")",   "*",   "+",   "/",   ":",  ";",   "<",  "=",  ">",
    "@",   "[",  "\\", "]",   "^",   "_",   "`",   "{",  "|",   "}",  "~",  "「",
    "」",  "『", "』", "<<",  ">>",  "<<<", ">>>", "--", "---", "-(", "-[", "('",
    "(\"", "((", "))", "(((", ")))", "[[",  "]]",  "{{", "}}",  "♪♪", "♪♪♪"};
// Of these the first token is taken even where there are several: it stands for U+2640 to U+267F.
constexpr std::string_view kMusicSymbols[] = {"♩", "♪", "♫", "♬", "♭", "♮", "♯"};

class BytePairTokenizer : public Tokenizer {
 public:
  // `vocabulary` is shared: large-v3 has the one of the other multilingual models.
  BytePairTokenizer(std::shared_ptr<const Vocabulary> vocabulary, int n_vocab)
      : vocabulary_(std::move(vocabulary)), special_(SpecialTokens::ForVocabulary(n_vocab)) {}

  const SpecialTokens& special() const override { return special_; }
  std::vector<TokenId> Encode(std::string_view text) const override;
  std::string DecodeBytes(std::span<const TokenId> tokens) const override;
  std::string Decode(std::span<const TokenId> tokens) const override;
  std::string DecodeWithTimestamps(std::span<const TokenId> tokens) const override;
  std::vector<TokenId> SuppressedTokens(std::span<const TokenId> option) const override;
  std::vector<TokenId> BlankTokens() const override;
  std::vector<TokenId> NonSpeechTokens() const override;
  std::vector<WordTokens> SplitToWords(std::span<const TokenId> tokens,
                                       std::string_view language) const override;
  std::optional<TokenId> LanguageToken(std::string_view code) const override;
  std::vector<TokenId> StartSequence(std::string_view language, SpeechTask task,
                                     bool timestamps) const override;

 private:
  // Appends the bytes or the name of a token; nothing for an id outside the vocabulary.
  void Append(TokenId token, std::string* out) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  SpecialTokens special_;
};

std::vector<TokenId> BytePairTokenizer::Encode(std::string_view text) const {
  std::string repaired;
  if (!base::IsValidUtf8(text)) {
    repaired = base::ReplaceInvalidUtf8(text);
    text = repaired;
  }
  std::vector<TokenId> tokens;
  BytePairEncoder encoder(*vocabulary_);
  while (!text.empty()) encoder.Encode(TakePiece(&text), &tokens);
  return tokens;
}

void BytePairTokenizer::Append(TokenId token, std::string* out) const {
  if (token < 0 || token >= special_.n_vocab) return;
  if (token < special_.eot) {
    *out += vocabulary_->Bytes(token);
  } else {
    AppendSpecialName(special_, token, out);
  }
}

std::string BytePairTokenizer::DecodeBytes(std::span<const TokenId> tokens) const {
  std::string bytes;
  for (const TokenId token : tokens) {
    if (token < special_.timestamp_begin) Append(token, &bytes);
  }
  return bytes;
}

std::string BytePairTokenizer::Decode(std::span<const TokenId> tokens) const {
  return base::ReplaceInvalidUtf8(DecodeBytes(tokens));
}

std::string BytePairTokenizer::DecodeWithTimestamps(std::span<const TokenId> tokens) const {
  std::string bytes;
  for (const TokenId token : tokens) Append(token, &bytes);
  return base::ReplaceInvalidUtf8(bytes);
}

std::vector<TokenId> BytePairTokenizer::NonSpeechTokens() const {
  // Hyphens and apostrophes are allowed inside a word, but not at its beginning.
  std::set<TokenId> ids = {Encode(" -").front(), Encode(" '").front()};
  const auto add = [&](std::string_view symbol, bool first_of_several) {
    for (const std::string& text : {std::string(symbol), " " + std::string(symbol)}) {
      const std::vector<TokenId> tokens = Encode(text);
      if (tokens.size() == 1 || first_of_several) ids.insert(tokens.front());
    }
  };
  for (const std::string_view symbol : kSymbols) add(symbol, false);
  for (const std::string_view symbol : kMusicSymbols) add(symbol, true);
  return {ids.begin(), ids.end()};
}

std::vector<TokenId> BytePairTokenizer::SuppressedTokens(std::span<const TokenId> option) const {
  std::set<TokenId> ids = {special_.transcribe, special_.translate, special_.sot,
                           special_.sot_prev,   special_.sot_lm,    special_.no_speech};
  for (const TokenId id : option) {
    if (id >= 0 && id < special_.n_vocab) ids.insert(id);
  }
  if (std::ranges::find(option, -1) != option.end()) {
    const std::vector<TokenId> symbols = NonSpeechTokens();
    ids.insert(symbols.begin(), symbols.end());
  }
  return {ids.begin(), ids.end()};
}

std::vector<TokenId> BytePairTokenizer::BlankTokens() const {
  std::vector<TokenId> tokens = Encode(" ");
  tokens.push_back(special_.eot);
  return tokens;
}

std::vector<WordTokens> BytePairTokenizer::SplitToWords(std::span<const TokenId> tokens,
                                                        std::string_view language) const {
  std::vector<WordTokens> groups =
      SplitOnCharacters(tokens, [this](TokenId token, std::string* out) { Append(token, out); });
  if (WritesWithoutSpaces(language)) return groups;
  return JoinToWords(std::move(groups), special_.eot);
}

std::optional<TokenId> BytePairTokenizer::LanguageToken(std::string_view code) const {
  const auto codes = LanguageCodes().first(static_cast<std::size_t>(special_.language_count));
  const auto found = std::ranges::find(codes, code);
  if (found == codes.end()) return std::nullopt;
  return special_.first_language + static_cast<TokenId>(found - codes.begin());
}

std::vector<TokenId> BytePairTokenizer::StartSequence(std::string_view language, SpeechTask task,
                                                      bool timestamps) const {
  std::vector<TokenId> sequence = {special_.sot};
  if (special_.multilingual) {
    sequence.push_back(LanguageToken(language).value_or(special_.first_language));
    sequence.push_back(task == SpeechTask::kTranslate ? special_.translate : special_.transcribe);
  }
  if (!timestamps) sequence.push_back(special_.no_timestamps);
  return sequence;
}

}  // namespace

std::shared_ptr<const Tokenizer> Tokenizer::Published(int n_vocab) {
  WT_CHECK(SpecialTokens::KnownVocabulary(n_vocab));
  const bool multilingual = SpecialTokens::ForVocabulary(n_vocab).multilingual;
  return std::make_shared<BytePairTokenizer>(
      LoadPublished(multilingual ? PublishedVocabulary::kMultilingual
                                 : PublishedVocabulary::kEnglish),
      n_vocab);
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::Create(std::span<const std::string> vocabulary,
                                                           int n_vocab) {
  if (!SpecialTokens::KnownVocabulary(n_vocab)) {
    return Status(StatusCode::kDataCorrupt, "The vocabulary cannot be used: a model with " +
                                                std::to_string(n_vocab) +
                                                " tokens is not a Whisper model (51864 to 51866).");
  }
  const TokenId expected = SpecialTokens::ForVocabulary(n_vocab).eot;
  if (vocabulary.size() != static_cast<std::size_t>(expected)) {
    return Status(StatusCode::kDataCorrupt,
                  "The vocabulary cannot be used: it has " + std::to_string(vocabulary.size()) +
                      " ordinary tokens, the model needs " + std::to_string(expected) + ".");
  }
  WT_ASSIGN(Vocabulary tokens, Vocabulary::Create({vocabulary.begin(), vocabulary.end()}));
  return std::shared_ptr<const Tokenizer>(std::make_shared<BytePairTokenizer>(
      std::make_shared<const Vocabulary>(std::move(tokens)), n_vocab));
}

}  // namespace wt::tokenizer
