#include "service/search/tokens.h"

#include <unicode/normalizer2.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>

#include <utility>

#include "base/utf8.h"

namespace wt::search {
namespace {

// A word that is longer is no word; what is cut off is not found.
constexpr std::size_t kTokenBytesMax = 128;

bool IsCharacterScript(char32_t code_point) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(code_point), &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO: return true;
    default: return false;
  }
}

/// Marks that only change a letter a little; those of Indic and Thai scripts are vowels.
bool IsDiacritic(UChar32 c) { return c >= 0x300 && c <= 0x36F; }

}  // namespace

struct Tokenizer::Icu {
  ~Icu() { ubrk_close(words); }
  UBreakIterator* words = nullptr;
  const icu::Normalizer2* casefold = nullptr;
  const icu::Normalizer2* decompose = nullptr;
  const icu::Normalizer2* compose = nullptr;
};

Tokenizer::Tokenizer(std::unique_ptr<Icu> icu) : icu_(std::move(icu)) {}
Tokenizer::~Tokenizer() = default;

Result<std::unique_ptr<Tokenizer>> Tokenizer::Create() {
  auto icu = std::make_unique<Icu>();
  UErrorCode error = U_ZERO_ERROR;
  icu->words = ubrk_open(UBRK_WORD, "", nullptr, 0, &error);
  icu->casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  icu->decompose = icu::Normalizer2::getNFDInstance(error);
  icu->compose = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) {
    return Status(StatusCode::kInternal, "The tables of ICU cannot be loaded; search is off.");
  }
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(icu)));
}

std::string Tokenizer::Fold(std::string_view word) const {
  UErrorCode error = U_ZERO_ERROR;
  const auto text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
  const icu::UnicodeString apart =
      icu_->decompose->normalize(icu_->casefold->normalize(text, error), error);
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    const bool mark = u_getIntPropertyValue(c, UCHAR_GENERAL_CATEGORY_MASK) & U_GC_M_MASK;
    if (!IsDiacritic(c) && (mark || u_isalnum(c))) kept.append(c);
  }
  std::string folded;
  icu_->compose->normalize(kept, error).toUTF8String(folded);
  return U_FAILURE(error) ? std::string() : folded;
}

std::vector<Token> Tokenizer::Split(std::string_view text) {
  std::vector<Token> tokens;
  UErrorCode error = U_ZERO_ERROR;
  UText* utf8 =
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &error);
  ubrk_setUText(icu_->words, utf8, &error);
  if (U_FAILURE(error)) {
    utext_close(utf8);
    return tokens;
  }
  const auto add = [&](std::size_t begin, std::size_t end) {
    if (end - begin > kTokenBytesMax) return;
    std::string folded = Fold(text.substr(begin, end - begin));
    if (!folded.empty()) tokens.push_back({std::move(folded), begin, end});
  };
  std::int32_t begin = ubrk_first(icu_->words);
  for (std::int32_t end = ubrk_next(icu_->words); end != UBRK_DONE;
       begin = end, end = ubrk_next(icu_->words)) {
    if (ubrk_getRuleStatus(icu_->words) < UBRK_WORD_NONE_LIMIT) continue;
    std::string_view rest =
        text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    // Han and kana by character, what stands around them as one piece. File names and
    // abbreviations ("talk.mp3", "U.S.") are one word for Unicode and several for who searches.
    std::size_t piece = static_cast<std::size_t>(begin);
    std::size_t at = piece;
    while (!rest.empty()) {
      const std::size_t before = rest.size();
      const char32_t c = base::NextCodePoint(&rest);
      const std::size_t next = at + before - rest.size();
      const bool separates = c == U'.' || c == U'_' || c == U':';
      if (separates || IsCharacterScript(c)) {
        if (piece < at) add(piece, at);
        if (!separates) add(at, next);
        piece = next;
      }
      at = next;
    }
    if (piece < at) add(piece, at);
  }
  utext_close(utf8);
  return tokens;
}

std::string Tokenizer::Join(std::string_view text) {
  std::string joined;
  for (const Token& token : Split(text)) joined += " " + token.text;
  if (!joined.empty()) joined += ' ';
  return joined;
}

}  // namespace wt::search
