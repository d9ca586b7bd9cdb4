#include "engine/pipeline/windows/speech_times.h"

#include <gtest/gtest.h>

#include <vector>

namespace wt::pipeline {
namespace {

constexpr SampleIndex kSecond = kSampleRate;

const std::vector<vad::SpeechSpan> kSpeech = {{2 * kSecond, 4 * kSecond},
                                              {6 * kSecond, 9 * kSecond}};

Segment Between(double start_s, double end_s) {
  Segment segment;
  segment.start_s = start_s;
  segment.end_s = end_s;
  FitToSpeech(kSpeech, &segment);
  return segment;
}

TEST(SpeechTimesTest, SegmentsLoseTheSilenceAtTheirEnds) {
  EXPECT_EQ(Between(0, 5).start_s, 2);
  EXPECT_EQ(Between(0, 5).end_s, 4);
  // Over a pause from the first span to the last.
  EXPECT_EQ(Between(1, 30).start_s, 2);
  EXPECT_EQ(Between(1, 30).end_s, 9);
}

TEST(SpeechTimesTest, SegmentsInsideSpeechKeepTheirTimes) {
  EXPECT_EQ(Between(2.5, 3.5).start_s, 2.5);
  EXPECT_EQ(Between(2.5, 3.5).end_s, 3.5);
}

TEST(SpeechTimesTest, SegmentsThatTouchNoSpeechKeepTheirTimes) {
  EXPECT_EQ(Between(4, 6).start_s, 4);
  EXPECT_EQ(Between(4, 6).end_s, 6);
}

TEST(SpeechTimesTest, SpeechIsCountedAndEndsInsideTheLimits) {
  EXPECT_EQ(SpeechWithin(kSpeech, 3 * kSecond, 7 * kSecond), 2 * kSecond);
  EXPECT_EQ(SpeechWithin(kSpeech, 4 * kSecond, 6 * kSecond), 0);
  EXPECT_EQ(SpeechEnd(kSpeech, 20 * kSecond), 9 * kSecond);
  EXPECT_EQ(SpeechEnd(kSpeech, 7 * kSecond), 7 * kSecond);
  EXPECT_EQ(SpeechEnd(kSpeech, 5 * kSecond), 4 * kSecond);
  EXPECT_EQ(SpeechEnd(kSpeech, kSecond), 0);
}

TEST(SpeechTimesTest, TheNearestPauseIsWithinReachOrNone) {
  // Inside it, before it, behind it.
  EXPECT_EQ(NearestPause(kSpeech, 5 * kSecond, 0), 5 * kSecond);
  EXPECT_EQ(NearestPause(kSpeech, 3 * kSecond, kSecond), 4 * kSecond);
  EXPECT_EQ(NearestPause(kSpeech, 7 * kSecond, kSecond), 6 * kSecond);
  EXPECT_EQ(NearestPause(kSpeech, 3 * kSecond, kSecond - 1), std::nullopt);
  // Silence at the ends of the recording lies between no spans.
  EXPECT_EQ(NearestPause(kSpeech, 9 * kSecond, kSecond), std::nullopt);
  // Spans that touch; of two pauses the nearer one.
  const std::vector<vad::SpeechSpan> touching = {
      {0, kSecond}, {kSecond, 2 * kSecond}, {2 * kSecond, 3 * kSecond}};
  EXPECT_EQ(NearestPause(touching, kSecond * 14 / 10, kSecond), kSecond);
  EXPECT_EQ(NearestPause(touching, kSecond * 16 / 10, kSecond), 2 * kSecond);
}

}  // namespace
}  // namespace wt::pipeline
