// Text for writers: stripped, on one line, without what would break a line-based format.
//
// Segment text comes from a model and may hold anything that UTF-8 (or damaged UTF-8) can: line
// breaks, control characters, "-->". Ordinary text passes through unchanged, byte for byte, so that
// files equal those of openai-whisper (utils.py). Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace wt::formats {

/// `text` without white space at both ends; white space is what Python's str.strip() takes for it
/// (ASCII, U+001C to U+001F, U+0085, U+00A0 and the Unicode space and line separators).
std::string_view StripSpace(std::string_view text);

/// Valid UTF-8 on one line: each run of line breaks becomes one space, other control characters but
/// the tab are removed, then the ends are stripped.
std::string CleanLine(std::string_view text);

/// CleanLine() without stripping: for words, whose leading space matters.
std::string CleanWord(std::string_view text);

/// Replaces `from` until none is left, also where a replacement would form a new one ("--->").
/// REQUIRES: `to` is shorter than `from`.
std::string ReplaceAll(std::string text, std::string_view from, std::string_view to);

/// Columns of a terminal or subtitle line: 2 for East Asian wide characters (UAX #11, W and F), 0
/// for combining marks, 1 for the rest.
int DisplayWidth(std::string_view text);
/// The same for one code point.
int CodePointWidth(char32_t code_point);

}  // namespace wt::formats
