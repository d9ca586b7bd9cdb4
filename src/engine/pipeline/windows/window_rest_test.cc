// Goal: what follows a window's last time is heard again, kept or let be, by how much speech it
// holds.
#include "engine/pipeline/windows/window_rest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/decode/decode_testing.h"

namespace wt::pipeline {
namespace {

constexpr SampleIndex kSecond = kSampleRate;

class WindowRestTest : public testing::Test {
 protected:
  WindowRestTest() { window_.frames = 2000; }

  TokenId At(double seconds) const {
    return special_.timestamp_begin + static_cast<TokenId>(seconds * 50 + 0.5);
  }
  // The window is 0 .. 20 s.
  WindowEnd Settle(const std::vector<TokenId>& tokens, bool cut = false) {
    window_.plan = {0, 20 * kSecond, cut};
    window_.speech = speech_;
    split_ = decode::SplitWindow(tokens, special_.timestamp_begin, 0, window_.frames);
    return SettleRest(window_, tokenizer_, samples_, tokens, &split_);
  }

  const decode::FakeTokenizer tokenizer_ = decode::FakeTokenizer::Multilingual();
  const tokenizer::SpecialTokens special_ = tokenizer_.special();
  SampleIndex samples_ = 60 * kSecond;
  std::vector<vad::SpeechSpan> speech_ = {{kSecond, 18 * kSecond}};
  HeardWindow window_;
  decode::WindowSegments split_;
};

TEST_F(WindowRestTest, ASettledWindowSharesItsLastSilenceWithTheNext) {
  EXPECT_EQ(Settle({At(0), 'a', At(18)}), (WindowEnd{20 * kSecond, 18 * kSecond, false}));
  // The model's time is 0.4 s early: within the tolerance, so that the place is the same.
  EXPECT_EQ(Settle({At(0), 'a', At(17.6)}), (WindowEnd{20 * kSecond, 18 * kSecond, false}));
}

TEST_F(WindowRestTest, SpeechLongEnoughToStandAloneIsHeardAgain) {
  EXPECT_EQ(Settle({At(0), 'a', At(16.4)}),
            (WindowEnd{kSecond * 164 / 10, kSecond * 164 / 10, true}));
}

TEST_F(WindowRestTest, LessIsHeardAgainOnlyWithMoreBehindIt) {
  // 1.2 s are left, and nothing follows: only the silence before the next speech may hold them.
  EXPECT_EQ(Settle({At(0), 'a', At(16.8)}), (WindowEnd{20 * kSecond, kSecond * 168 / 10, false}));
  speech_.push_back({20 * kSecond, 25 * kSecond});
  EXPECT_EQ(Settle({At(0), 'a', At(16.8)}),
            (WindowEnd{kSecond * 168 / 10, kSecond * 168 / 10, true}));
}

TEST_F(WindowRestTest, WordsWithoutAnEndAreWholeWhereTheWindowEndsInAPause) {
  const std::vector<TokenId> tokens = {At(0), 'a', At(5), At(5), 'b'};
  EXPECT_EQ(Settle(tokens).seek, 20 * kSecond);
  ASSERT_EQ(split_.segments.size(), 2u);
  EXPECT_EQ(split_.segments[1].start_s, 5);
  EXPECT_EQ(split_.segments[1].end_s, 20);
  EXPECT_EQ(split_.segments[1].tokens, (std::vector<TokenId>{At(5), 'b'}));
}

TEST_F(WindowRestTest, WordsWithoutAnEndAreHeardAgainWhereTheWindowIsCut) {
  const std::vector<TokenId> tokens = {At(0), 'a', At(5), At(5), 'b'};
  EXPECT_EQ(Settle(tokens, /*cut=*/true), (WindowEnd{5 * kSecond, 5 * kSecond, true}));
  EXPECT_EQ(split_.segments.size(), 1u);
}

TEST_F(WindowRestTest, ACutWindowIsLeftInThePauseAfterASentence) {
  speech_ = {{kSecond, 12 * kSecond}, {12 * kSecond, 25 * kSecond}};
  const std::vector<TokenId> tokens = {At(0), 'a', '.', At(11.8), At(11.8), 'b', At(19)};
  EXPECT_EQ(Settle(tokens, /*cut=*/true), (WindowEnd{12 * kSecond, 12 * kSecond, true}));
  ASSERT_EQ(split_.segments.size(), 1u);
  EXPECT_EQ(split_.segments[0].end_s, 11.8);
  EXPECT_FALSE(split_.single_timestamp_ending);
  EXPECT_EQ(split_.next_seek_frames, 1200);
}

TEST_F(WindowRestTest, AKeptSegmentEndsBeforeWhatIsHeardAgain) {
  speech_ = {{kSecond, 12 * kSecond}, {12 * kSecond, 25 * kSecond}};
  Settle({At(0), 'a', '.', At(12.2), At(12.2), 'b'}, /*cut=*/true);
  ASSERT_EQ(split_.segments.size(), 1u);
  EXPECT_EQ(split_.segments[0].end_s, 12);
}

TEST_F(WindowRestTest, ACutWindowThatSaysItAllIsSettled) {
  speech_ = {{kSecond, 20 * kSecond}};
  EXPECT_EQ(Settle({At(0), 'a', At(19.8)}, /*cut=*/true).seek, 20 * kSecond);
}

TEST_F(WindowRestTest, AWindowWithoutProgressIsDone) {
  const std::vector<TokenId> pairs = {At(0), 'a', At(0.5), At(0.5), 'b'};
  EXPECT_EQ(Settle(pairs, /*cut=*/true).seek, 20 * kSecond);
  EXPECT_EQ(Settle({At(0), 'a', At(0.5)}).seek, 20 * kSecond);
}

TEST_F(WindowRestTest, InventedTextIsHeardAgainWithoutTheSilenceBeforeIt) {
  window_.plan = {0, 20 * kSecond, false};
  EXPECT_EQ(EndBeforeInvented(window_, 700), (WindowEnd{7 * kSecond, 7 * kSecond, true}));
  // The reference may point behind the window: to the end of the audio.
  EXPECT_EQ(EndBeforeInvented(window_, 9000), (WindowEnd{20 * kSecond, 20 * kSecond, true}));
}

TEST_F(WindowRestTest, ATailHoldsHardlyAnythingNew) {
  window_.plan = {10 * kSecond, 20 * kSecond, false};
  window_.speech = speech_;
  EXPECT_TRUE(IsTail(window_, 17 * kSecond));
  EXPECT_FALSE(IsTail(window_, 16 * kSecond));
  EXPECT_FALSE(IsTail(window_, 0));
}

}  // namespace
}  // namespace wt::pipeline
