#include "service/search/query.h"

#include <utility>

#include "base/utf8.h"

namespace wt::search {
namespace {

/// A piece of what was typed.
struct Piece {
  std::string_view text;
  bool quoted = false;
  bool excluded = false;
};

std::vector<Piece> Cut(std::string_view text) {
  std::vector<Piece> pieces;
  bool exclude_next = false;
  while (true) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty()) return pieces;
    Piece piece;
    piece.excluded = std::exchange(exclude_next, false);
    if (text.front() == '-' && text.size() > 1 && text[1] != ' ') {
      piece.excluded = true;
      text.remove_prefix(1);
    }
    piece.quoted = text.front() == '"';
    if (piece.quoted) text.remove_prefix(1);
    const std::size_t end = text.find(piece.quoted ? '"' : ' ');
    piece.text = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!piece.quoted && piece.text == "NOT") {
      exclude_next = true;
      continue;
    }
    if (!piece.quoted && piece.text == "AND") continue;
    pieces.push_back(piece);
  }
}

std::string Expression(const Phrase& phrase) {
  std::string text = "\"";
  for (const std::string& word : phrase.words) {
    if (text.size() > 1) text += ' ';
    text += word;
  }
  return text + (phrase.prefix ? "\"*" : "\"");
}

/// What stands between two OR.
struct Alternative {
  std::string wanted;
  std::string excluded;

  void Add(const std::string& expression, bool exclude) {
    std::string* const list = exclude ? &excluded : &wanted;
    if (!list->empty()) *list += exclude ? " OR " : " AND ";
    *list += expression;
  }
};

void Finish(Alternative* alternative, std::string* expression) {
  if (!alternative->wanted.empty()) {
    if (!expression->empty()) *expression += " OR ";
    *expression += "((" + alternative->wanted + ")";
    if (!alternative->excluded.empty()) *expression += " NOT (" + alternative->excluded + ")";
    *expression += ")";
  }
  *alternative = Alternative();
}

}  // namespace

Result<Query> ParseQuery(std::string_view text, Tokenizer* tokenizer) {
  if (text.size() > kQueryBytesMax || !base::IsValidUtf8(text)) {
    return Status(StatusCode::kInvalidArgument, "A query has at most 500 bytes of valid UTF-8.");
  }
  Query query;
  Alternative alternative;
  std::size_t words = 0;
  const std::vector<Piece> pieces = Cut(text);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (!piece.quoted && piece.text == "OR") {
      Finish(&alternative, &query.expression);
      continue;
    }
    Phrase phrase;
    for (Token& token : tokenizer->Split(piece.text)) {
      if (++words > kQueryWordsMax) {
        return Status(StatusCode::kInvalidArgument, "A query has at most 32 words.");
      }
      phrase.words.push_back(std::move(token.text));
    }
    if (phrase.words.empty()) continue;
    phrase.prefix = !piece.quoted && (i + 1 == pieces.size() || piece.text.ends_with('*'));
    alternative.Add(Expression(phrase), piece.excluded);
    if (!piece.excluded) query.phrases.push_back(std::move(phrase));
  }
  Finish(&alternative, &query.expression);
  if (query.expression.empty()) {
    return Status(StatusCode::kInvalidArgument, "The query names nothing to look for.");
  }
  return query;
}

}  // namespace wt::search
