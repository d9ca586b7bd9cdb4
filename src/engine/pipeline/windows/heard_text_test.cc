// Goal: text counts as heard only with evidence in the audio. A scripted decoder answers; the
// tokenizer has one token per character.
#include "engine/pipeline/windows/heard_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "engine/decode/decode_testing.h"

namespace wt::pipeline {
namespace {

constexpr SampleIndex kSecond = kSampleRate;

const decode::FakeTokenizer& Tokens() {
  static const auto tokenizer = decode::FakeTokenizer::Multilingual();
  return tokenizer;
}

TokenId At(double seconds) {
  return Tokens().special().timestamp_begin + static_cast<TokenId>(seconds * 50 + 0.5);
}

// One segment: begin, a token for each character, end.
WindowResult Said(double begin_s, const std::string& text, double end_s, double logprob = -0.3) {
  WindowResult result;
  result.tokens = {At(begin_s)};
  result.tokens.insert(result.tokens.end(), text.begin(), text.end());
  result.tokens.push_back(At(end_s));
  result.text = text;
  result.avg_logprob = logprob;
  return result;
}

WindowResult Then(WindowResult result, const WindowResult& more) {
  result.tokens.insert(result.tokens.end(), more.tokens.begin(), more.tokens.end());
  result.text += more.text;
  return result;
}

// Gives its answers in order and notes what it was asked.
class ScriptedDecoder {
 public:
  explicit ScriptedDecoder(std::vector<WindowResult> answers) : answers_(std::move(answers)) {}
  DecodeWithin function() {
    return [this](const TimeLimits& limits, const WindowResult* begun) -> Result<WindowResult> {
      asked.push_back(limits);
      begun_with.push_back(begun == nullptr ? "" : begun->text);
      if (asked.size() > answers_.size()) {
        return Status(StatusCode::kInternal, "asked more often than expected");
      }
      return answers_[asked.size() - 1];
    };
  }
  std::vector<TimeLimits> asked;
  std::vector<std::string> begun_with;  // Texts.

 private:
  std::vector<WindowResult> answers_;
};

// 10 s of audio from 20 s on; speech in [20, 24) and [25, 29).
class DecodeAllSpeechTest : public testing::Test {
 protected:
  DecodeAllSpeechTest() {
    window_.plan = {20 * kSecond, 30 * kSecond, false};
    window_.first_sample = 20 * kSecond;
    window_.frames = 1000;
    window_.speech = speech_;
  }

  WindowResult Decode(ScriptedDecoder& decoder) {
    auto result = DecodeAllSpeech(window_, Tokens(), decoder.function());
    EXPECT_TRUE(result.ok());
    return result.ok() ? *result : WindowResult();
  }

