// What a person types into the search field, as an expression over the index.
//
//   budget "next year" -draft  OR  plan*
//
// Words stand side by side (AND), a quoted text is a phrase, '-' or NOT excludes, OR separates
// alternatives, the last word may go on ("pla" finds "plan"). Only words that the tokenizer made
// reach the expression, so nothing that is typed is taken for syntax of the database. Pure but for
// the tokenizer it borrows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/search/tokens.h"
#include "whisper_transcriber/status.h"

namespace wt::search {

inline constexpr std::size_t kQueryBytesMax = 500;
inline constexpr std::size_t kQueryWordsMax = 32;

/// Folded words in a row.
struct Phrase {
  std::vector<std::string> words;
  /// The last word may go on.
  bool prefix = false;
};

struct Query {
  /// In the syntax of FTS5.
  std::string expression;
  /// What is shown as found: the phrases that are not excluded.
  std::vector<Phrase> phrases;
};

/// kInvalidArgument when nothing is left to look for.
Result<Query> ParseQuery(std::string_view text, Tokenizer* tokenizer);

}  // namespace wt::search
