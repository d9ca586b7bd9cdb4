// Goal: a window that is cut in speech is left where a sentence ends and a pause follows, as late
// as there is such a place in its last third.
#include "engine/pipeline/windows/cut_end.h"

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

class CutEndTest : public testing::Test {
 protected:
  // A segment up to `end_s`, from where the one before ended.
  void Say(double end_s, const std::string& text) {
    decode::WindowSegment segment;
    segment.start_s = split_.segments.empty() ? 0 : split_.segments.back().end_s;
    segment.end_s = end_s;
    segment.tokens.assign(text.begin(), text.end());
    split_.segments.push_back(segment);
  }
  // Speech from 0 to 60 s with a short pause at each of `pauses`.
  CutEnd Leave(const std::vector<double>& pauses) {
    std::vector<vad::SpeechSpan> speech = {{0, 60 * kSecond}};
    for (const double pause : pauses) {
      speech.back().end = Samples(pause);
      speech.push_back({Samples(pause), 60 * kSecond});
    }
    HeardWindow window;
    window.plan = {0, 30 * kSecond, true};
    window.frames = 3000;
    window.speech = speech;
    return LeaveCut(window, tokenizer_, split_);
  }

  const decode::FakeTokenizer tokenizer_ = decode::FakeTokenizer::Multilingual();
  decode::WindowSegments split_;
};

TEST_F(CutEndTest, TheLastSentenceWithAPauseBehindItWins) {
  Say(21, "One.");
  Say(24, "Two.");
  Say(28, "and three");
  EXPECT_EQ(Leave({21, 24.3, 28}), (CutEnd{2, Samples(24.3)}));
}

TEST_F(CutEndTest, AFullStopWithoutAPauseIsNoPlace) {
  Say(21, "One.");
  Say(24, "Mr.");
  Say(28, "and three");
  EXPECT_EQ(Leave({21, 28}), (CutEnd{1, Samples(21)}));
}

TEST_F(CutEndTest, WithoutASentenceTheLastPauseIsTaken) {
  Say(21, "one");
  Say(24, "two");
  Say(28, "three");
  EXPECT_EQ(Leave({21, 24}), (CutEnd{2, Samples(24)}));
}

TEST_F(CutEndTest, WithoutAPauseTheModelsLastTimeHolds) {
  Say(21, "One.");
  Say(28, "Two.");
  EXPECT_EQ(Leave({}), (CutEnd{2, Samples(28)}));
  // 0.5 s are out of reach.
  EXPECT_EQ(Leave({27.5}), (CutEnd{2, Samples(28)}));
}

TEST_F(CutEndTest, ASegmentThatTheCutClosedIsHeardAgain) {
  Say(24, "one");
  Say(29.8, "Two.");
  EXPECT_EQ(Leave({}), (CutEnd{1, Samples(24)}));
  // The same with a pause behind it is whole.
  EXPECT_EQ(Leave({29.7}), (CutEnd{2, Samples(29.7)}));
  // A pause behind the window's end is not in the window.
  EXPECT_EQ(Leave({30.1}), (CutEnd{1, Samples(24)}));
}

TEST_F(CutEndTest, AtMostAThirdOfAWindowIsHeardAgain) {
  Say(19.9, "One.");
  Say(29.8, "two");
  EXPECT_EQ(Leave({19.9}), (CutEnd{2, Samples(29.8)}));
  split_ = {};
  Say(12, "One.");
  EXPECT_EQ(Leave({12.2}), (CutEnd{1, Samples(12.2)}));
}

TEST(EndsSentenceTest, KnowsTheMarksOfManyScripts) {
  for (const char* text : {"One.", "One?", "One! ", "\"One.\"", "(One.)", "\u00abUn.\u00bb",
                           "\u4e00\u3002", "\u300c\u4e00\uff1f\u300d", "\u0915\u0964", "1."}) {
    EXPECT_TRUE(EndsSentence(text)) << text;
  }
  for (const char* text :
       {"", " ", "\"", "One", "One,", "One...", "One..", "\u2026", "\u4e00\u3001"}) {
    EXPECT_FALSE(EndsSentence(text)) << text;
  }
}

}  // namespace
}  // namespace wt::pipeline
