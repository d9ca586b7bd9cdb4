// Goal: a clause that the text passes over is found by its speech, and heard again from the pause
// before it, once.
#include "engine/pipeline/windows/skipped_speech.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/decode/decode_testing.h"

namespace wt::pipeline {
namespace {

constexpr SampleIndex kSecond = kSampleRate;

SampleIndex Samples(double seconds) {
  return static_cast<SampleIndex>(seconds * kSampleRate + 0.5);
}

// The window is 100 .. 130 s; times here count from its beginning.
class SkippedSpeechTest : public testing::Test {
 protected:
  SkippedSpeechTest() {
    window_.plan = {100 * kSecond, 130 * kSecond, true};
    window_.first_sample = 100 * kSecond;
    window_.frames = 3000;
    SpeakWithPauses({1.5, 4, 6});
  }

  void SpeakWithPauses(const std::vector<double>& pauses) {
    speech_ = {{90 * kSecond, 140 * kSecond}};
    for (const double pause : pauses) {
      speech_.back().end = 100 * kSecond + Samples(pause);
      speech_.push_back({speech_.back().end + kSecond / 10, 140 * kSecond});
    }
    window_.speech = speech_;
  }

  // A segment from where the one before ended.
  void Say(double end_s, const std::string& text) {
    decode::WindowSegment segment;
    segment.start_s = split_.segments.empty() ? 100 : split_.segments.back().end_s;
    segment.end_s = 100 + end_s;
    segment.tokens = {kTime};
    segment.tokens.insert(segment.tokens.end(), text.begin(), text.end());
    segment.tokens.push_back(kTime);
    split_.segments.push_back(segment);
  }
  // A word of the window that begins at `start_s`.
  void Word(double start_s, const std::string& text) {
    words_.push_back({.text = text, .tokens = {text.begin(), text.end()}, .start_s = start_s});
  }
  std::optional<std::size_t> Find(std::span<const Segment> said = {}) const {
    return SegmentWithSkip(window_, tokenizer_, split_, said);
  }
  std::optional<BeforeSkip> Leave(std::size_t index, SampleIndex heard_to = 0) const {
    return LeaveBeforeSkip(window_, split_, index, words_, special_.eot, heard_to);
  }

  const decode::FakeTokenizer tokenizer_ = decode::FakeTokenizer::Multilingual();
  const tokenizer::SpecialTokens special_ = tokenizer_.special();
  const TokenId kTime = special_.timestamp_begin;
  std::vector<vad::SpeechSpan> speech_;
  HeardWindow window_;
  decode::WindowSegments split_;
  std::vector<align::TimedWord> words_;
};

std::string Text(std::size_t length) { return std::string(length, 'a'); }

TEST_F(SkippedSpeechTest, AClauseThatIsLeftOutIsFoundByThePaceAroundIt) {
  // 9 s (8.7 of them speech) for what takes 1 s at 14 characters a second.
  Say(9, Text(14));
  Say(24, Text(210));
  EXPECT_EQ(Find(), 0u);
}

TEST_F(SkippedSpeechTest, SlowSpeechAndShortHolesAreNoSkips) {
  // Two fifths of the pace.
  Say(9, Text(50));
  Say(24, Text(210));
  EXPECT_EQ(Find(), std::nullopt);
  // A third, but less than 3 s are missing.
  split_.segments.clear();
  Say(3.2, Text(5));
  Say(24, Text(287));
  EXPECT_EQ(Find(), std::nullopt);
}

TEST_F(SkippedSpeechTest, SilenceIsNotWhatTextHasToFill) {
  speech_ = {{100 * kSecond, 101 * kSecond}, {109 * kSecond, 130 * kSecond}};
  window_.speech = speech_;
  Say(9, Text(14));
  Say(24, Text(210));
  EXPECT_EQ(Find(), std::nullopt);
}

TEST_F(SkippedSpeechTest, DigitsAreReadAsWords) {
  Say(7, "555 123");
  Say(24, Text(210));
  EXPECT_EQ(Find(), std::nullopt);
  EXPECT_EQ(SpokenLength("a 7\u00e9"), 8u);
}

TEST_F(SkippedSpeechTest, WithoutOtherSpeechNothingTellsThePace) {
  Say(9, Text(14));
  Say(18, Text(140));
  EXPECT_EQ(Find(), std::nullopt);
  Segment before;
  before.start_s = 90;
  before.end_s = 100;
  before.text = Text(140);
  EXPECT_EQ(Find({&before, 1}), 0u);
  // Of whoever speaks slowly, little text is expected.
  before.start_s = 0;
  EXPECT_EQ(Find({&before, 1}), std::nullopt);
}

TEST_F(SkippedSpeechTest, TheWindowIsLeftInThePauseAfterTheLastWordBeforeTheHole) {
  Say(9, "ab c");
  Say(24, Text(210));
  Word(0.2, "ab");
  Word(1, " c");
  Word(9, Text(210));
  EXPECT_EQ(Leave(0), (BeforeSkip{4, Samples(101.5)}));
  // The pause at 1.5 s is inside the word.
  words_[1].start_s = 1.4;
  EXPECT_EQ(Leave(0), (BeforeSkip{4, Samples(104)}));
}

TEST_F(SkippedSpeechTest, WordsBehindTheHoleAreHeardAgain) {
  Say(2, "xyz");
  Say(10, "ab c");
  Word(0, "xyz");
  Word(2.5, "ab");
  Word(9, " c");
  EXPECT_EQ(Leave(1), (BeforeSkip{2, Samples(104)}));
}

TEST_F(SkippedSpeechTest, PunctuationTakesNoTime) {
  Say(9, "ab.");
  Word(0.2, "ab");
  Word(1.45, ".");
  EXPECT_EQ(Leave(0), (BeforeSkip{3, Samples(101.5)}));
}

TEST_F(SkippedSpeechTest, NothingIsHeardAgainWithoutAPauseOrForLittleSpeech) {
  Say(9, "ab");
  Word(0.2, "ab");
  SpeakWithPauses({});
  EXPECT_EQ(Leave(0), std::nullopt);
  SpeakWithPauses({7.1});
  EXPECT_EQ(Leave(0), std::nullopt);
  SpeakWithPauses({6.8});
  EXPECT_EQ(Leave(0), (BeforeSkip{2, Samples(106.8)}));
}

TEST_F(SkippedSpeechTest, NothingIsHeardAThirdTime) {
  Say(9, "ab");
  Word(0.2, "ab");
  EXPECT_EQ(Leave(0, 106 * kSecond), (BeforeSkip{2, Samples(101.5)}));
  EXPECT_EQ(Leave(0, Samples(107.1)), std::nullopt);
}

TEST_F(SkippedSpeechTest, WhatFollowsIsDroppedWithItsTimes) {
  Say(2, "xyz");
  Say(10, "ab c");
  Say(12, "d");
  split_.single_timestamp_ending = true;
  KeepBeforeSkip({2, Samples(104)}, 1, special_.eot, &split_);
  ASSERT_EQ(split_.segments.size(), 2u);
  EXPECT_EQ(split_.segments[1].tokens, (std::vector<TokenId>{kTime, 'a', 'b'}));
  EXPECT_DOUBLE_EQ(split_.segments[1].end_s, 104);
  EXPECT_FALSE(split_.single_timestamp_ending);
  EXPECT_EQ(split_.next_seek_frames, 10400);
}

}  // namespace
}  // namespace wt::pipeline
