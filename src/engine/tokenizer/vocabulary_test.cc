#include "engine/tokenizer/vocabulary.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "engine/tokenizer/published_vocabulary.h"

namespace wt::tokenizer {
namespace {

std::vector<std::string> SingleBytes() {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  return tokens;
}

Result<Vocabulary> Create(const std::vector<std::string>& tokens) {
  return Vocabulary::Create({tokens.begin(), tokens.end()});
}

void ExpectCorrupt(const std::vector<std::string>& tokens, std::string_view reason) {
  const auto vocabulary = Create(tokens);
  ASSERT_FALSE(vocabulary.ok());
  EXPECT_EQ(vocabulary.status().code(), StatusCode::kDataCorrupt);
  EXPECT_NE(vocabulary.status().message().find(reason), std::string::npos)
      << vocabulary.status().message();
}

TEST(VocabularyTest, EveryPublishedTokenIsFoundByItsBytes) {
  for (const auto which : {PublishedVocabulary::kEnglish, PublishedVocabulary::kMultilingual}) {
    const auto vocabulary = LoadPublished(which);
    for (TokenId id = 0; id < 50'256; ++id) {
      ASSERT_EQ(vocabulary->Find(vocabulary->Bytes(id)), id);
    }
    EXPECT_EQ(vocabulary->Find("no such token"), Vocabulary::kNone);
    EXPECT_EQ(vocabulary->Find(""), Vocabulary::kNone);
    EXPECT_EQ(vocabulary->Find(std::string(1000, ' ')), Vocabulary::kNone);
  }
}

TEST(VocabularyTest, OneEmptyTokenIsAllowedAndASecondIsNot) {
  auto tokens = SingleBytes();
  tokens.emplace_back("");
  const auto vocabulary = Create(tokens);
  ASSERT_TRUE(vocabulary.ok());
  EXPECT_EQ(vocabulary->Bytes(256), "");
  EXPECT_EQ(vocabulary->Find(""), Vocabulary::kNone);
  tokens.emplace_back("");
  ExpectCorrupt(tokens, "token 257 is a second empty token");
}

TEST(VocabularyTest, DuplicatesAreRefused) {
  auto tokens = SingleBytes();
  tokens.emplace_back("ab");
  EXPECT_TRUE(Create(tokens).ok());
  tokens.emplace_back("ab");
  ExpectCorrupt(tokens, "token 257 equals token 256");
}

TEST(VocabularyTest, EveryByteMustBeAToken) {
  for (const std::size_t missing : {std::size_t{0}, std::size_t{97}, std::size_t{255}}) {
    auto tokens = SingleBytes();
    tokens[missing] = "xx";
    ExpectCorrupt(tokens, "no token for byte " + std::to_string(missing));
  }
  ExpectCorrupt({}, "no token for byte 0");
}

TEST(VocabularyTest, TokenLengthHasAMaximum) {
  auto tokens = SingleBytes();
  tokens.emplace_back(base::kTokenBytesMax, 'x');
  EXPECT_TRUE(Create(tokens).ok());
  tokens.back() += 'x';
  ExpectCorrupt(tokens, "token 256 is too long");
}

TEST(VocabularyTest, TokenCountHasAMaximum) {
  auto tokens = SingleBytes();
  for (int i = 256; i < base::kVocabularyTokensMax; ++i) {
    tokens.push_back("t" + std::to_string(i));
  }
  EXPECT_TRUE(Create(tokens).ok());
  tokens.emplace_back("one more");
  ExpectCorrupt(tokens, "too many");
}

TEST(VocabularyTest, TokensMadeToCollideAreRefused) {
  // Method: 300 tokens of the 1 in 2048 whose search begins at one place of the 2048.
  auto tokens = SingleBytes();
  for (int i = 0; tokens.size() < 256 + 300; ++i) {
    const std::string token = "x" + std::to_string(i);
    if (Vocabulary::Hash(token) % 2048 == 77) tokens.push_back(token);
  }
  ExpectCorrupt(tokens, "too many with one hash value");
}

std::vector<unsigned char> Gzip(std::string text) {
  std::vector<unsigned char> out(text.size() + 1000);
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<unsigned char*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(TiktokenFileTest, DamagedFilesAreRefused) {
  for (const std::string text : {"IQ==", "IQ== 1\n", "IQ== 0x\n", "I*== 0\n", "IQ== \n", "\n"}) {
    const auto vocabulary = ReadTiktoken(Gzip(text));
    EXPECT_FALSE(vocabulary.ok()) << text;
    EXPECT_EQ(vocabulary.status().code(), StatusCode::kDataCorrupt);
    EXPECT_NE(vocabulary.status().message().find("tiktoken file"), std::string::npos) << text;
  }
  auto bytes = Gzip("IQ== 0\n");
  bytes.resize(bytes.size() - 9);
  EXPECT_FALSE(ReadTiktoken(bytes).ok());
  EXPECT_FALSE(ReadTiktoken({}).ok());
}

TEST(TiktokenFileTest, FilesThatUnpackToMoreThanTheMaximumAreRefused) {
  const auto vocabulary = ReadTiktoken(Gzip(std::string(2u << 20, ' ')));
  ASSERT_FALSE(vocabulary.ok());
  EXPECT_NE(vocabulary.status().message().find("cannot be unpacked"), std::string::npos);
}

}  // namespace
}  // namespace wt::tokenizer
