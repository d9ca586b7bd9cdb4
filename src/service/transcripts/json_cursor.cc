#include "service/transcripts/json_cursor.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/utf8.h"

namespace wt::transcripts {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void JsonCursor::SkipSpace() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
    ++at_;
  }
}

bool JsonCursor::AtEnd() {
  SkipSpace();
  return ok_ && at_ == text_.size();
}

bool JsonCursor::Take(char c) {
  if (!ok_) return false;
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonCursor::TakeWord(std::string_view word) {
  if (!ok_) return false;
  SkipSpace();
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool JsonCursor::Hex4(std::uint32_t* out) {
  if (text_.size() - at_ < 4) return false;
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, begin + 4, *out, 16);
  if (error != std::errc() || end != begin + 4) return false;
  at_ += 4;
  return true;
}

// After the backslash.
bool JsonCursor::Escape(std::string* out) {
  if (at_ >= text_.size()) return false;
  const char c = text_[at_++];
  constexpr std::string_view kShort = "\"\"\\\\//b\bf\fn\nr\rt\t";
  for (std::size_t i = 0; i < kShort.size(); i += 2) {
    if (kShort[i] != c) continue;
    out->push_back(kShort[i + 1]);
    return true;
  }
  std::uint32_t unit = 0;
  if (c != 'u' || !Hex4(&unit)) return false;
  if (unit >= 0xD800 && unit < 0xDC00) {
    std::uint32_t low = 0;
    if (!text_.substr(at_).starts_with("\\u")) return false;
    at_ += 2;
    if (!Hex4(&low) || low < 0xDC00 || low > 0xDFFF) return false;
    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
    return false;
  }
  base::AppendUtf8(static_cast<char32_t>(unit), out);
  return true;
}

bool JsonCursor::String(std::string* out) {
  if (!Take('"')) return Fail();
  out->clear();
  while (at_ < text_.size()) {
    const std::size_t plain = text_.find_first_of("\"\\", at_);
    if (plain == std::string_view::npos) return Fail();
    for (std::size_t i = at_; i < plain; ++i) {
      if (static_cast<unsigned char>(text_[i]) < 0x20) return Fail();
    }
    out->append(text_, at_, plain - at_);
    at_ = plain + 1;
    if (text_[plain] == '"') return true;
    if (!Escape(out)) return Fail();
  }
  return Fail();
}

std::string_view JsonCursor::NumberText() {
  SkipSpace();
  std::size_t end = at_;
  const auto digits = [&] {
    const std::size_t begin = end;
    while (end < text_.size() && IsDigit(text_[end])) ++end;
    return end > begin;
  };
  if (end < text_.size() && text_[end] == '-') ++end;
  const bool leading_zero = end < text_.size() && text_[end] == '0';
  const std::size_t first = end;
  if (!digits() || (leading_zero && end - first > 1)) return {};
  if (end < text_.size() && text_[end] == '.') {
    ++end;
    if (!digits()) return {};
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    ++end;
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
    if (!digits()) return {};
  }
  const std::string_view number = text_.substr(at_, end - at_);
  at_ = end;
  return number;
}

bool JsonCursor::Number(double* out) {
  if (TakeWord("null")) {
    *out = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (!ok_) return false;
  const std::string_view number = NumberText();
  if (number.empty()) return Fail();
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), *out);
  if (error != std::errc() || end != number.data() + number.size()) return Fail();
  return true;
}

bool JsonCursor::Int(std::int64_t minimum, std::int64_t maximum, std::int64_t* out) {
  if (!ok_) return false;
  const std::string_view number = NumberText();
  if (number.empty()) return Fail();
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), *out);
  if (error != std::errc() || end != number.data() + number.size()) return Fail();
  return (*out >= minimum && *out <= maximum) || Fail();
}

bool JsonCursor::Bool(bool* out) {
  if (!ok_) return false;
  *out = TakeWord("true");
  return *out || TakeWord("false") || Fail();
}

bool JsonCursor::Skip() { return SkipValue(0); }

bool JsonCursor::SkipValue(int depth) {
  if (!ok_ || depth > kDepthMax) return Fail();
  SkipSpace();
  if (at_ >= text_.size()) return Fail();
  std::string ignored;
  switch (text_[at_]) {
    case '{': return Object([&](std::string_view) { return SkipValue(depth + 1); });
    case '[': return Array([&] { return SkipValue(depth + 1); });
    case '"': return String(&ignored);
    case 't': return TakeWord("true") || Fail();
    case 'f': return TakeWord("false") || Fail();
    case 'n': return TakeWord("null") || Fail();
    default: return !NumberText().empty() || Fail();
  }
}

}  // namespace wt::transcripts
