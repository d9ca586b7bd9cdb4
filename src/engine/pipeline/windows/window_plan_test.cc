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

// Speech over 40 s with pauses of the given lengths, in hundredths of a second, at the given
// seconds.
std::vector<vad::SpeechSpan> SpeechWithPauses(const std::vector<std::pair<int, int>>& pauses) {
  std::vector<vad::SpeechSpan> speech = {{0, 40 * kSecond}};
  for (const auto& [at, hundredths] : pauses) {
    speech.back().end = at * kSecond;
    speech.push_back({at * kSecond + hundredths * kSecond / 100, 40 * kSecond});
  }
  return speech;
}

// Where the text of the first window ends, in seconds; 30 where it is cut in speech.
SampleIndex FirstEnd(const std::vector<std::pair<int, int>>& pauses) {
  const auto speech = SpeechWithPauses(pauses);
  const auto window = NextWindow(speech, 0, 40 * kSecond);
  EXPECT_EQ(window->cut, window->end == 30 * kSecond);
  return SpeechEnd(speech, window->end) / kSecond;
}

TEST(WindowPlanTest, AFullWindowEndsInTheBestPauseOfItsLastSeconds) {
  // A quarter of a second is no longer than what must be exceeded.
  EXPECT_EQ(FirstEnd({{22, 25}, {28, 25}}), 30);
  EXPECT_EQ(FirstEnd({{27, 50}, {28, 40}}), 27);
  // 0.6 s is enough: of longer ones the later wins.
  EXPECT_EQ(FirstEnd({{26, 200}, {29, 60}}), 29);
  EXPECT_EQ(FirstEnd({{26, 200}, {29, 59}}), 26);
  // Longer ones before the last four seconds count only where there is none behind them, and then
  // the last.
  EXPECT_EQ(FirstEnd({{25, 250}, {28, 30}}), 28);
  EXPECT_EQ(FirstEnd({{21, 250}, {24, 30}}), 24);
  EXPECT_EQ(FirstEnd({{19, 250}}), 30);
  // The window has the whole pause.
  EXPECT_EQ(NextWindow(SpeechWithPauses({{27, 50}}), 0, 40 * kSecond)->end,
            27 * kSecond + kSecond / 2);
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
