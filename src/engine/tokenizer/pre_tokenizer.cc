#include "engine/tokenizer/pre_tokenizer.h"

#include <array>
#include <cstddef>

#include "base/utf8.h"
#include "engine/tokenizer/unicode_class.h"

namespace wt::tokenizer {
namespace {

// A code point's class and length at the front of a text.
struct Front {
  UnicodeClass kind;
  std::size_t bytes;
};

Front Peek(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {ClassOf(first), 1};
  std::string_view rest = text;
  const char32_t code_point = base::NextCodePoint(&rest);
  return {ClassOf(code_point), text.size() - rest.size()};
}

// Bytes of the English contraction at the front of `text`, or 0.
std::size_t ContractionBytes(std::string_view text) {
  constexpr std::array<std::string_view, 7> kContractions = {"'s", "'t",  "'re", "'ve",
                                                             "'m", "'ll", "'d"};
  for (const std::string_view contraction : kContractions) {
    if (text.starts_with(contraction)) return contraction.size();
  }
  return 0;
}

// Bytes up to the first code point at or after `from` that is not of `kind`.
std::size_t RunEnd(std::string_view text, std::size_t from, UnicodeClass kind) {
  while (from < text.size()) {
    const Front front = Peek(text.substr(from));
    if (front.kind != kind) break;
    from += front.bytes;
  }
  return from;
}

// \s+(?!\S)|\s+ : all spaces at the end of the text; before anything else all but the last one,
// which is left to the next piece; the only one where there is no other.
std::size_t SpacesBytes(std::string_view text) {
  std::size_t end = 0;
  std::size_t last = 0;  // Where the last space begins.
  while (end < text.size()) {
    const Front front = Peek(text.substr(end));
    if (front.kind != UnicodeClass::kSpace) return last > 0 ? last : end;
    last = end;
    end += front.bytes;
  }
  return end;
}

std::size_t PieceBytes(std::string_view text) {
  if (text[0] == '\'') {
    if (const std::size_t contraction = ContractionBytes(text)) return contraction;
  }
  // " ?" takes a blank only when something other than a space follows.
  const std::size_t blank = text[0] == ' ' ? 1 : 0;
  if (blank == text.size()) return blank;
  const Front front = Peek(text.substr(blank));
  if (front.kind == UnicodeClass::kSpace) return SpacesBytes(text);
  return RunEnd(text, blank + front.bytes, front.kind);
}

}  // namespace

std::string_view TakePiece(std::string_view* text) {
  const std::string_view piece = text->substr(0, PieceBytes(*text));
  text->remove_prefix(piece.size());
  return piece;
}

}  // namespace wt::tokenizer
