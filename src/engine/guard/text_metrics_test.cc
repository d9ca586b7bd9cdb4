#include "engine/guard/text_metrics.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "base/random.h"

namespace wt::guard {
namespace {

std::string Repeated(std::string_view phrase, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += phrase;
  return text;
}

TEST(CompressionRatioTest, EqualsTheReferences) {
  const char* const shared = std::getenv("WT_SHARED_DIR");
  const auto source_root = std::filesystem::path(__FILE__).parent_path() / "../../..";
  const auto folder = shared != nullptr ? std::filesystem::path(shared) : source_root / "../shared";
  std::ifstream file(folder / "reference/compression_ratio.json");
  if (!file) GTEST_SKIP() << "no reference data";
  const auto reference = nlohmann::json::parse(file);
  ASSERT_FALSE(reference.empty());
  for (const auto& entry : reference) {
    const auto text = entry["text"].get<std::string>();
    EXPECT_NEAR(CompressionRatio(text), entry["ratio"].get<double>(), 1e-6) << text;
  }
}

TEST(CompressionRatioTest, LongerTextIsCompressedAtLevelSix) {
  // Python: the cubes of 0 to 999, a blank after each, have 9,132 bytes; level 6 makes 4,614 of
  // them, level 5 makes 4,609.
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i * i * i) + " ";
  EXPECT_DOUBLE_EQ(CompressionRatio(text), 9132.0 / 4614.0);
}

TEST(CompressionRatioTest, EmptyTextHasRatioZero) { EXPECT_EQ(CompressionRatio(""), 0.0); }

TEST(LongestRepetitionTest, SpeechWithoutRepetitionHasNone) {
  const auto found = LongestRepetition("ask not what your country can do", TextUnit::kWords);
  EXPECT_EQ(found.count, 0);
  EXPECT_EQ(found.period_units, 0);
  EXPECT_EQ(found.units_total, 7);
  EXPECT_EQ(found.Share(), 0.0);
}

TEST(LongestRepetitionTest, PhraseCountAndPlaceAreFound) {
  const std::string text = "So. Thank you. Thank you. Thank you.";
  const auto found = LongestRepetition(text, TextUnit::kWords);
  EXPECT_EQ(found.period_units, 2);
  EXPECT_EQ(found.count, 3);
  EXPECT_EQ(found.units_total, 7);
  EXPECT_EQ(text.substr(found.begin, found.end - found.begin), "Thank you. Thank you. Thank you.");
  EXPECT_DOUBLE_EQ(found.Share(), 6.0 / 7.0);
}

TEST(LongestRepetitionTest, ShortestPhraseIsNamedAmongEqualRuns) {
  const auto found = LongestRepetition(Repeated("la ", 12), TextUnit::kWords);
  EXPECT_EQ(found.period_units, 1);
  EXPECT_EQ(found.count, 12);
  EXPECT_EQ(found.Share(), 1.0);
}

TEST(LongestRepetitionTest, FirstIsNamedAmongEqualRuns) {
  const auto found = LongestRepetition("no no x yes yes", TextUnit::kWords);
  EXPECT_EQ(found.begin, 0u);
  EXPECT_EQ(found.end, 5u);
}

TEST(LongestRepetitionTest, CaseAndPunctuationAroundWordsDoNotMatter) {
  const auto found = LongestRepetition("Thank you, thank you! \"THANK you\"", TextUnit::kWords);
  EXPECT_EQ(found.period_units, 2);
  EXPECT_EQ(found.count, 3);
}

TEST(LongestRepetitionTest, CombiningSignsTellWordsApart) {
  // Hindi "ka", "ki", "ke": one letter with three vowel signs.
  EXPECT_EQ(LongestRepetition("का की के", TextUnit::kWords).count, 0);
}

TEST(LongestRepetitionTest, WordsOfPunctuationAreComparedAsTheyAre) {
  EXPECT_EQ(LongestRepetition("- - -", TextUnit::kWords).count, 3);
  EXPECT_EQ(LongestRepetition("- ! ?", TextUnit::kWords).count, 0);
}

TEST(LongestRepetitionTest, CharactersServeLanguagesWithoutSpaces) {
  const std::string text = "我说谢谢你 谢谢你谢谢你。";
  const auto found = LongestRepetition(text, TextUnit::kCharacters);
  EXPECT_EQ(found.period_units, 3);
  EXPECT_EQ(found.count, 3);
  EXPECT_EQ(found.units_total, 12);
  EXPECT_EQ(text.substr(found.begin, found.end - found.begin), "谢谢你 谢谢你谢谢你");
  EXPECT_EQ(LongestRepetition(text, TextUnit::kWords).count, 0);
}

TEST(LongestRepetitionTest, AtLeastTheCountAskedForIsFound) {
  // Four words said twice take up more, but only the single word is said three times.
  const std::string text = "a b c d a b c d and this text goes on no no no";
  EXPECT_EQ(LongestRepetition(text, TextUnit::kWords).period_units, 4);
  const auto thrice = LongestRepetition(text, TextUnit::kWords, 3);
  EXPECT_EQ(thrice.period_units, 1);
  EXPECT_EQ(thrice.count, 3);
}

TEST(LongestRepetitionTest, PhrasesUpToTheMaximumAreFoundAndLongerOnesAreNot) {
  for (const int words : {kPeriodWordsMax, kPeriodWordsMax + 1}) {
    std::string phrase;
    for (int i = 0; i < words; ++i) phrase += "w" + std::to_string(i) + " ";
    const auto found = LongestRepetition(Repeated(phrase, 3), TextUnit::kWords);
    EXPECT_EQ(found.count, words <= kPeriodWordsMax ? 3 : 0);
  }
}

TEST(LongestRepetitionTest, EqualsAComparisonOfAllPairsOfPhrases) {
  // Method: all texts of up to 9 words over two words, against a direct search.
  for (int size = 0; size <= 9; ++size) {
    for (int bits = 0; bits < 1 << size; ++bits) {
      std::string text;
      for (int i = 0; i < size; ++i) text += (bits >> i & 1) != 0 ? "b " : "a ";
      int most = 0;
      for (int begin = 0; begin < size; ++begin) {
        for (int period = 1; begin + 2 * period <= size; ++period) {
          int end = begin + period;
          while (end + period <= size && text.compare(2 * static_cast<std::size_t>(begin),
                                                      2 * static_cast<std::size_t>(period), text,
                                                      2 * static_cast<std::size_t>(end),
                                                      2 * static_cast<std::size_t>(period)) == 0) {
            end += period;
          }
          if (end >= begin + 2 * period) most = std::max(most, end - begin);
        }
      }
      const auto found = LongestRepetition(text, TextUnit::kWords);
      EXPECT_EQ(found.period_units * found.count, most) << text;
    }
  }
}

TEST(LongestRepetitionTest, RandomBytesAreSafe) {
  base::Random random(11);
  for (int round = 0; round < 300; ++round) {
    std::string text(random.Below(200), ' ');
    for (char& c : text) c = static_cast<char>(random.Below(256));
    for (const TextUnit unit : {TextUnit::kWords, TextUnit::kCharacters}) {
      const auto found = LongestRepetition(text, unit);
      EXPECT_LE(found.begin, found.end);
      EXPECT_LE(found.end, text.size());
      EXPECT_LE(found.Share(), 1.0);
    }
    EXPECT_GE(CompressionRatio(text), 0.0);
  }
}

TEST(LongestRepetitionTest, EmptyTextHasNone) {
  EXPECT_EQ(LongestRepetition("", TextUnit::kWords).units_total, 0);
  EXPECT_EQ(LongestRepetition(" \n", TextUnit::kCharacters).count, 0);
}

}  // namespace
}  // namespace wt::guard
