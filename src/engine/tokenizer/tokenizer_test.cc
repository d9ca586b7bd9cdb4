#include "engine/tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"

namespace wt::tokenizer {
namespace {

using Ids = std::vector<TokenId>;

// The ordinary tokens of a published vocabulary, as a model file would hold them.
std::vector<std::string> OrdinaryTokens(int n_vocab) {
  const auto tokenizer = Tokenizer::Published(n_vocab);
  std::vector<std::string> tokens;
  for (TokenId id = 0; id < tokenizer->special().eot; ++id) {
    tokens.push_back(tokenizer->DecodeBytes(Ids{id}));
  }
  return tokens;
}

TEST(CreateTest, AVocabularyFromAFileEncodesLikeThePublishedOne) {
  for (const int n_vocab : {51864, 51865, 51866}) {
    const auto created = Tokenizer::Create(OrdinaryTokens(n_vocab), n_vocab);
    ASSERT_TRUE(created.ok()) << created.status().message();
    const auto published = Tokenizer::Published(n_vocab);
    for (const std::string text : {" Hello, world's end!", "日本語です", "zz qq\n\n  1984"}) {
      EXPECT_EQ((*created)->Encode(text), published->Encode(text));
    }
    EXPECT_EQ((*created)->NonSpeechTokens(), published->NonSpeechTokens());
    EXPECT_EQ((*created)->special().timestamp_begin, published->special().timestamp_begin);
  }
}

TEST(CreateTest, VocabulariesOfAnotherSizeAreRefused) {
  auto tokens = OrdinaryTokens(51865);
  for (const int n_vocab : {0, -1, 51863, 51864, 51867}) {
    const auto created = Tokenizer::Create(tokens, n_vocab);
    ASSERT_FALSE(created.ok());
    EXPECT_EQ(created.status().code(), StatusCode::kDataCorrupt);
  }
  // An empty line that was skipped, the usual mistake.
  tokens.pop_back();
  const auto created = Tokenizer::Create(tokens, 51865);
  ASSERT_FALSE(created.ok());
  EXPECT_NE(created.status().message().find("50256 ordinary tokens"), std::string::npos);
  EXPECT_FALSE(Tokenizer::Create({}, 51865).ok());
}

TEST(CreateTest, DuplicateTokensAreRefused) {
  auto tokens = OrdinaryTokens(51864);
  tokens[50'000] = tokens[300];
  const auto created = Tokenizer::Create(tokens, 51864);
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.status().code(), StatusCode::kDataCorrupt);
}

TEST(DecodeTest, IdsOutsideTheVocabularyAreLeftOut) {
  const auto tokenizer = Tokenizer::Published(51865);
  const Ids ids = {-1,    400,
                   51865, std::numeric_limits<TokenId>::max(),
                   370,   std::numeric_limits<TokenId>::min()};
  EXPECT_EQ(tokenizer->DecodeBytes(ids), " And so");
  EXPECT_EQ(tokenizer->Decode(ids), " And so");
  EXPECT_EQ(tokenizer->DecodeWithTimestamps(ids), " And so");
}

TEST(DecodeTest, TimestampsAreNamedInHundredths) {
  const auto tokenizer = Tokenizer::Published(51866);
  const TokenId begin = tokenizer->special().timestamp_begin;
  EXPECT_EQ(tokenizer->DecodeWithTimestamps(Ids{begin, begin + 4, begin + 54, begin + 1500}),
            "<|0.00|><|0.08|><|1.08|><|30.00|>");
  EXPECT_EQ(tokenizer->Decode(Ids{begin, begin + 1500}), "");
}

TEST(DecodeTest, BytesOfOneCharacterInTwoTokensAreOneCharacter) {
  const auto tokenizer = Tokenizer::Published(51865);
  EXPECT_EQ(tokenizer->DecodeBytes(Ids{162, 252}), "\xe6\x9e");
  EXPECT_EQ(tokenizer->Decode(Ids{162, 252}), "\xef\xbf\xbd");
  EXPECT_EQ(tokenizer->Decode(Ids{162, 252, 236}), "\xe6\x9e\x8e");
}

TEST(SpecialTokensTest, OnlyThreeVocabulariesAreKnown) {
  for (const int n_vocab : {51864, 51865, 51866}) {
    EXPECT_TRUE(SpecialTokens::KnownVocabulary(n_vocab));
    EXPECT_EQ(SpecialTokens::ForVocabulary(n_vocab).n_vocab, n_vocab);
  }
  EXPECT_FALSE(SpecialTokens::KnownVocabulary(51863));
  EXPECT_FALSE(SpecialTokens::KnownVocabulary(51867));
}

TEST(SpecialTokensTest, StartSequencesSayLanguageTaskAndTimestamps) {
  const auto v3 = Tokenizer::Published(51866);
  EXPECT_EQ(v3->StartSequence("yue", SpeechTask::kTranslate, true), (Ids{50258, 50358, 50359}));
  EXPECT_EQ(v3->StartSequence("de", SpeechTask::kTranscribe, false),
            (Ids{50258, 50261, 50360, 50364}));
  const auto v2 = Tokenizer::Published(51865);
  EXPECT_EQ(v2->StartSequence("yue", SpeechTask::kTranscribe, true), (Ids{50258, 50259, 50359}));
  EXPECT_EQ(v2->StartSequence("", SpeechTask::kTranscribe, true), (Ids{50258, 50259, 50359}));
  const auto english = Tokenizer::Published(51864);
  EXPECT_EQ(english->StartSequence("en", SpeechTask::kTranscribe, false), (Ids{50257, 50362}));
  EXPECT_EQ(english->StartSequence("de", SpeechTask::kTranslate, true), (Ids{50257}));
}

TEST(SpecialTokensTest, LanguageTokensAreThoseOfTheVocabulary) {
  const auto v2 = Tokenizer::Published(51865);
  const auto v3 = Tokenizer::Published(51866);
  EXPECT_EQ(v2->LanguageToken("en"), 50259);
  EXPECT_EQ(v2->LanguageToken("su"), 50357);
  EXPECT_EQ(v2->LanguageToken("yue"), std::nullopt);
  EXPECT_EQ(v3->LanguageToken("yue"), 50358);
  EXPECT_EQ(v3->LanguageToken("english"), std::nullopt);
  EXPECT_EQ(v3->LanguageToken(""), std::nullopt);
}

TEST(SpecialTokensTest, SuppressedTokensAreSortedUniqueAndInTheVocabulary) {
  const auto tokenizer = Tokenizer::Published(51865);
  const Ids always = {50258, 50358, 50359, 50360, 50361, 50362};
  EXPECT_EQ(tokenizer->SuppressedTokens({}), always);
  EXPECT_EQ(tokenizer->SuppressedTokens(Ids{50360, 7, 3, 7, -2, 51865}),
            (Ids{3, 7, 50258, 50358, 50359, 50360, 50361, 50362}));
  Ids with_symbols = tokenizer->SuppressedTokens(Ids{-1});
  with_symbols.insert(with_symbols.begin(), 0);
  EXPECT_EQ(tokenizer->SuppressedTokens(Ids{0, -1}), with_symbols);
}

TEST(LanguageTest, NamesAndCodesInAnyCaseAreFound) {
  EXPECT_EQ(FindLanguage("de"), "de");
  EXPECT_EQ(FindLanguage("German"), "de");
  EXPECT_EQ(FindLanguage("MANDARIN"), "zh");
  EXPECT_EQ(FindLanguage("Haitian Creole"), "ht");
  EXPECT_EQ(FindLanguage("klingon"), std::nullopt);
  EXPECT_EQ(FindLanguage(""), std::nullopt);
  EXPECT_EQ(LanguageName("yue"), "cantonese");
  EXPECT_EQ(LanguageName("German"), "");
  EXPECT_TRUE(WritesWithoutSpaces("yue"));
  EXPECT_FALSE(WritesWithoutSpaces("ko"));
}

// openai-whisper's split_tokens_on_unicode in its own terms, for text that has no U+FFFD.
std::vector<Ids> ReferenceGroups(const Tokenizer& tokenizer, const Ids& tokens) {
  std::vector<Ids> groups;
  Ids current;
  for (const TokenId token : tokens) {
    current.push_back(token);
    if (tokenizer.DecodeWithTimestamps(current).find("\xef\xbf\xbd") != std::string::npos) continue;
    groups.push_back(current);
    current.clear();
  }
  return groups;
}

TEST(SplitToWordsTest, GroupsOfUndamagedTextAreTheReferences) {
  const auto tokenizer = Tokenizer::Published(51865);
  base::Random random(8);
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (std::uint64_t i = random.Below(20); i > 0; --i) {
      base::AppendUtf8(static_cast<char32_t>(random.Below(random.Below(2) ? 0x3100 : 0x2FFFF)),
                       &text);
    }
    if (text.find("\xef\xbf\xbd") != std::string::npos) continue;
    const Ids tokens = tokenizer->Encode(text);
    std::vector<Ids> groups;
    for (const auto& word : tokenizer->SplitToWords(tokens, "ja")) groups.push_back(word.tokens);
    ASSERT_EQ(groups, ReferenceGroups(*tokenizer, tokens)) << text;
  }
}

TEST(SplitToWordsTest, NoTokenIsLostHoweverDamagedTheText) {
  const auto tokenizer = Tokenizer::Published(51865);
  base::Random random(9);
  for (int round = 0; round < 2000; ++round) {
    Ids tokens(random.Below(20));
    for (TokenId& token : tokens) {
      // Mostly single bytes (ids 0 to 255), which make damaged characters.
      token = static_cast<TokenId>(random.Below(random.Below(3) ? 256 : 52'000)) - 2;
    }
    for (const std::string_view language : {"en", "zh"}) {
      std::string text;
      Ids joined;
      for (const WordTokens& word : tokenizer->SplitToWords(tokens, language)) {
        ASSERT_FALSE(word.tokens.empty());
        text += word.text;
        joined.insert(joined.end(), word.tokens.begin(), word.tokens.end());
      }
      ASSERT_EQ(joined, tokens);
      ASSERT_EQ(text, tokenizer->DecodeWithTimestamps(tokens));
    }
  }
}

std::vector<std::string> Words(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : tokenizer.SplitToWords(tokenizer.Encode(text), "en")) {
    words.push_back(word.text);
  }
  return words;
}

TEST(SplitToWordsTest, SpacesAndRunsOfPunctuationBeginWordsAsInPython) {
  // The reference asks `subword.strip() in string.punctuation`, a test for a substring: it is true
  // of "" and "()" and false of "...".
  const auto tokenizer = Tokenizer::Published(51865);
  using Strings = std::vector<std::string>;
  EXPECT_EQ(Words(*tokenizer, "a\nb"), (Strings{"a", "\nb"}));
  EXPECT_EQ(Words(*tokenizer, "f()"), (Strings{"f", "()"}));
  EXPECT_EQ(Words(*tokenizer, "wait...no"), (Strings{"wait...no"}));
  EXPECT_EQ(Words(*tokenizer, "he said \"hi\"!"), (Strings{"he", " said", " \"hi\"!"}));
  EXPECT_EQ(Words(*tokenizer, "a#$b"), (Strings{"a", "#", "$b"}));
  EXPECT_EQ(Words(*tokenizer, "a\x1c.b"), (Strings{"a", "\x1c", ".b"}));
  EXPECT_EQ(Words(*tokenizer, ""), Strings{});
}

}  // namespace
}  // namespace wt::tokenizer
