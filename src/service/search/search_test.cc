#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/search/query.h"
#include "service/search/tokens.h"

namespace wt::search {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<Tokenizer> MakeTokenizer() { return std::move(Tokenizer::Create()).value(); }

TEST(TokenizerTest, FoldsCaseWidthAndDiacritics) {
  EXPECT_EQ(MakeTokenizer()->Join("Größe, CAFÉ  don't ２０２４ ﬁn"), " grosse cafe dont 2024 fin ");
  EXPECT_EQ(MakeTokenizer()->Join("my_talk-2.mp3 U.S."), " my talk 2 mp3 u s ");
  EXPECT_EQ(MakeTokenizer()->Join("... --- !"), "");
  // Vowels of other scripts are no diacritics.
  EXPECT_EQ(MakeTokenizer()->Join("नमस्ते"), " नमस्ते ");
}

TEST(TokenizerTest, HanAndKanaAreCharactersAndThaiIsWords) {
  EXPECT_EQ(MakeTokenizer()->Join("東京都にWhisper"), " 東 京 都 に whisper ");
  const auto tokenizer = MakeTokenizer();
  std::vector<std::string> words;
  for (const Token& token : tokenizer->Split("ภาษาไทยง่าย")) words.push_back(token.text);
  EXPECT_THAT(words, ElementsAre("ภาษา", "ไทย", "ง่าย"));
}

TEST(TokenizerTest, SaysWhereAWordStands) {
  const std::string text = " Ä水 word";
  const std::vector<Token> tokens = MakeTokenizer()->Split(text);
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(text.substr(tokens[1].begin, tokens[1].end - tokens[1].begin), "水");
  EXPECT_EQ(text.substr(tokens[2].begin, tokens[2].end - tokens[2].begin), "word");
}

std::string Expression(std::string_view text) {
  const auto tokenizer = MakeTokenizer();
  const Result<Query> query = ParseQuery(text, tokenizer.get());
  return query.ok() ? query->expression : "error";
}

TEST(QueryTest, OnlyFoldedWordsReachTheExpression) {
  EXPECT_EQ(Expression("Budget plan"), R"((("budget" AND "plan"*)))");
  EXPECT_EQ(Expression("\"next Year\" -draft"), R"((("next year") NOT ("draft"*)))");
  EXPECT_EQ(Expression("a NOT b"), R"((("a") NOT ("b"*)))");
  EXPECT_EQ(Expression("a OR pla* b"), R"((("a")) OR (("pla"* AND "b"*)))");
  EXPECT_EQ(Expression("水を"), R"((("水 を"*)))");
  EXPECT_EQ(Expression("title:x\") OR (owner:*"), R"((("title x")) OR (("owner"*)))");
  for (const char* nothing : {"", "   ", "%", "\"\"", "-word", "OR", "NOT", "***"}) {
    EXPECT_EQ(Expression(nothing), "error") << nothing;
  }
  EXPECT_EQ(Expression(std::string(501, 'a')), "error");
  std::string many;
  for (int i = 0; i < 33; ++i) many += "a ";
  EXPECT_EQ(Expression(many), "error");
}

}  // namespace
}  // namespace wt::search
