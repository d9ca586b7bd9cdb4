// Acceptance and segments: the cases that the recordings of the reference do not have.
#include <gtest/gtest.h>

#include <limits>

#include "engine/decode/acceptance.h"
#include "engine/decode/segments.h"

namespace wt::decode {
namespace {

using Tokens = std::vector<TokenId>;
constexpr TokenId kBegin = 50364;

TEST(AcceptanceTest, OnlyValuesBeyondAThresholdAreRefused) {
  const FallbackOptions options;
  EXPECT_FALSE(NeedsFallback(options, {.compression_ratio = 2.4, .avg_logprob = -1.0}));
  EXPECT_TRUE(NeedsFallback(options, {.compression_ratio = 2.41, .avg_logprob = -0.1}));
  EXPECT_TRUE(NeedsFallback(options, {.compression_ratio = 1, .avg_logprob = -1.01}));
}

TEST(AcceptanceTest, ImprobableTextOfSilenceIsNotTriedAgain) {
  const FallbackOptions options;
  const WindowQuality silent{.compression_ratio = 9, .avg_logprob = -1.2, .no_speech_prob = 0.61};
  EXPECT_FALSE(NeedsFallback(options, silent));
  EXPECT_TRUE(IsSilence(options, silent));
  // Probable text keeps a repetition refused, and is not silence.
  const WindowQuality loud{.compression_ratio = 9, .avg_logprob = -0.9, .no_speech_prob = 0.99};
  EXPECT_TRUE(NeedsFallback(options, loud));
  EXPECT_FALSE(IsSilence(options, loud));
  // At the threshold of the log probability: no fallback, but silence.
  const WindowQuality edge{.avg_logprob = -1.0, .no_speech_prob = 0.7};
  EXPECT_FALSE(NeedsFallback(options, edge));
  EXPECT_TRUE(IsSilence(options, edge));
  EXPECT_FALSE(IsSilence(options, {.avg_logprob = -3, .no_speech_prob = 0.6}));
}

TEST(AcceptanceTest, UnsetThresholdsAreNotChecked) {
  const WindowQuality bad{.compression_ratio = 9, .avg_logprob = -9, .no_speech_prob = 1};
  const FallbackOptions none{.compression_ratio_threshold = std::nullopt,
                             .logprob_threshold = std::nullopt,
                             .no_speech_threshold = std::nullopt};
  EXPECT_FALSE(NeedsFallback(none, bad));
  EXPECT_FALSE(IsSilence(none, bad));
  const FallbackOptions no_logprob{.logprob_threshold = std::nullopt};
  EXPECT_TRUE(NeedsFallback(no_logprob, bad));
  EXPECT_TRUE(IsSilence(no_logprob, bad));
  const FallbackOptions no_silence{.no_speech_threshold = std::nullopt};
  EXPECT_TRUE(NeedsFallback(no_silence, bad));
  EXPECT_FALSE(IsSilence(no_silence, bad));
}

TEST(AcceptanceTest, NumbersThatAreNoneAreNeverBeyondAThreshold) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const WindowQuality quality{
      .compression_ratio = kNan, .avg_logprob = kNan, .no_speech_prob = kNan};
  EXPECT_FALSE(NeedsFallback({}, quality));
  EXPECT_FALSE(IsSilence({}, quality));
}

TEST(SplitWindowTest, TextAfterTheLastPairIsLeftToTheNextWindow) {
  const auto split =
      SplitWindow(Tokens{kBegin, 1, kBegin + 100, kBegin + 150, 2, kBegin + 200, kBegin + 200, 3},
                  kBegin, 1000, 3000);
  ASSERT_EQ(split.segments.size(), 2u);
  EXPECT_EQ(split.segments[0].tokens, (Tokens{kBegin, 1, kBegin + 100}));
  EXPECT_EQ(split.segments[0].start_s, 10.0);
  EXPECT_EQ(split.segments[0].end_s, 12.0);
  EXPECT_EQ(split.segments[1].start_s, 13.0);
  EXPECT_EQ(split.segments[1].end_s, 14.0);
  EXPECT_EQ(split.next_seek_frames, 1400);
  EXPECT_FALSE(split.single_timestamp_ending);
}

TEST(SplitWindowTest, ASingleTimestampAtTheEndClosesTheWindow) {
  const auto split =
      SplitWindow(Tokens{kBegin, 1, kBegin + 50, kBegin + 50, 2, kBegin + 90}, kBegin, 0, 2000);
  ASSERT_EQ(split.segments.size(), 2u);
  EXPECT_EQ(split.segments[1].end_s, 90 * 0.02);
  EXPECT_EQ(split.next_seek_frames, 2000);
  EXPECT_TRUE(split.single_timestamp_ending);
}

TEST(SplitWindowTest, WithoutPairsThereIsOneSegmentToTheLastTimestampOrTheEnd) {
  const auto to_timestamp = SplitWindow(Tokens{kBegin, 1, kBegin + 10}, kBegin, 300, 1234);
  ASSERT_EQ(to_timestamp.segments.size(), 1u);
  EXPECT_EQ(to_timestamp.segments[0].start_s, 3.0);
  EXPECT_EQ(to_timestamp.segments[0].end_s, 3.0 + 0.2);
  EXPECT_EQ(to_timestamp.next_seek_frames, 1534);
  const auto to_end = SplitWindow(Tokens{kBegin, 1}, kBegin, 300, 1234);
  EXPECT_EQ(to_end.segments[0].end_s, 3.0 + 12.34);
  const auto empty = SplitWindow({}, kBegin, 0, 3000);
  ASSERT_EQ(empty.segments.size(), 1u);
  EXPECT_TRUE(empty.segments[0].tokens.empty());
  EXPECT_EQ(empty.next_seek_frames, 3000);
}

TEST(SplitWindowTest, ASliceThatBeginsWithTextStartsWithTheWindow) {
  const auto split = SplitWindow(Tokens{1, kBegin + 50, kBegin + 60, 2}, kBegin, 100, 3000);
  EXPECT_EQ(split.segments[0].start_s, 1.0);
  EXPECT_EQ(split.segments[0].end_s, 2.0);
}

TEST(SplitWindowTest, EverySequenceUpToLengthFiveAdvancesAndKeepsItsTokensInOrder) {
  const Tokens alphabet = {1, kBegin, kBegin + 1, kBegin + 1500};
  std::vector<Tokens> level = {{}};
  for (int length = 0; length <= 5; ++length) {
    std::vector<Tokens> longer;
    for (const Tokens& tokens : level) {
      const auto split = SplitWindow(tokens, kBegin, 700, 1);
      EXPECT_GT(split.next_seek_frames, 700);
      Tokens joined;
      for (const WindowSegment& segment : split.segments) {
        EXPECT_GE(segment.start_s, 7.0);
        EXPECT_LE(segment.end_s, 7.0 + 30.0);
        joined.insert(joined.end(), segment.tokens.begin(), segment.tokens.end());
      }
      ASSERT_LE(joined.size(), tokens.size());
      EXPECT_TRUE(std::equal(joined.begin(), joined.end(), tokens.begin()));
      for (const TokenId token : alphabet) {
        longer.push_back(tokens);
        longer.back().push_back(token);
      }
    }
    level = std::move(longer);
  }
}

}  // namespace
}  // namespace wt::decode
