#include "formats/text.h"

#include <gtest/gtest.h>

#include "formats/line_breaks.h"

namespace wt::formats {
namespace {

TEST(TextTest, StripTakesUnicodeSpacesLikePython) {
  EXPECT_EQ(StripSpace("\u3000\u00a0 a b\u2003\n"), "a b");
  EXPECT_EQ(StripSpace(" \t\n"), "");
  EXPECT_EQ(StripSpace(""), "");
  EXPECT_EQ(StripSpace("\u200ba"), "\u200ba");  // Zero width space is none for Python either.
}

TEST(TextTest, LineBreaksBecomeOneSpaceAndControlsVanish) {
  EXPECT_EQ(CleanLine(" a\r\n\n\u2028b\x07\x1b[31mc\x7f\u0080 "), "a b[31mc");
  EXPECT_EQ(CleanLine("tab\tstays"), "tab\tstays");
  EXPECT_EQ(CleanLine(std::string("nul\0l", 5)), "null");
}

TEST(TextTest, DamagedUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(CleanLine("a\xff\xe4\xb8z"), "a\uFFFD\uFFFDz");
}

TEST(TextTest, ReplaceAllLeavesNoNewOccurrence) {
  EXPECT_EQ(ReplaceAll("a --> b", "-->", "->"), "a -> b");
  EXPECT_EQ(ReplaceAll("----->", "-->", "->"), "->");
  EXPECT_EQ(ReplaceAll("-->-->", "-->", "->"), "->->");
}

TEST(TextTest, WidthCountsEastAsianCharactersTwice) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("日本語"), 6);
  EXPECT_EQ(DisplayWidth("한국"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("ｶﾅ"), 2);  // Half-width forms.
}

TEST(LineBreaksTest, TwoLinesAreBalanced) {
  EXPECT_EQ(BreakLines("one two three four five six", 24), "one two three\nfour five six");
  EXPECT_EQ(BreakLines("short", 24), "short");
  EXPECT_EQ(BreakLines("", 24), "");
}

TEST(LineBreaksTest, NoLineIsLongerThanAsked) {
  const std::string text =
      "supercalifragilisticexpialidocious words and more words of several sizes";
  for (int width = 1; width < 40; ++width) {
    const std::string lines = BreakLines(text, width);
    std::size_t begin = 0;
    while (begin <= lines.size()) {
      const std::size_t end = std::min(lines.find('\n', begin), lines.size());
      EXPECT_LE(DisplayWidth(lines.substr(begin, end - begin)), std::max(width, 1)) << width;
      begin = end + 1;
    }
  }
}

TEST(LineBreaksTest, ChineseAndJapaneseBreakWithoutSpacesButNotBeforeAFullStop) {
  EXPECT_EQ(BreakLines("今日は天気です。", 14), "今日は天\n気です。");
  // 7 columns would end the first line before the stop, which stays with its sentence.
  EXPECT_EQ(BreakLines("今日は。明日", 8), "今日は。\n明日");
  EXPECT_EQ(BreakLines("今日は。明日", 6), "今日\nは。\n明日");
}

TEST(LineBreaksTest, WordsKeepTheirSpacesAndTakeLineFeeds) {
  const std::vector<CueWord> words = {{" Hello", 0, 1}, {" there,", 1, 2}, {" friend", 2, 3}};
  const std::vector<CueWord> broken = BreakWords(words, 14);
  ASSERT_EQ(broken.size(), 3u);
  EXPECT_EQ(broken[0].text + broken[1].text + broken[2].text, "Hello there,\nfriend");
}

}  // namespace
}  // namespace wt::formats
