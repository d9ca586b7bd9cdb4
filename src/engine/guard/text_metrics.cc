#include "engine/guard/text_metrics.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "engine/tokenizer/unicode_class.h"

namespace wt::guard {
namespace {

// zlib.compress() in Python is compress2() with this level.
constexpr int kZlibLevel = 6;

struct CodePointRange {
  char32_t first;
  char32_t last;
};

// Marks that may stand around a word. Not all of category P: combining signs, which are part of
// words in Indic scripts, must stay, and so must symbols, which can be all that there is.
constexpr CodePointRange kPunctuation[] = {
    {0x21, 0x2F},     {0x3A, 0x40},     {0x5B, 0x60},     {0x7B, 0x7E},     {0xA1, 0xA1},
    {0xAB, 0xAB},     {0xB7, 0xB7},     {0xBB, 0xBB},     {0xBF, 0xBF},     {0x60C, 0x60C},
    {0x61B, 0x61B},   {0x61F, 0x61F},   {0x6D4, 0x6D4},   {0x964, 0x965},   {0x2010, 0x2027},
    {0x2030, 0x205E}, {0x3001, 0x3003}, {0x3008, 0x3011}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20},
};

bool IsPunctuation(char32_t code_point) {
  const auto* const range =
      std::ranges::lower_bound(kPunctuation, code_point, {}, &CodePointRange::last);
  return range != std::end(kPunctuation) && code_point >= range->first;
}

bool IsSpace(char32_t code_point) {
  return tokenizer::ClassOf(code_point) == tokenizer::UnicodeClass::kSpace;
}

// The units of a text: equal ids for equal units, and where each lies.
struct Units {
  std::vector<std::int32_t> ids;
  std::vector<std::pair<std::size_t, std::size_t>> bytes;  // [begin, end)

  int size() const { return static_cast<int>(ids.size()); }
};

// A word as it is compared. A word of punctuation only is compared as it is.
std::string Normalised(std::string_view word) {
  std::size_t begin = word.size();
  std::size_t end = 0;
  for (std::string_view rest = word; !rest.empty();) {
    const std::size_t at = word.size() - rest.size();
    if (IsPunctuation(base::NextCodePoint(&rest))) continue;
    begin = std::min(begin, at);
    end = word.size() - rest.size();
  }
  std::string core(begin < end ? word.substr(begin, end - begin) : word);
  for (char& c : core) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return core;
}

Units CutIntoWords(std::string_view text) {
  Units units;
  std::unordered_map<std::string, std::int32_t> id_of;
  std::size_t begin = 0;  // Of the word that is being read; empty between words.
  const auto finish = [&](std::size_t end) {
    if (begin == end) return;
    const auto next_id = static_cast<std::int32_t>(id_of.size());
    units.ids.push_back(
        id_of.try_emplace(Normalised(text.substr(begin, end - begin)), next_id).first->second);
    units.bytes.emplace_back(begin, end);
  };
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    if (!IsSpace(base::NextCodePoint(&rest))) continue;
    finish(at);
    begin = text.size() - rest.size();
  }
  finish(text.size());
  return units;
}

Units CutIntoCharacters(std::string_view text) {
  Units units;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t begin = text.size() - rest.size();
    const char32_t code_point = base::NextCodePoint(&rest);
    if (IsSpace(code_point)) continue;
    units.ids.push_back(static_cast<std::int32_t>(code_point));
    units.bytes.emplace_back(begin, text.size() - rest.size());
  }
  return units;
}

// A run of units in which each equals the one `period` before it.
struct Run {
  int begin = 0;
  int period = 0;
  int count = 0;

  int units() const { return period * count; }
};

// The longest run with this period that repeats at least `count_min` times; count 0 if none does.
Run LongestRun(const std::vector<std::int32_t>& ids, int period, int count_min) {
  Run best;
  const int size = static_cast<int>(ids.size());
  int equal = 0;  // Units before `i` in a row that equal the one `period` before them.
  for (int i = period; i <= size; ++i) {
    if (i < size && ids[static_cast<std::size_t>(i)] == ids[static_cast<std::size_t>(i - period)]) {
      ++equal;
      continue;
    }
    const Run run = {i - equal - period, period, equal / period + 1};
    if (run.count >= count_min && run.units() > best.units()) best = run;
    equal = 0;
  }
  return best;
}

}  // namespace

double CompressionRatio(std::string_view text) {
  uLongf compressed_size = compressBound(static_cast<uLong>(text.size()));
  std::string compressed(compressed_size, '\0');
  const int outcome = compress2(reinterpret_cast<Bytef*>(compressed.data()), &compressed_size,
                                reinterpret_cast<const Bytef*>(text.data()),
                                static_cast<uLong>(text.size()), kZlibLevel);
  WT_CHECK(outcome == Z_OK);  // The output has room, so only memory can lack.
  return static_cast<double>(text.size()) / static_cast<double>(compressed_size);
}

Repetition LongestRepetition(std::string_view text, TextUnit unit, int count_min) {
  WT_CHECK(count_min >= 2);
  const bool words = unit == TextUnit::kWords;
  const Units units = words ? CutIntoWords(text) : CutIntoCharacters(text);
  const int period_max =
      std::min(words ? kPeriodWordsMax : kPeriodCharactersMax, units.size() / count_min);
  Run best;
  for (int period = 1; period <= period_max; ++period) {
    const Run run = LongestRun(units.ids, period, count_min);
    if (run.units() > best.units()) best = run;
  }
  Repetition repetition;
  repetition.units_total = units.size();
  if (best.count == 0) return repetition;
  repetition.period_units = best.period;
  repetition.count = best.count;
  repetition.begin = units.bytes[static_cast<std::size_t>(best.begin)].first;
  repetition.end = units.bytes[static_cast<std::size_t>(best.begin + best.units() - 1)].second;
  return repetition;
}

}  // namespace wt::guard
