// UTF-8 checks and repairs for text that comes from a model or a file.
#pragma once

#include <string>
#include <string_view>

namespace wt::base {

/// Replaces every maximal invalid part by U+FFFD, as Unicode 15 section 3.9 ("substitution of
/// maximal subparts") and Python's errors="replace" do.
std::string ReplaceInvalidUtf8(std::string_view bytes);

/// True when `bytes` is well-formed UTF-8.
bool IsValidUtf8(std::string_view bytes);

/// Decodes one code point from well-formed or damaged UTF-8 and advances `*bytes` past it (past one
/// maximal invalid part, giving U+FFFD, where it is damaged). REQUIRES: !bytes->empty().
char32_t NextCodePoint(std::string_view* bytes);

/// Appends a code point (surrogates and values above U+10FFFF become U+FFFD).
void AppendUtf8(char32_t code_point, std::string* out);

/// Code points of `text`.
std::size_t CountCodePoints(std::string_view text);

}  // namespace wt::base
