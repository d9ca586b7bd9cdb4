#include "engine/align/word_times.h"

#include <gtest/gtest.h>

namespace wt::align {
namespace {

constexpr TokenId kEot = 100;

TimedWord Word(std::string text, double start_s, double end_s, double probability = 0.9) {
  return {.text = std::move(text),
          .tokens = {1},
          .start_s = start_s,
          .end_s = end_s,
          .probability = probability};
}

/// Segments of as many text tokens as asked for, each between timestamps.
std::vector<SegmentWords> Segments(std::vector<std::size_t> sizes, double start_s, double end_s) {
  std::vector<SegmentWords> segments;
  for (const std::size_t size : sizes) {
    SegmentWords& segment = segments.emplace_back();
    segment.start_s = start_s;
    segment.end_s = end_s;
    segment.tokens.assign(size + 2, 1);
    segment.tokens.front() = 110;
    segment.tokens.back() = 120;
  }
  return segments;
}

void Add(std::vector<TimedWord> words, double offset_s, double last_speech_s,
         std::vector<SegmentWords>* segments) {
  const WordOptions options;
  AddWordTimes({.alignment = std::move(words),
                .options = &options,
                .eot = kEot,
                .offset_s = offset_s,
                .last_speech_s = last_speech_s},
               segments);
}

TEST(AddWordTimesTest, WordsGoToTheirSegmentsAndTimesIntoTheRecording) {
  auto segments = Segments({2, 1, 0}, 30, 36);
  EXPECT_EQ(TextTokens(segments, kEot).size(), 3u);
  Add({Word(" a", 0, 0.4), Word(" b", 0.4, 0.804), Word(" c", 1, 1.5)}, 30, 30, &segments);
  ASSERT_EQ(segments[0].words.size(), 2u);
  ASSERT_EQ(segments[1].words.size(), 1u);
  EXPECT_TRUE(segments[2].words.empty());
  EXPECT_EQ(segments[0].words[1].start_s, 30.4);
  EXPECT_EQ(segments[0].words[1].end_s, 30.8);  // Rounded to 10 ms.
  EXPECT_EQ(segments[1].words[0].text, " c");
}

TEST(AddWordTimesTest, SegmentBordersFollowTheWords) {
  auto segments = Segments({2}, 30.2, 31.3);
  Add({Word(" a", 0, 0.4), Word(" b", 0.4, 0.8)}, 30, 30, &segments);
  EXPECT_EQ(segments[0].start_s, 30.0);
  EXPECT_EQ(segments[0].end_s, 30.8);
}

TEST(AddWordTimesTest, AFirstWordFarBeforeItsSegmentIsPulledIn) {
  // 0.6 s before the segment: more than half a second. The median is 0.5.
  auto segments = Segments({3}, 1.0, 2.5);
  Add({Word(" a", 0.4, 1.3), Word(" b", 1.5, 2), Word(" c", 2, 2.5)}, 0, 0.3, &segments);
  EXPECT_EQ(segments[0].start_s, 1.0);
  EXPECT_NEAR(segments[0].words[0].start_s, 1.3 - 0.5, 1e-12);
}

TEST(AddWordTimesTest, ALastWordFarBeyondItsSegmentIsPulledIn) {
  auto segments = Segments({3}, 0, 2.0);
  Add({Word(" a", 0, 0.5), Word(" b", 0.5, 1), Word(" c", 1, 2.6)}, 0, 0, &segments);
  EXPECT_EQ(segments[0].words[2].end_s, 2.0);
  EXPECT_EQ(segments[0].end_s, 2.0);
}

TEST(AddWordTimesTest, TheFirstWordAfterAPauseLastsTwoMediansAtMost) {
  auto segments = Segments({3}, 10, 13);
  Add({Word(" a", 9, 12), Word(" b", 12, 12.5), Word(" c", 12.5, 13)}, 0, 5, &segments);
  EXPECT_EQ(segments[0].words[0].start_s, 11.0);
  EXPECT_EQ(segments[0].words[0].end_s, 12.0);
  // Right after speech it keeps its length.
  segments = Segments({3}, 9, 13);
  Add({Word(" a", 9, 12), Word(" b", 12, 12.5), Word(" c", 12.5, 13)}, 0, 11, &segments);
  EXPECT_EQ(segments[0].words[0].start_s, 9.0);
}

TEST(AddWordTimesTest, TwoLongWordsAfterAPauseShareABoundary) {
  auto segments = Segments({4}, 9, 14);
  Add({Word(" a", 9, 11), Word(" b", 11, 13), Word(" c", 13, 13.5), Word(" d", 13.5, 14)}, 0, 0,
      &segments);
  // The median is 0.7 (its maximum; it would be 1.25): the boundary is 1.4 before the end of b.
  EXPECT_NEAR(segments[0].words[0].end_s, 11.6, 1e-9);
  EXPECT_NEAR(segments[0].words[1].start_s, 11.6, 1e-9);
  EXPECT_NEAR(segments[0].words[0].start_s, 10.2, 1e-9);
}

TEST(AddWordTimesTest, APauseIsTakenFromTheMarkThatEndsASentenceOrTheWordAfterIt) {
  auto segments = Segments({4}, 0, 9);
  Add({Word(" a", 0, 0.5), Word(".", 0.5, 4), Word(" b", 4, 4.5), Word(" c", 4.5, 5)}, 0, 0,
      &segments);
  ASSERT_EQ(segments[0].words.size(), 3u);
  EXPECT_EQ(segments[0].words[0].text, " a.");
  EXPECT_EQ(segments[0].words[0].end_s, 0.5);  // A word that takes a mark keeps its own end.
  segments = Segments({4}, 0, 9);
  Add({Word(" a", 0, 0.5), Word(".", 0.5, 0.6), Word(" b", 0.6, 4.5), Word(" c", 4.5, 5)}, 0, 0,
      &segments);
  EXPECT_NEAR(segments[0].words[1].start_s, 3.5, 1e-9);
}

TEST(LastWordEndTest, IsTheLastWordsOrTheLastSegmentsEnd) {
  EXPECT_FALSE(LastWordEnd({}).has_value());
  auto segments = Segments({1, 1}, 0, 9);
  EXPECT_EQ(LastWordEnd(segments), 9.0);
  segments[0].words = {Word(" a", 1, 2)};
  EXPECT_EQ(LastWordEnd(segments), 2.0);
}

TEST(AnomalyTest, ScoresImprobableShortAndLongWords) {
  EXPECT_EQ(WordAnomalyScore(Word("a", 0, 1)), 0.0);
  EXPECT_EQ(WordAnomalyScore(Word("a", 0, 1, 0.149)), 1.0);
  EXPECT_NEAR(WordAnomalyScore(Word("a", 0, 0.033)), 1.5, 1e-9);
  EXPECT_NEAR(WordAnomalyScore(Word("a", 0, 3.25)), 1.25, 1e-9);
}

TEST(AnomalyTest, ASegmentIsJudgedByItsFirstEightWordsWithoutPunctuation) {
  SegmentWords segment;
  EXPECT_FALSE(IsSegmentAnomaly(nullptr));
  EXPECT_FALSE(IsSegmentAnomaly(&segment));
  segment.words = {Word(",", 0, 1, 0.01), Word(" a", 0, 1), Word(" b", 0, 1, 0.1)};
  EXPECT_FALSE(IsSegmentAnomaly(&segment));  // One of two.
  segment.words[1].probability = 0.1;
  EXPECT_TRUE(IsSegmentAnomaly(&segment));  // Both.
  segment.words.assign(8, Word(" a", 0, 1));
  segment.words.resize(20, Word(" a", 0, 1, 0.01));
  EXPECT_FALSE(IsSegmentAnomaly(&segment));
  for (int i = 0; i < 3; ++i) segment.words[i].probability = 0.01;
  EXPECT_TRUE(IsSegmentAnomaly(&segment));  // A score of 3.
}

constexpr WindowPlace kPlace{.seek_frames = 1000,
                             .window_frames = 3000,
                             .content_frames = 9000,
                             .next_seek_frames = 4000,
                             .last_speech_s = 9};

SegmentWords Spoken(double start_s, double end_s, double probability = 0.9) {
  SegmentWords segment{.start_s = start_s, .end_s = end_s};
  const double middle = (start_s + end_s) / 2;
  segment.words = {Word(" a", start_s, middle, probability),
                   Word(" b", middle, end_s, probability)};
  return segment;
}

TEST(JudgeWindowTest, AnOpenEndPlacesTheNextWindowAtTheLastWord) {
  std::vector<SegmentWords> segments = {Spoken(11, 12.345)};
  EXPECT_EQ(JudgeWindow(kPlace, std::nullopt, &segments).next_seek_frames, 1234);
  WindowPlace closed = kPlace;
  closed.single_timestamp_ending = true;
  EXPECT_EQ(JudgeWindow(closed, std::nullopt, &segments).next_seek_frames, 4000);
  // With a threshold a short rest of the window is passed over.
  EXPECT_EQ(JudgeWindow(kPlace, 2.0, &segments).next_seek_frames, 1234);
  EXPECT_EQ(JudgeWindow(kPlace, 28.0, &segments).next_seek_frames, 4000);
  EXPECT_EQ(segments.size(), 1u);
}

TEST(JudgeWindowTest, SilenceBeforeAnInventedFirstSegmentIsSkipped) {
  std::vector<SegmentWords> segments = {Spoken(15, 16, 0.01), Spoken(20, 21)};
  const WindowVerdict verdict = JudgeWindow(kPlace, 2.0, &segments);
  EXPECT_TRUE(verdict.refused);
  EXPECT_EQ(verdict.next_seek_frames, 1500);
  EXPECT_FALSE(JudgeWindow(kPlace, 5.0, &segments).refused);
}

TEST(JudgeWindowTest, InventedTextBetweenSilencesIsRemovedWithWhatFollows) {
  const std::vector<SegmentWords> source = {Spoken(10.5, 12), Spoken(20, 21, 0.01), Spoken(30, 31)};
  std::vector<SegmentWords> segments = source;
  const WindowVerdict verdict = JudgeWindow(kPlace, 2.0, &segments);
  EXPECT_FALSE(verdict.refused);
  EXPECT_EQ(segments.size(), 1u);
  EXPECT_EQ(verdict.next_seek_frames, 2000);
  // Next to speech it stays.
  segments = source;
  segments[0].end_s = 19;
  EXPECT_NE(JudgeWindow(kPlace, 2.0, &segments).next_seek_frames, 2000);
  EXPECT_EQ(segments.size(), 3u);
  // Near the end of the recording nothing is left to decode.
  WindowPlace last = kPlace;
  last.content_frames = 4000;
  segments = {Spoken(10.5, 12), Spoken(38.5, 39, 0.01)};
  EXPECT_EQ(JudgeWindow(last, 2.0, &segments).next_seek_frames, 4000);
  EXPECT_EQ(segments.size(), 1u);
}

TEST(JudgeWindowTest, TheNextWindowIsAlwaysLater) {
  // The last word ends less than half a frame into the window.
  std::vector<SegmentWords> segments = {Spoken(10.0, 10.004)};
  EXPECT_EQ(JudgeWindow(kPlace, std::nullopt, &segments).next_seek_frames, 4000);
  segments = {Spoken(10.001, 10.003, 0.01)};
  EXPECT_GT(JudgeWindow(kPlace, 0.0, &segments).next_seek_frames, 1000);
}

}  // namespace
}  // namespace wt::align