  const std::vector<vad::SpeechSpan> speech_ = {{20 * kSecond, 24 * kSecond},
                                                {25 * kSecond, 29 * kSecond}};
  const WindowResult first_ = Said(0, "hark, birds", 4);
  const WindowResult both_ = Then(first_, Said(5, "sing now", 9));
  HeardWindow window_;
};

TEST_F(DecodeAllSpeechTest, TextUpToTheEndOfSpeechIsAskedForOnce) {
  ScriptedDecoder decoder({both_});
  EXPECT_EQ(Decode(decoder).text, both_.text);
  // The reference's decoding: no limit to its times.
  ASSERT_EQ(decoder.asked.size(), 1u);
  EXPECT_EQ(decoder.asked[0], TimeLimits());
}

TEST_F(DecodeAllSpeechTest, UnheardSpeechIsAskedForWithTheEndHeldBack) {
  ScriptedDecoder decoder({first_, both_});
  EXPECT_EQ(Decode(decoder).text, both_.text);
  ASSERT_EQ(decoder.asked.size(), 2u);
  // What was said stays said.
  EXPECT_EQ(decoder.begun_with, (std::vector<std::string>{"", first_.text}));
  // 9 s of speech less 0.4 s, in positions of 20 ms.
  EXPECT_EQ(decoder.asked[1].min_end_timestamp_index, 430);
  EXPECT_EQ(decoder.asked[1].max_timestamp_index, 500);
}

TEST_F(DecodeAllSpeechTest, TheFirstAnswerStaysWhenTheSecondHasNoMore) {
  ScriptedDecoder decoder({first_, first_});
  EXPECT_EQ(Decode(decoder).text, first_.text);
}

TEST_F(DecodeAllSpeechTest, LessThanHalfASecondOfUnheardSpeechIsLetBe) {
  ScriptedDecoder decoder({Said(0, "nearly all of it", 8.6)});
  EXPECT_EQ(Decode(decoder).text, "nearly all of it");
}

TEST_F(DecodeAllSpeechTest, WindowsThatAreCutRefusedOrOpenAreNotAskedAgain) {
  window_.plan.cut = true;
  ScriptedDecoder cut({first_});
  Decode(cut);
  window_.plan.cut = false;
  WindowResult refused = first_;
  refused.accepted = false;
  ScriptedDecoder doubted({refused});
  Decode(doubted);
  WindowResult open = first_;
  open.tokens.pop_back();
  ScriptedDecoder unfinished({open});
  Decode(unfinished);
  ScriptedDecoder silent({WindowResult()});
  Decode(silent);
}

TEST_F(DecodeAllSpeechTest, TimesFarAfterTheAudioAreDecodedAgainWithinIt) {
  ScriptedDecoder decoder({Said(0, "invented for the end", 11.5), both_});
  EXPECT_EQ(Decode(decoder).text, both_.text);
  ASSERT_EQ(decoder.asked.size(), 2u);
  EXPECT_EQ(decoder.asked[1].max_timestamp_index, 500);
  EXPECT_EQ(decoder.begun_with[1], "");
  EXPECT_EQ(decoder.asked[1].min_end_timestamp_index, std::nullopt);
}

TEST_F(DecodeAllSpeechTest, AnEndRoundedToTheNextSecondIsTaken) {
  ScriptedDecoder decoder({Said(0, "rounded", 11)});
  EXPECT_EQ(Decode(decoder).text, "rounded");
}

TEST_F(DecodeAllSpeechTest, ErrorsOfEitherDecodingEndIt) {
  ScriptedDecoder none({});
  EXPECT_FALSE(DecodeAllSpeech(window_, Tokens(), none.function()).ok());
  ScriptedDecoder one({first_});
  EXPECT_FALSE(DecodeAllSpeech(window_, Tokens(), one.function()).ok());
}

bool Adds(const WindowResult& shorter, const WindowResult& longer, SampleIndex unheard) {
  return Continues(Tokens(), shorter, longer, unheard);
}

TEST(ContinuesTest, TheUnheardSpeechHasToAccountForTheText) {
  const WindowResult shorter = Said(0, "abcdefgh", 4);
  // 0.5 s and the slack of 0.5 s hold 30 characters at most.
  std::string text(30, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('A' + i);
  EXPECT_TRUE(Adds(shorter, Then(shorter, Said(5, text, 9)), kSecond / 2));
  EXPECT_FALSE(Adds(shorter, Then(shorter, Said(5, text + "z", 9)), kSecond / 2));
}

TEST(ContinuesTest, TheModelHasToBeSureOfTheAddedTokens) {
  const WindowResult shorter = Said(0, "abcd", 4, -0.2);  // 6 tokens and the end.
  WindowResult longer = Then(shorter, Said(5, "efgh", 9));
  // (logprob * 13 + 0.2 * 7) / 6 is -1 at logprob = -7.4 / 13.
  longer.avg_logprob = -7.3 / 13;
  EXPECT_TRUE(Adds(shorter, longer, 4 * kSecond));
  longer.avg_logprob = -7.5 / 13;
  EXPECT_FALSE(Adds(shorter, longer, 4 * kSecond));
}

TEST(ContinuesTest, RefusedOrShorterAnswersDoNot) {
  const WindowResult shorter = Said(0, "abcd", 4);
  WindowResult longer = Then(shorter, Said(5, "efgh", 9));
  EXPECT_TRUE(Adds(shorter, longer, 4 * kSecond));
  longer.accepted = false;
  EXPECT_FALSE(Adds(shorter, longer, 4 * kSecond));
  EXPECT_FALSE(Adds(shorter, shorter, 4 * kSecond));
}

TEST(ContinuesTest, SayingTheSameAgainDoesNot) {
  const WindowResult shorter = Said(0, "we go home now", 4);
  EXPECT_FALSE(Adds(shorter, Then(shorter, Said(5, "home", 9)), 4 * kSecond));
}

bool Repeats(const std::string& before, const std::string& added) {
  const std::vector<TokenId> a(before.begin(), before.end()), b(added.begin(), added.end());
  return RepeatsEarlierText(a, b, Tokens().special().eot);
}

TEST(RepeatsEarlierTextTest, ARunOfFourTokensIsARepetition) {
  EXPECT_TRUE(Repeats("abcdef", "xbcdey"));
  EXPECT_FALSE(Repeats("abcdef", "xbcdy"));
  EXPECT_FALSE(Repeats("abcdef", ""));
  EXPECT_FALSE(Repeats("", "abcd"));
}

TEST(RepeatsEarlierTextTest, WithinTheAddedTextToo) {
  EXPECT_TRUE(Repeats("", "abcdabcd"));
  EXPECT_TRUE(Repeats("", "aaaaaaaa"));
}

TEST(RepeatsEarlierTextTest, TimesDoNotBreakARun) {
  const std::vector<TokenId> before = {At(0), 'a', 'b', At(1), At(1), 'c', 'd', At(2)};
  const std::vector<TokenId> added = {At(3), 'a', 'b', 'c', At(4), At(4), 'd'};
  EXPECT_TRUE(RepeatsEarlierText(before, added, Tokens().special().eot));
}

Segment Piece(const std::string& text) {
  Segment segment;
  segment.text = text;
  segment.tokens.assign(text.begin(), text.end());
  segment.tokens.push_back(At(1));
  return segment;
}

TEST(TakeSaidAgainTest, SegmentsMadeOfEarlierWordsAreTaken) {
  std::vector<Segment> segments = {Piece("abcdef"), Piece("xyzuvw"), Piece("fedc"), Piece("abcq")};
  const auto taken = TakeSaidAgain(&segments, Tokens().special().eot);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].text, "fedc");
  EXPECT_EQ(taken[1].text, "abcq");  // Three of four are known.
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[1].text, "xyzuvw");
}

