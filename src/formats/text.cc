#include "formats/text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace wt::formats {
namespace {

bool IsSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

// What Python's str.splitlines() splits at.
bool IsLineBreak(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

bool IsControl(char32_t c) { return (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0); }

struct Range {
  char32_t first;
  char32_t last;
};

// Blocks whose characters are East Asian Wide or Fullwidth (Unicode 15, EastAsianWidth.txt), merged
// across unassigned gaps; emoji presentation blocks included.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2E80, 0x303E},
    Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0xA4CF},
    Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18CFF}, Range{0x1AFF0, 0x1B2FF},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF},
    Range{0x20000, 0x3FFFD},
};

// Combining marks and other characters that take no column, in the scripts that Whisper writes.
constexpr std::array kZeroWidth = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
    Range{0x064B, 0x065F}, Range{0x0900, 0x0902}, Range{0x093C, 0x093C}, Range{0x0941, 0x0948},
    Range{0x094D, 0x094D}, Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E},
    Range{0x0EB1, 0x0EB1}, Range{0x0EB4, 0x0EBC}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},
    Range{0x200B, 0x200F}, Range{0x202A, 0x202E}, Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF},
    Range{0x3099, 0x309A}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF},
};

template <std::size_t n>
bool InRanges(const std::array<Range, n>& ranges, char32_t c) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), c,
                       [](char32_t value, const Range& range) { return value < range.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

}  // namespace

std::string_view StripSpace(std::string_view text) {
  while (!text.empty()) {
    std::string_view rest = text;
    if (!IsSpace(base::NextCodePoint(&rest))) break;
    text = rest;
  }
  std::size_t end = 0;  // After the last character that is not space.
  std::string_view rest = text;
  while (!rest.empty()) {
    if (!IsSpace(base::NextCodePoint(&rest))) end = text.size() - rest.size();
  }
  return text.substr(0, end);
}

std::string CleanWord(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  bool after_break = false;
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    if (IsLineBreak(c)) {
      if (!after_break) clean.push_back(' ');
      after_break = true;
    } else if (!IsControl(c)) {
      base::AppendUtf8(c, &clean);
      after_break = false;
    }
  }
  return clean;
}

std::string CleanLine(std::string_view text) { return std::string(StripSpace(CleanWord(text))); }

std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  std::size_t at = 0;
  while ((at = text.find(from, at)) != std::string::npos) {
    text.replace(at, from.size(), to);
    at -= std::min(at, from.size());  // A new occurrence may begin before the replacement.
  }
  return text;
}

int CodePointWidth(char32_t c) {
  if (c < 0x300) return 1;
  if (InRanges(kZeroWidth, c)) return 0;
  return InRanges(kWide, c) ? 2 : 1;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += CodePointWidth(base::NextCodePoint(&text));
  return width;
}

}  // namespace wt::formats
