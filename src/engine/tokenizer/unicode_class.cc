#include "engine/tokenizer/unicode_class.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace wt::tokenizer {
namespace {

using enum UnicodeClass;

struct Range {
  char32_t first;
  char32_t last;
  UnicodeClass kind;
};

constexpr Range kRanges[] = {
#include "engine/tokenizer/unicode_ranges.inc"
};

constexpr std::array<UnicodeClass, 128> MakeAscii() {
  std::array<UnicodeClass, 128> classes{};
  for (const Range& range : kRanges) {
    for (char32_t c = range.first; c <= range.last && c < classes.size(); ++c) {
      classes[c] = range.kind;
    }
    if (range.first >= classes.size()) break;
  }
  return classes;
}
constexpr std::array<UnicodeClass, 128> kAscii = MakeAscii();

}  // namespace

UnicodeClass ClassOf(char32_t code_point) {
  if (code_point < kAscii.size()) return kAscii[code_point];
  const Range* const range = std::ranges::lower_bound(kRanges, code_point, {}, &Range::last);
  if (range == std::end(kRanges) || code_point < range->first) return kOther;
  return range->kind;
}

bool IsPythonSpace(char32_t code_point) {
  return ClassOf(code_point) == kSpace || (code_point >= 0x1C && code_point <= 0x1F);
}

}  // namespace wt::tokenizer
