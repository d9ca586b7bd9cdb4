#include "engine/tokenizer/special_tokens.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "base/check.h"

namespace wt::tokenizer {
namespace {

// Those between the languages and the timestamps, in id order (tokenizer.py, get_encoding).
constexpr std::array<std::string_view, 6> kNamesAfterLanguages = {
    "translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"};

std::string TimestampName(int index) {
  const int hundredths = 2 * index;  // A step is 0.02 s.
  std::string name = std::to_string(hundredths / 100) + '.';
  name += static_cast<char>('0' + hundredths / 10 % 10);
  name += static_cast<char>('0' + hundredths % 10);
  return name;
}

std::string NameOf(const SpecialTokens& special, TokenId id) {
  if (id == special.eot) return "endoftext";
  if (id == special.sot) return "startoftranscript";
  if (id < special.translate) {
    return std::string(LanguageCodes()[static_cast<std::size_t>(id - special.first_language)]);
  }
  if (id < special.timestamp_begin) {
    return std::string(kNamesAfterLanguages[static_cast<std::size_t>(id - special.translate)]);
  }
  return TimestampName(id - special.timestamp_begin);
}

}  // namespace

bool SpecialTokens::KnownVocabulary(int n_vocab) { return n_vocab >= 51864 && n_vocab <= 51866; }

SpecialTokens SpecialTokens::ForVocabulary(int n_vocab) {
  WT_CHECK(KnownVocabulary(n_vocab));
  SpecialTokens special;
  special.n_vocab = n_vocab;
  special.multilingual = n_vocab >= 51865;
  special.language_count = n_vocab == 51866 ? 100 : 99;
  special.eot = special.multilingual ? 50257 : 50256;
  special.sot = special.eot + 1;
  special.first_language = special.sot + 1;
  special.translate = special.first_language + special.language_count;
  special.transcribe = special.translate + 1;
  special.sot_lm = special.translate + 2;
  special.sot_prev = special.translate + 3;
  special.no_speech = special.translate + 4;
  special.no_timestamps = special.translate + 5;
  special.timestamp_begin = special.translate + 6;
  WT_CHECK(special.timestamp_begin + kTimestampCount == n_vocab);
  return special;
}

void AppendSpecialName(const SpecialTokens& special, TokenId id, std::string* out) {
  WT_DCHECK(id >= special.eot && id < special.n_vocab);
  *out += "<|";
  *out += NameOf(special, id);
  *out += "|>";
}

}  // namespace wt::tokenizer
