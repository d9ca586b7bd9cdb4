#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/random.h"
#include "engine/vad/vad.h"

namespace wt::vad {
namespace {

constexpr VadOptions kNoPadding = {.padding_s = 0};

/// One character a step: '#' is 0.9 (speech), '-' 0.4 (between offset and onset), '.' 0.1.
std::vector<float> Probabilities(const std::string& picture) {
  std::vector<float> result;
  for (const char c : picture) result.push_back(c == '#' ? 0.9f : c == '-' ? 0.4f : 0.1f);
  return result;
}

std::vector<SpeechSpan> Spans(const std::string& picture, const VadOptions& options = kNoPadding) {
  const auto samples = static_cast<SampleIndex>(picture.size()) * kStepSamples;
  return SpeechSpans(Probabilities(picture), samples, options);
}

SpeechSpan Steps(int begin, int end) { return {begin * kStepSamples, end * kStepSamples}; }

TEST(SpeechSpansTest, NothingGivesNothing) {
  EXPECT_TRUE(Spans("").empty());
  EXPECT_TRUE(Spans("..........").empty());
  EXPECT_TRUE(Spans("----------").empty());
}

TEST(SpeechSpansTest, SpeechStartsAtOnsetAndEndsWhereTheSilenceBegan) {
  EXPECT_EQ(Spans("..##########......"), std::vector{Steps(2, 12)});
}

TEST(SpeechSpansTest, ValuesAtTheThresholdsCount) {
  // p >= onset starts; p == offset does not end. 0.5 and 0.25 are exact in float and double.
  const VadOptions options = {.onset = 0.5, .offset = 0.25, .padding_s = 0};
  std::vector<float> p(20, 0.25f);
  p[3] = 0.5f;
  EXPECT_EQ(SpeechSpans(p, 20 * kStepSamples, options), std::vector{Steps(3, 20)});
}

TEST(SpeechSpansTest, APauseUnderTheMinimumSilenceDoesNotSplit) {
  // 0.10 s are 1600 samples: a pause is noticed over 4 steps (t - pending = 3 * 512 = 1536 at the
  // fourth low step, 2048 at the fifth).
  EXPECT_EQ(Spans("##########....##########"), std::vector{Steps(0, 24)});
  EXPECT_EQ(Spans("##########.....##########"), (std::vector{Steps(0, 10), Steps(15, 25)}));
}

TEST(SpeechSpansTest, SpeechForgetsAPauseThatWasTooShort) {
  EXPECT_EQ(Spans("##########..##########.##########"), std::vector{Steps(0, 33)});
}

TEST(SpeechSpansTest, DurationsOfExactlyTheMinimumCount) {
  // 3 steps are 0.096 s, 8 are 0.256 s.
  const VadOptions options = {.min_speech_s = 0.256, .min_silence_s = 0.096, .padding_s = 0};
  EXPECT_EQ(Spans("########....########...", options), (std::vector{Steps(0, 8), Steps(12, 23)}));
  EXPECT_TRUE(Spans("#######....", options).empty());
}

TEST(SpeechSpansTest, MiddleValuesNeitherEndNorForgetAnEnd) {
  // The pending end at step 10 stays through the middle values, so the silence is long enough at
  // the next low step.
  EXPECT_EQ(Spans("##########.----.###"), std::vector{Steps(0, 10)});
  EXPECT_EQ(Spans("##########.----#########"), std::vector{Steps(0, 24)});
}

TEST(SpeechSpansTest, ShortSpeechIsDropped) {
  // 0.25 s are 4000 samples: 7 steps are 3584, 8 are 4096.
  EXPECT_TRUE(Spans("..#######.......").empty());
  EXPECT_EQ(Spans("..########......."), std::vector{Steps(2, 10)});
  EXPECT_TRUE(Spans(".........#######").empty());
}

TEST(SpeechSpansTest, OpenSpeechEndsWithTheLastStepButInsideTheAudio) {
  EXPECT_EQ(Spans("..##########.."), std::vector{Steps(2, 14)});
  const auto spans =
      SpeechSpans(Probabilities("..##########.."), 14 * kStepSamples - 100, kNoPadding);
  EXPECT_EQ(spans, (std::vector<SpeechSpan>{{2 * kStepSamples, 14 * kStepSamples - 100}}));
}

TEST(SpeechSpansTest, PaddingStaysInsideTheAudioAndMeetsInTheMiddle) {
  const VadOptions options = {.padding_s = 0.2};  // 3200 samples
  const auto spans = Spans("..##########......##########..", options);
  // Gap: steps 12 to 18, 6144 to 9216, overlapping from 9216 - 3200 to 6144 + 3200; the middle.
  const SampleIndex middle = (12 * kStepSamples + 18 * kStepSamples) / 2;
  EXPECT_EQ(spans, (std::vector<SpeechSpan>{{0, middle}, {middle, 30 * kStepSamples}}));
}

TEST(SpeechSpansTest, AlwaysOrderedDisjointAndInside) {
  // Goal: the promises hold for any probabilities and options, also out of range ones.
  base::Random random(20);
  const double odd[] = {0,
                        0.032,
                        0.1,
                        0.25,
                        3,
                        -1,
                        1e300,
                        std::numeric_limits<double>::quiet_NaN(),
                        std::numeric_limits<double>::infinity()};
  for (int round = 0; round < 3'000; ++round) {
    std::vector<float> p(random.Below(200));
    float level = 0.5f;
    for (float& x : p) {
      level += static_cast<float>(random.Uniform() - 0.5);
      x = level = level < 0 ? 0 : level > 1 ? 1 : level;
      if (random.Below(500) == 0) x = std::numeric_limits<float>::quiet_NaN();
    }
    const VadOptions options = {.onset = random.Uniform(),
                                .offset = random.Uniform(),
                                .min_speech_s = odd[random.Below(9)],
                                .min_silence_s = odd[random.Below(9)],
                                .padding_s = odd[random.Below(9)]};
    const auto samples = static_cast<SampleIndex>(random.Below(p.size() * kStepSamples + 1));
    SampleIndex last_end = 0;
    for (const SpeechSpan& span : SpeechSpans(p, samples, options)) {
      ASSERT_GE(span.begin, last_end);
      ASSERT_LT(span.begin, span.end);
      ASSERT_LE(span.end, samples);
      last_end = span.end;
    }
  }
}

}  // namespace
}  // namespace wt::vad
