// A strict pull reader of JSON (RFC 8259) over bytes that are already bounded.
//
//   cursor.Object([&](std::string_view name) { return name == "id" ? cursor.Int(&id) : ...; });
//
// Nothing is built that the caller does not ask for, and nothing recurses but what the caller
// nests; values that are skipped may be kDepthMax deep. The first error sticks: every later call is
// false. The text must be valid UTF-8. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wt::transcripts {

class JsonCursor {
 public:
  static constexpr int kDepthMax = 16;

  explicit JsonCursor(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  /// Where the first error is, in bytes.
  std::size_t position() const { return at_; }
  bool Fail() {
    ok_ = false;
    return false;
  }

  /// Only white space is left.
  bool AtEnd();
  bool String(std::string* out);
  /// A number; null gives NaN (what the writer makes of values that are not finite).
  bool Number(double* out);
  /// A whole number in the range.
  bool Int(std::int64_t minimum, std::int64_t maximum, std::int64_t* out);
  /// Takes a null if it comes next; false leaves everything as it is.
  bool Null() { return ok_ && TakeWord("null"); }
  /// "true" or "false".
  bool Bool(bool* out);
  /// Any value, unread.
  bool Skip();

  /// Calls `member(name)` for each member, which must read its value and give true.
  template <typename Member>
  bool Object(Member member) {
    if (!Take('{')) return Fail();
    if (Take('}')) return true;
    std::string name;
    do {
      if (!String(&name) || !Take(':') || !member(std::string_view(name))) return Fail();
    } while (Take(','));
    return Take('}') || Fail();
  }

  /// Calls `element()` for each element, which must read it and give true.
  template <typename Element>
  bool Array(Element element) {
    if (!Take('[')) return Fail();
    if (Take(']')) return true;
    do {
      if (!element()) return Fail();
    } while (Take(','));
    return Take(']') || Fail();
  }

 private:
  void SkipSpace();
  /// The next character that is not space, if it is `c`.
  bool Take(char c);
  bool TakeWord(std::string_view word);
  bool Escape(std::string* out);
  bool Hex4(std::uint32_t* out);
  /// The text of a number by the grammar; empty when there is none.
  std::string_view NumberText();
  bool SkipValue(int depth);

  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace wt::transcripts
