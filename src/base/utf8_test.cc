#include "base/utf8.h"

#include <gtest/gtest.h>

namespace wt::base {
namespace {

TEST(Utf8Test, WellFormedTextIsUnchanged) {
  const std::string text = "a\xC3\xA9\xE8\xAA\x9E\xF0\x9F\x8E\xB5";
  EXPECT_TRUE(IsValidUtf8(text));
  EXPECT_EQ(ReplaceInvalidUtf8(text), text);
  EXPECT_EQ(CountCodePoints(text), 4u);
}

TEST(Utf8Test, MaximalSubpartsBecomeOneReplacementEach) {
  // The example of the Unicode standard, table 3-11.
  EXPECT_EQ(ReplaceInvalidUtf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x41");
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8Test, EveryCodePointRoundTrips) {
  for (char32_t c = 0; c <= 0x10FFFF; c += (c < 0x3000 ? 1 : 257)) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    AppendUtf8(c, &text);
    std::string_view view = text;
    EXPECT_EQ(NextCodePoint(&view), c);
    EXPECT_TRUE(view.empty());
  }
}

}  // namespace
}  // namespace wt::base
