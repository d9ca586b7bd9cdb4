#include "engine/pipeline/windows/window_plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

constexpr SampleIndex kSecond = kSampleRate;

TEST(WindowPlanTest, WindowBeginsWithSpeechAndEndsInALongPause) {
  const std::vector<vad::SpeechSpan> speech = {{5 * kSecond, 9 * kSecond},
                                               {29 * kSecond, 34 * kSecond}};
  const auto first = NextWindow(speech, 0, 60 * kSecond);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->begin, 2 * kSecond);
  EXPECT_EQ(first->end, 12 * kSecond);
  const auto second = NextWindow(speech, first->end, 60 * kSecond);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->begin, 26 * kSecond);
  EXPECT_FALSE(NextWindow(speech, second->end, 60 * kSecond));
}

TEST(WindowPlanTest, SpeechWithoutPausesIsCutAtThirtySeconds) {
  const std::vector<vad::SpeechSpan> speech = {{0, 100 * kSecond}};
  const auto window = NextWindow(speech, 10 * kSecond, 100 * kSecond);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->end, 40 * kSecond);
  EXPECT_TRUE(window->cut);
  EXPECT_FALSE(NextWindow(speech, 75 * kSecond, 100 * kSecond)->cut);
}

TEST(WindowPlanTest, FullWindowEndsInItsLongestLatePause) {
  std::vector<vad::SpeechSpan> speech = {{0, 10 * kSecond},
                                         {12 * kSecond, 22 * kSecond},
                                         {23 * kSecond, 28 * kSecond},
                                         {28 * kSecond + 100, 40 * kSecond}};
  // The pause of one second is no longer than the least that counts; the window is cut at 30 s.
  EXPECT_TRUE(NextWindow(speech, 0, 40 * kSecond)->cut);
  speech[2].begin += kSecond / 2;
  const auto window = NextWindow(speech, 0, 40 * kSecond);
  EXPECT_FALSE(window->cut);
  // With the whole pause.
  EXPECT_EQ(window->end, 23 * kSecond + kSecond / 2);
}

TEST(WindowPlanTest, ARecordingWithoutLongPausesIsOneWindow) {
  const std::vector<vad::SpeechSpan> speech = {{3 * kSecond, 9 * kSecond},
                                               {12 * kSecond, 26 * kSecond}};
  const auto window = NextWindow(speech, 0, 29 * kSecond);
  EXPECT_EQ(window, (PlannedWindow{0, 29 * kSecond, false}));
}

TEST(WindowPlanTest, TheNextWindowIsSureAfterAPause) {
  const std::vector<vad::SpeechSpan> speech = {{0, 9 * kSecond}, {13 * kSecond, 20 * kSecond}};
  const auto first = NextWindow(speech, 0, 20 * kSecond);
  EXPECT_EQ(NextSureWindow(speech, *first, 20 * kSecond),
            (PlannedWindow{10 * kSecond, 20 * kSecond, false}));
}

TEST(WindowPlanTest, AfterACutTheFirstWindowBehindTheNextLongPauseIsSure) {
  const std::vector<vad::SpeechSpan> speech = {
      {0, 40 * kSecond}, {41 * kSecond, 50 * kSecond}, {54 * kSecond, 60 * kSecond}};
  const auto first = NextWindow(speech, 0, 60 * kSecond);
  ASSERT_TRUE(first->cut);
  EXPECT_EQ(NextSureWindow(speech, *first, 60 * kSecond),
            (PlannedWindow{51 * kSecond, 60 * kSecond, false}));
  EXPECT_EQ(NextSureWindow(std::span(speech).first(2), *first, 60 * kSecond), std::nullopt);
}

TEST(WindowPlanTest, AnyPlanCoversAllSpeechInOrder) {
  base::Random random(20261121);
  for (int round = 0; round < 300; ++round) {
    std::vector<vad::SpeechSpan> speech;
    SampleIndex at = 0;
    for (int i = 0; i < 40; ++i) {
      at += static_cast<SampleIndex>(random.Below(5 * kSecond));
      const auto end = at + 1 + static_cast<SampleIndex>(random.Below(20 * kSecond));
      speech.push_back({at, end});
      at = end;
    }
    SampleIndex from = 0, covered = 0;
    while (const auto window = NextWindow(speech, from, at)) {
      ASSERT_GE(window->begin, from);
      ASSERT_GT(window->end, window->begin);
      ASSERT_LE(window->end - window->begin, kWindowSamples);
      covered += SpeechWithin(speech, window->begin, window->end);
      from = window->end;
    }
    EXPECT_EQ(covered, SpeechWithin(speech, 0, at));
  }
}

}  // namespace
}  // namespace wt::pipeline
