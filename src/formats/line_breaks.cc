#include "formats/line_breaks.h"

#include <algorithm>
#include <limits>

#include "base/utf8.h"
#include "formats/text.h"

namespace wt::formats {
namespace {

// What is never separated. `space_before` is a place where a space becomes a line feed.
struct Unit {
  std::string text;
  int width = 0;
  bool space_before = false;
};

// Characters that may not begin a line (kinsoku shori, JIS X 4051, the common part).
bool StaysWithPrevious(char32_t c) {
  constexpr std::u32string_view kClosing =
      U"、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】!,.:;?)]}%"
      U"…ぁぃぅぇぉっゃゅょァィゥェォッャュョ";
  return kClosing.find(c) != std::u32string_view::npos;
}

// Characters that may not end a line.
bool KeepsNext(char32_t c) {
  constexpr std::u32string_view kOpening = U"（〔［｛〈《「『【“‘([{";
  return kOpening.find(c) != std::u32string_view::npos;
}

std::vector<Unit> SplitUnits(std::string_view text, int width) {
  std::vector<Unit> units;
  char32_t previous = ' ';
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    if (c == ' ') {
      previous = c;
      continue;
    }
    const int columns = CodePointWidth(c);
    const bool beside_wide =
        previous != ' ' && (columns == 2 || CodePointWidth(previous) == 2) && columns > 0;
    const bool may_break =
        previous == ' ' || (beside_wide && !StaysWithPrevious(c) && !KeepsNext(previous));
    const bool too_wide = !units.empty() && units.back().width + columns > width;
    if (units.empty() || may_break || too_wide) units.push_back({"", 0, previous == ' '});
    base::AppendUtf8(c, &units.back().text);
    units.back().width += columns;
    previous = c;
  }
  return units;
}

// Indices of the units that begin a line, after the first. Fewest lines first, then the smallest
// possible longest line, found by bisection over its width: a line is filled while there is room.
std::vector<std::size_t> Fill(const std::vector<Unit>& units, int width) {
  std::vector<std::size_t> starts;
  int used = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const int with_space = units[i].width + (units[i].space_before ? 1 : 0);
    if (i > 0 && used + with_space > width) {
      starts.push_back(i);
      used = units[i].width;
    } else {
      used += i == 0 ? units[i].width : with_space;
    }
  }
  return starts;
}

std::vector<std::size_t> BestStarts(const std::vector<Unit>& units, int width) {
  std::vector<std::size_t> best = Fill(units, width);
  int low = 1;
  for (const Unit& unit : units) low = std::max(low, unit.width);
  int high = width;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    std::vector<std::size_t> starts = Fill(units, middle);
    if (starts.size() == best.size()) {
      best = std::move(starts);
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return best;
}

}  // namespace

std::string BreakLines(std::string_view text, int width) {
  const std::vector<Unit> units = SplitUnits(text, width);
  const std::vector<std::size_t> starts = BestStarts(units, width);
  std::string lines;
  auto next = starts.begin();
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (next != starts.end() && *next == i) {
      lines.push_back('\n');
      ++next;
    } else if (i > 0 && units[i].space_before) {
      lines.push_back(' ');
    }
    lines += units[i].text;
  }
  return lines;
}

std::vector<CueWord> BreakWords(std::span<const CueWord> words, int width) {
  std::vector<Unit> units;
  for (const CueWord& word : words) {
    const std::string_view text = StripSpace(word.text);
    units.push_back({std::string(text), DisplayWidth(text), word.text.starts_with(' ')});
  }
  const std::vector<std::size_t> starts = BestStarts(units, width);
  std::vector<CueWord> broken(words.begin(), words.end());
  auto next = starts.begin();
  for (std::size_t i = 0; i < broken.size(); ++i) {
    const bool begins_line = next != starts.end() && *next == i;
    if (begins_line) ++next;
    std::string text = units[i].width > width ? BreakLines(units[i].text, width) : units[i].text;
    if (begins_line) {
      text.insert(0, 1, '\n');
    } else if (i > 0 && units[i].space_before) {
      text.insert(0, 1, ' ');
    }
    broken[i].text = std::move(text);
  }
  return broken;
}

int CountLines(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
}

}  // namespace wt::formats
