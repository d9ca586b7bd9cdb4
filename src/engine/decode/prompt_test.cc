#include "engine/decode/prompt.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/decode/decode_testing.h"

namespace wt::decode {
namespace {

using Tokens = std::vector<TokenId>;

Tokens Count(TokenId first, int n) {
  Tokens tokens(static_cast<std::size_t>(n));
  std::iota(tokens.begin(), tokens.end(), first);
  return tokens;
}

const FakeTokenizer& Fake() {
  static const FakeTokenizer tokenizer = FakeTokenizer::Multilingual();
  return tokenizer;
}

const Tokens kStart = {50258, 50259, 50359};

InitialTokens Build(WindowPrompt prompt) {
  prompt.start_sequence = kStart;
  return BuildInitialTokens(Fake().special(), prompt);
}

TEST(PromptTextTest, IsStrippedAsPythonDoesAndGetsOneSpace) {
  const auto text = [](std::string_view input) {
    return Fake().DecodeBytes(EncodePromptText(Fake(), input));
  };
  EXPECT_EQ(text(" \t\n a b \v\f\r"), " a b");
  EXPECT_EQ(text("\u3000\u00a0\u2003x\u2028\u0085"), " x");
  EXPECT_EQ(text("   "), " ");
  EXPECT_TRUE(EncodePromptText(Fake(), "").empty());
}

TEST(InitialTokensTest, WithoutEarlierTextThereIsOnlyTheStartSequence) {
  const InitialTokens made = Build({});
  EXPECT_EQ(made.tokens, kStart);
  EXPECT_EQ(made.sot_index, 0u);
  EXPECT_EQ(made.sample_begin, 3u);
}

TEST(InitialTokensTest, EarlierTextKeepsItsLast223Tokens) {
  for (const int size : {222, 223, 224, 5000}) {
    const Tokens previous = Count(1, size);
    const InitialTokens made = Build({.previous = previous});
    const int kept = std::min(size, 223);
    EXPECT_EQ(made.sot_index, static_cast<std::size_t>(kept) + 1);
    EXPECT_EQ(made.tokens[0], 50361);
    EXPECT_EQ(made.tokens[1], size - kept + 1);
    EXPECT_EQ(made.tokens[made.sot_index - 1], size);
  }
}

TEST(InitialTokensTest, APrefixIsCutByTheTokensToSampleAsPythonSlices) {
  const Tokens prefix = Count(1, 10);
  const auto first_kept = [&](int sample_tokens_max) {
    const InitialTokens made = Build({.prefix = prefix, .sample_tokens_max = sample_tokens_max});
    return made.tokens.size() > 3 ? made.tokens[3] : 0;
  };
  EXPECT_EQ(first_kept(220), 7);   // The last 4.
  EXPECT_EQ(first_kept(223), 10);  // The last one.
  EXPECT_EQ(first_kept(224), 1);   // [-0:] is all.
  EXPECT_EQ(first_kept(226), 3);   // [2:]
  EXPECT_EQ(first_kept(240), 0);   // [16:] is nothing.
  EXPECT_EQ(first_kept(100), 1);
}

TEST(InitialTokensTest, HotwordsComeBeforeEarlierTextAndShareItsRoom) {
  const Tokens hotwords = Count(1000, 300);
  const Tokens previous = Count(1, 300);
  EXPECT_EQ(Build({.hotwords = {hotwords.data(), 2}}).tokens,
            (Tokens{50361, 1000, 1001, 50258, 50259, 50359}));
  const InitialTokens both = Build({.previous = previous, .hotwords = {hotwords.data(), 20}});
  EXPECT_EQ(both.sot_index, 224u);
  EXPECT_EQ(both.tokens[20], 1019);
  EXPECT_EQ(both.tokens[21], 300 - 203 + 1);
  const InitialTokens full = Build({.previous = previous, .hotwords = hotwords});
  EXPECT_EQ(full.sot_index, 224u);
  EXPECT_EQ(full.tokens[223], 1222);
  const Tokens prefix = {7};
  EXPECT_EQ(Build({.hotwords = hotwords, .prefix = prefix}).tokens,
            (Tokens{50258, 50259, 50359, 7}));
}

TEST(InitialTokensTest, ATimestampMayOpenThePrefix) {
  const Tokens prefix = {7};
  EXPECT_EQ(Build({.prefix = prefix, .timestamp_before_prefix = true}).tokens,
            (Tokens{50258, 50259, 50359, 50364, 7}));
  EXPECT_EQ(Build({.timestamp_before_prefix = true}).tokens, kStart);
}

TEST(InitialTokensTest, NothingExceedsTheContext) {
  const Tokens many = Count(1, 2000);
  for (const int prefix_size : {0, 200, 221, 222, 440, 445, 446, 2000}) {
    for (const bool timestamp : {false, true}) {
      const InitialTokens made =
          Build({.previous = many,
                 .prefix = {many.data(), static_cast<std::size_t>(prefix_size)},
                 .timestamp_before_prefix = timestamp});
      EXPECT_LE(made.tokens.size(), 448u);
      EXPECT_EQ(made.tokens[made.sot_index], 50258);
    }
  }
}

TEST(PromptHistoryTest, TheInitialPromptIsForgottenByAResetUnlessItIsCarried) {
  PromptHistory plain({1, 2}, /*carry=*/false, 448);
  PromptHistory carried({1, 2}, /*carry=*/true, 448);
  for (PromptHistory* history : {&plain, &carried}) {
    EXPECT_EQ(history->Tokens(), (Tokens{1, 2}));
    history->Append(Tokens{3, 4});
    EXPECT_EQ(history->Tokens(), (Tokens{1, 2, 3, 4}));
    history->Reset();
    history->Append(Tokens{5});
  }
  EXPECT_EQ(plain.Tokens(), (Tokens{5}));
  EXPECT_EQ(carried.Tokens(), (Tokens{1, 2, 5}));
}

TEST(PromptHistoryTest, CarriedPromptLeavesTheTextTheRestOf223Tokens) {
  PromptHistory history(Count(1000, 200), /*carry=*/true, 448);
  history.Append(Count(1, 100));
  const Tokens tokens = history.Tokens();
  ASSERT_EQ(tokens.size(), 223u);
  EXPECT_EQ(tokens[200], 78);
  EXPECT_EQ(tokens.back(), 100);
}

TEST(PromptHistoryTest, APromptWithoutRoomForTextIsSlicedAsInTheReference) {
  // transcribe.py slices by -remaining: none remaining gives all, a negative number skips that
  // many.
  PromptHistory exact(Count(1000, 223), /*carry=*/true, 448);
  exact.Append(Count(1, 10));
  EXPECT_EQ(exact.Tokens().size(), 233u);
  PromptHistory beyond(Count(1000, 226), /*carry=*/true, 448);
  beyond.Append(Count(1, 10));
  EXPECT_EQ(beyond.Tokens().size(), 226u + 7u);
}

}  // namespace
}  // namespace wt::decode
