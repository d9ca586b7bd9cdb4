// Encoding loses nothing, whatever the text; words and metrics hold together, whatever the tokens.
//
// The bytes are read as text, and again in pairs as token ids.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "engine/guard/text_metrics.h"
#include "engine/tokenizer/tokenizer.h"

namespace {

using wt::tokenizer::Tokenizer;
using Ids = std::vector<wt::TokenId>;

// Every token is in one word, in order, and the words' texts make up the whole.
void CheckWords(const Tokenizer& tokenizer, const Ids& tokens, std::string_view language) {
  std::string text;
  Ids joined;
  for (const auto& word : tokenizer.SplitToWords(tokens, language)) {
    WT_CHECK(!word.tokens.empty());
    text += word.text;
    joined.insert(joined.end(), word.tokens.begin(), word.tokens.end());
  }
  WT_CHECK(joined == tokens);
  WT_CHECK(text == tokenizer.DecodeWithTimestamps(tokens));
}

void CheckText(const Tokenizer& tokenizer, std::string_view bytes) {
  const Ids tokens = tokenizer.Encode(bytes);
  WT_CHECK(tokenizer.DecodeBytes(tokens) == wt::base::ReplaceInvalidUtf8(bytes));
  for (const auto token : tokens) WT_CHECK(token >= 0 && token < tokenizer.special().eot);
  CheckWords(tokenizer, tokens, "en");
  CheckWords(tokenizer, tokens, "zh");
}

void CheckTokens(const Tokenizer& tokenizer, std::string_view bytes) {
  Ids tokens;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto high = static_cast<unsigned char>(bytes[i]);
    const auto low = static_cast<unsigned char>(bytes[i + 1]);
    tokens.push_back((high << 8 | low) - 1);  // -1 to 65534: both sides of the vocabulary.
  }
  WT_CHECK(wt::base::IsValidUtf8(tokenizer.Decode(tokens)));
  CheckWords(tokenizer, tokens, "en");
  CheckWords(tokenizer, tokens, "zh");
}

void CheckMetrics(std::string_view text) {
  using enum wt::guard::TextUnit;
  for (const auto unit : {kWords, kCharacters}) {
    const auto found = wt::guard::LongestRepetition(text, unit);
    WT_CHECK(found.begin <= found.end && found.end <= text.size());
    WT_CHECK(found.count == 0 || found.count >= 2);
    WT_CHECK(found.period_units * found.count <= found.units_total);
  }
  WT_CHECK(wt::guard::CompressionRatio(text) >= 0.0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const int n_vocab : {51864, 51866}) {
    const auto tokenizer = Tokenizer::Published(n_vocab);
    CheckText(*tokenizer, bytes);
    CheckTokens(*tokenizer, bytes);
  }
  CheckMetrics(bytes);
  return 0;
}
