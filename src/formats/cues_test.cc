#include "formats/cues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/line_breaks.h"
#include "formats/test_transcripts.h"
#include "formats/text.h"

namespace wt::formats {
namespace {

std::string TextOf(const Cue& cue) {
  std::string text;
  for (const CueWord& word : cue.words) text += word.text;
  return text;
}

std::vector<std::string> TextsOf(const std::vector<Cue>& cues) {
  std::vector<std::string> texts;
  for (const Cue& cue : cues) texts.push_back(TextOf(cue));
  return texts;
}

SubtitleOptions Reference(int width, int lines, int words) {
  SubtitleOptions options;
  options.max_line_width = width;
  options.max_line_count = lines;
  options.max_words_per_line = words;
  return options;
}

SubtitleOptions Balanced(int width, int lines) {
  SubtitleOptions options = Reference(width, lines, 0);
  options.rules = LineRules::kBalanced;
  return options;
}

// Expected values of the reference rules were produced by openai-whisper 20250625, utils.py.

TEST(ReferenceCuesTest, WithoutLimitsASegmentIsACue) {
  const std::vector<Cue> cues = ReferenceCues(TwelveWords(), {});
  EXPECT_EQ(TextsOf(cues), (std::vector<std::string>{"The quick brown fox jumps, over",
                                                     "the lazy dog again and again."}));
  EXPECT_EQ(cues[0].start_ms, 500);
  EXPECT_EQ(cues[0].end_ms, 2000);
}

TEST(ReferenceCuesTest, WidthAloneBreaksLinesWithinSegments) {
  EXPECT_EQ(TextsOf(ReferenceCues(TwelveWords(), Reference(16, 0, 0))),
            (std::vector<std::string>{"The quick brown\nfox jumps, over",
                                      "the lazy dog\nagain and again."}));
}

TEST(ReferenceCuesTest, WidthAndCountPackAcrossSegmentsButNotAcrossALongPause) {
  EXPECT_EQ(TextsOf(ReferenceCues(TwelveWords(), Reference(10, 2, 0))),
            (std::vector<std::string>{"The quick\nbrown fox", "jumps,\nover", "the lazy\ndog again",
                                      "and again."}));
}

TEST(ReferenceCuesTest, WordsPerLineCutsCues) {
  EXPECT_EQ(TextsOf(ReferenceCues(TwelveWords(), Reference(0, 0, 4))),
            (std::vector<std::string>{"The quick brown fox", "jumps, over", "the lazy dog again",
                                      "and again."}));
}

TEST(ReferenceCuesTest, HighlightingUnderlinesOneWordAfterTheOther) {
  Transcript transcript;
  transcript.segments = {MakeWordSegment(0, 1, 0.5, {" so", " it", " goes"})};
  transcript.segments[0].words->at(2).start_s = 2.5;
  transcript.segments[0].words->at(2).end_s = 3;
  SubtitleOptions options;
  options.highlight_words = true;
  EXPECT_EQ(Render(Format::kVtt, transcript, options),
            "WEBVTT\n\n00:01.000 --> 00:01.500\n<u>so</u> it goes\n\n"
            "00:01.500 --> 00:02.000\nso <u>it</u> goes\n\n"
            "00:02.000 --> 00:02.500\nso it goes\n\n"
            "00:02.500 --> 00:03.000\nso it <u>goes</u>\n\n");
}

// A person has edited one segment, which has word times since then; the others have none.
TEST(ReferenceCuesTest, NoSegmentIsLostWhereOnlySomeHaveWordTimes) {
  for (const bool first : {true, false}) {
    Transcript transcript;
    transcript.segments = {MakeSegment(0, 0, 1, " One."), MakeSegment(1, 1, 2, " Two.")};
    transcript.segments[first ? 0 : 1] = MakeWordSegment(0, first ? 0 : 1, 1, {" New."});
    const std::string srt = Render(Format::kSrt, transcript, {});
    EXPECT_THAT(srt, ::testing::HasSubstr("New.\n"));
    EXPECT_THAT(srt, ::testing::HasSubstr(first ? "Two.\n" : "One.\n"));
  }
}

TEST(BalancedCuesTest, CutsAtSentencesAndBreaksInTheMiddle) {
  Transcript transcript;
  transcript.segments = {
      MakeWordSegment(0, 0, 0.4,
                      {" This", " is", " the", " first", " sentence", " here.", " And", " this",
                       " is", " quite", " a", " long", " second", " one."})};
  EXPECT_EQ(TextsOf(BalancedCues(transcript, Balanced(20, 2))),
            (std::vector<std::string>{"This is the first\nsentence here.",
                                      "And this is quite\na long second one."}));
}

TEST(BalancedCuesTest, LongSentencesAreCutAtAComma) {
  Transcript transcript;
  transcript.segments = {MakeWordSegment(0, 0, 0.4,
                                         {" When", " it", " rains", " here,", " nobody", " ever",
                                          " goes", " outside", " at", " all."})};
  EXPECT_EQ(
      TextsOf(BalancedCues(transcript, Balanced(30, 1))),
      (std::vector<std::string>{"When it rains here,", "nobody ever goes", "outside at all."}));
}

TEST(BalancedCuesTest, ShortAnswersAreJoinedWithTheirNeighbour) {
  Transcript transcript;
  transcript.segments = {MakeWordSegment(0, 0, 0.3, {" Yes.", " No.", " Maybe."})};
  EXPECT_EQ(BalancedCues(transcript, Balanced(42, 2)).size(), 1u);
}

TEST(BalancedCuesTest, ACueStaysUntilItCanBeReadIfThereIsTime) {
  Transcript transcript;
  transcript.segments = {MakeSegment(0, 1, 1.2, "Forty columns of text, give or take a fe"),
                         MakeSegment(1, 9, 9.1, "Next.")};
  const std::vector<Cue> cues = BalancedCues(transcript, Balanced(42, 2));
  ASSERT_EQ(cues.size(), 2u);
  EXPECT_EQ(cues[0].end_ms, 1000 + 40 * 1000 / 20);
  EXPECT_EQ(cues[1].end_ms, 9000 + 833);
}

TEST(BalancedCuesTest, CuesNeverOverlapAndLeaveAGapWhereTheyCan) {
  Transcript transcript;
  transcript.segments = {MakeSegment(0, 0, 2, "One cue with more text than it has time for."),
                         MakeSegment(1, 2, 2.05, "Very brief."), MakeSegment(2, 2.05, 4, "End.")};
  const std::vector<Cue> cues = BalancedCues(transcript, Balanced(42, 2));
  ASSERT_EQ(cues.size(), 3u);
  EXPECT_EQ(cues[0].end_ms, 2000 - 83);
  EXPECT_EQ(cues[1].end_ms, 2050);
  EXPECT_LE(cues[1].end_ms, cues[2].start_ms);
}

TEST(BalancedCuesTest, SegmentsWithoutWordTimesAreNeverCut) {
  Transcript transcript;
  transcript.segments = {MakeSegment(0, 0, 20, "a long text that needs more than two short lines")};
  const std::vector<Cue> cues = BalancedCues(transcript, Balanced(12, 2));
  ASSERT_EQ(cues.size(), 1u);
  EXPECT_EQ(cues[0].start_ms, 0);
  EXPECT_EQ(cues[0].end_ms, 20'000);
  EXPECT_GT(CountLines(TextOf(cues[0])), 2);
}

TEST(BalancedCuesTest, CountsColumnsForEastAsianText) {
  Transcript transcript;
  transcript.segments = {MakeSegment(0, 0, 5, "今日は天気がとても良いので散歩に行きます")};
  const std::vector<Cue> cues = BalancedCues(transcript, Balanced(20, 2));
  ASSERT_EQ(cues.size(), 1u);
  EXPECT_EQ(TextOf(cues[0]), "今日は天気がとても良\nいので散歩に行きます");
}

}  // namespace
}  // namespace wt::formats
