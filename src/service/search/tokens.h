// Text as the words that the search index holds, in every script.
//
// Boundaries are Unicode's (UAX #29) by ICU, with its dictionaries for Thai, Lao, Khmer and
// Burmese. Han and kana are indexed by character: a query is a phrase of its characters and finds
// them wherever they stand in a row, however a dictionary would have cut the text. Words are folded
// (NFKC, case, diacritics of Latin, Greek and Cyrillic), the same way for index and query. One
// thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::search {

struct Token {
  /// Folded; letters, digits and marks only, never empty.
  std::string text;
  /// Bytes of the original.
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Tokenizer {
 public:
  /// Loads ICU's tables: some milliseconds for the first one of a process.
  static Result<std::unique_ptr<Tokenizer>> Create();
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// In the order of the text, which must be valid UTF-8.
  std::vector<Token> Split(std::string_view text);
  /// The folded words with a space before, between and behind: " see the sea "; empty for none.
  std::string Join(std::string_view text);

 private:
  struct Icu;
  explicit Tokenizer(std::unique_ptr<Icu> icu);
  std::string Fold(std::string_view word) const;

  std::unique_ptr<Icu> icu_;
};

}  // namespace wt::search
