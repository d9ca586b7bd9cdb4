// Measures by which text that a decoder has made up in a loop is told from speech.
//
// CompressionRatio() is openai-whisper's (utils.py, compression_ratio), which the decoder compares
// with 2.4. LongestRepetition() finds what it misses in short windows and says where the loop is:
//
//   LongestRepetition("So. Thank you. Thank you. Thank you.", TextUnit::kWords)
//     -> period_units 2, count 3, units_total 7, bytes [4, 36)
//
// Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace wt::guard {

/// Bytes of `text` (which should be UTF-8) divided by its bytes after zlib at level 6, so that the
/// figures equal Python's len(b) / len(zlib.compress(b)). 0 for empty text.
double CompressionRatio(std::string_view text);

/// What is compared from one repetition to the next.
enum class TextUnit {
  /// Runs between spaces, without punctuation around them; ASCII letters in either case are equal.
  kWords,
  /// Code points without spaces, for languages written so (tokenizer::WritesWithoutSpaces).
  kCharacters,
};

/// The longest phrases looked for: 40 words are a long sentence, 120 characters as much in
/// Japanese.
inline constexpr int kPeriodWordsMax = 40;
inline constexpr int kPeriodCharactersMax = 120;

/// A phrase that is said several times without anything between.
struct Repetition {
  /// Units of the phrase; 0 when nothing is repeated.
  int period_units = 0;
  /// How often it is said, 2 or more; 0 when nothing is repeated.
  int count = 0;
  /// Units of the whole text.
  int units_total = 0;
  /// All repetitions in the text: bytes [begin, end).
  std::size_t begin = 0;
  std::size_t end = 0;

  /// Part of the text that the repetitions make up, 0 to 1.
  double Share() const {
    return units_total == 0 ? 0.0 : static_cast<double>(period_units) * count / units_total;
  }
};

/// The repetition that takes up the most units, among those said at least `count_min` times; the
/// shortest phrase among equals, then the first. Time is linear in the text (times the longest
/// phrase); damaged UTF-8 is read as U+FFFD. REQUIRES: count_min >= 2.
Repetition LongestRepetition(std::string_view text, TextUnit unit, int count_min = 2);

}  // namespace wt::guard
