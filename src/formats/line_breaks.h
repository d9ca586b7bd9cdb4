// Line breaking for subtitles: the fewest lines, and among those the shortest longest line.
//
// Lines break at spaces, and beside East Asian wide characters, which are written without spaces;
// closing punctuation never begins a line and opening punctuation never ends one (a small subset
// of UAX #14). A unit wider than the line is cut. Widths are columns. Pure functions: thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/cues.h"

namespace wt::formats {

/// `text` (one line) with line feeds instead of the spaces where it breaks. REQUIRES: width > 0.
std::string BreakLines(std::string_view text, int width);

/// The same for words with times: a line feed is put in front of the words that begin a line.
/// Lines break between words only, unless a word alone is wider than the line.
std::vector<CueWord> BreakWords(std::span<const CueWord> words, int width);

/// Line feeds in `text` plus one.
int CountLines(std::string_view text);

}  // namespace wt::formats