TEST(TakeSaidAgainTest, ShortOrNewTextStays) {
  std::vector<Segment> segments = {Piece("abcdef"), Piece("abc"), Piece("abxy"), Piece("")};
  EXPECT_TRUE(TakeSaidAgain(&segments, Tokens().special().eot).empty());
  EXPECT_EQ(segments.size(), 4u);
}

WindowResult Judged(double no_speech, double logprob) {
  WindowResult result;
  result.no_speech_prob = no_speech;
  result.avg_logprob = logprob;
  return result;
}

TEST(EvidenceTest, TextLacksItWhenBothProbabilitiesSpeakAgainstIt) {
  EXPECT_TRUE(LacksEvidence(Judged(0.51, -0.71)));
  EXPECT_FALSE(LacksEvidence(Judged(0.51, -0.69)));
  EXPECT_FALSE(LacksEvidence(Judged(0.49, -0.71)));
  EXPECT_TRUE(IsGuess(Judged(0.31, -0.76)));
  WindowResult refused = Judged(0.31, -0.76);
  EXPECT_FALSE(LacksEvidence(refused));
  refused.accepted = false;
  EXPECT_TRUE(LacksEvidence(refused));
  refused.no_speech_prob = 0.29;
  EXPECT_FALSE(LacksEvidence(refused));
  EXPECT_FALSE(IsGuess(Judged(0.31, -0.74)));
  EXPECT_FALSE(IsGuess(Judged(0.29, -0.76)));
}

TEST(EvidenceTest, DoubtfulTextIsImprobableALoopAGuessOrUnlikelySpeech) {
  const FallbackOptions options;
  EXPECT_FALSE(IsDoubtful(options, Judged(0.59, -0.3)));
  EXPECT_TRUE(IsDoubtful(options, Judged(0.61, -0.3)));
  EXPECT_TRUE(IsDoubtful(options, Judged(0, -1.1)));
  EXPECT_TRUE(IsDoubtful(options, Judged(0.31, -0.76)));
  WindowResult loop = Judged(0, -0.3);
  loop.compression_ratio = 2.5;
  EXPECT_TRUE(IsDoubtful(options, loop));
  const FallbackOptions off = {std::nullopt, std::nullopt, std::nullopt};
  EXPECT_FALSE(IsDoubtful(off, loop));
  EXPECT_FALSE(IsDoubtful(off, Judged(0.9, -0.3)));
  EXPECT_FALSE(IsDoubtful(off, Judged(0, -1.1)));
}

TEST(MayBeCarriedOnTest, OnlyWhenAskedForAndNeverFromADoubtfulOrHotWindow) {
  TranscriptionRequest request;
  EXPECT_FALSE(MayBeCarriedOn(request, Judged(0, -0.3)));
  request.prompt.condition_on_previous_text = true;
  EXPECT_TRUE(MayBeCarriedOn(request, Judged(0, -0.3)));
  EXPECT_FALSE(MayBeCarriedOn(request, Judged(0, -1.1)));
  EXPECT_FALSE(MayBeCarriedOn(request, Judged(0.61, -0.3)));
  WindowResult hot = Judged(0, -0.3);
  hot.temperature = 0.6;
  EXPECT_FALSE(MayBeCarriedOn(request, hot));
  request.prompt.prompt_reset_on_temperature = 0.6;
  EXPECT_TRUE(MayBeCarriedOn(request, hot));
}

TEST(MayBeCarriedOnTest, ReferenceWindowingCarriesDoubtfulTextAsTheReferenceDoes) {
  TranscriptionRequest request;
  request.windowing = Windowing::kReference;
  EXPECT_TRUE(MayBeCarriedOn(request, Judged(0, -1.1)));
  request.prompt.condition_on_previous_text = false;
  EXPECT_FALSE(MayBeCarriedOn(request, Judged(0, -1.1)));
}

TEST(LeastDoubtfulTest, TheMostProbableAttemptThatIsNoLoopIsKept) {
  WindowResult loop = Judged(0, -0.1);
  loop.compression_ratio = 3;
  std::vector<WindowResult> refused = {loop, Judged(0, -1.2), Judged(0, -4)};
  EXPECT_EQ(LeastDoubtful(FallbackOptions(), &refused).avg_logprob, -1.2);
  refused = {Judged(0, -1.2), loop};
  EXPECT_EQ(LeastDoubtful(FallbackOptions(), &refused).avg_logprob, -1.2);
  refused = {loop, loop};
  EXPECT_EQ(LeastDoubtful(FallbackOptions(), &refused).avg_logprob, -0.1);
}

}  // namespace
}  // namespace wt::pipeline
