// Goal: configuration and vocabulary beside the weights are read exactly, or refused with a reason.
#include "engine/model/readers/side_files.h"

#include <gtest/gtest.h>

#include "engine/model/readers/json.h"
#include "engine/model/tensor_names.h"
#include "engine/model/testing/model.h"

namespace wt::model {
namespace {

using testing::FakeVocabulary;
using testing::SmallDims;

const Dims kEnglish = SmallDims(51864);
const Dims kMultilingual = SmallDims(51865);

TEST(AlphabetTest, EveryByteHasACharacterAndComesBack) {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  const std::string text = ToPrintableAlphabet(all);
  const auto back = FromPrintableAlphabet(text);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, all);
  EXPECT_EQ(ToPrintableAlphabet(" "), "\u0120");
  EXPECT_EQ(ToPrintableAlphabet("\n"), "\u010A");
  EXPECT_EQ(ToPrintableAlphabet("\xAD"), "\u0143");  // The last of the 68.
  EXPECT_EQ(ToPrintableAlphabet("a~\xA1"), "a~\u00A1");
}

TEST(AlphabetTest, OtherCharactersAreRefused) {
  for (const char* bad : {" ", "\n", "\u00AD", "\u0144", "\u4E2D", "\xFF", "a\x80"}) {
    EXPECT_FALSE(FromPrintableAlphabet(bad).ok()) << bad;
  }
  EXPECT_FALSE(FromPrintableAlphabet(std::string(2049, 'a')).ok());
  EXPECT_TRUE(FromPrintableAlphabet(std::string(2048, 'a')).ok());
}

std::string Lines(const std::vector<std::string>& tokens, const char* end = "\n") {
  std::string text;
  for (const std::string& token : tokens) text += ToPrintableAlphabet(token) + end;
  return text;
}

TEST(VocabularyTest, LinesKeepTheEmptyTokenAndDropSpecialOnes) {
  const std::vector<std::string> tokens = FakeVocabulary(kMultilingual);
  ASSERT_EQ(tokens.size(), 50257u);
  const auto read = ReadVocabularyLines(Lines(tokens) + "<|endoftext|>\n", kMultilingual);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(*read == tokens);
  EXPECT_TRUE(*ReadVocabularyLines(Lines(tokens, "\r\n"), kMultilingual) == tokens);
  EXPECT_FALSE(ReadVocabularyLines(Lines(FakeVocabulary(kEnglish)), kMultilingual).ok());
  EXPECT_FALSE(ReadVocabularyLines("", kEnglish).ok());
}

TEST(VocabularyTest, ListAndIdsGiveTheSameTokens) {
  const std::vector<std::string> tokens = FakeVocabulary(kEnglish);
  nlohmann::json list = nlohmann::json::array();
  std::string ids = "{\"<|endoftext|>\": 50256";
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    list.push_back(ToPrintableAlphabet(tokens[i]));
    ids += ", " + nlohmann::json(ToPrintableAlphabet(tokens[i])).dump() + ": " + std::to_string(i);
  }
  const auto from_list = ReadVocabularyList(list.dump(), kEnglish);
  ASSERT_TRUE(from_list.ok()) << from_list.status().message();
  EXPECT_TRUE(*from_list == tokens);
  const auto from_ids = ReadVocabularyIds(ids + "}", kEnglish);
  ASSERT_TRUE(from_ids.ok()) << from_ids.status().message();
  EXPECT_TRUE(*from_ids == tokens);
  // Without the last id, 50256: a multilingual vocabulary has an unused token there.
  EXPECT_TRUE(ReadVocabularyIds(ids.replace(17, 5, "50257") + "}", kMultilingual).ok());
  EXPECT_FALSE(ReadVocabularyIds(ids + ", \"twice\": 5}", kEnglish).ok());
  EXPECT_FALSE(ReadVocabularyIds("{\"a\": 0}", kEnglish).ok());
  list.erase(100);
  EXPECT_FALSE(ReadVocabularyList(list.dump(), kEnglish).ok());
}

TEST(VocabularyTest, OtherJsonIsRefused) {
  for (const char* bad : {"", "[", "7", "{}", "[]", "{\"a\": -1}", "{\"a\": 1.5}", "{\"a\": \"b\"}",
                          "{\"a\": {\"b\": 1}}", "{\"a\": [1]}", "{\"a\": null}", "{\"a\": true}",
                          "{\"a\": 1", "{\"a\": 1} x", "[{\"a\": 1}]"}) {
    EXPECT_FALSE(ReadVocabularyIds(bad, kEnglish).ok()) << bad;
    EXPECT_FALSE(ReadVocabularyList(bad, kEnglish).ok()) << bad;
  }
}

TEST(AlignmentHeadsTest, ListsOfPairsAreRead) {
  const auto heads = ReadAlignmentHeads(R"({"alignment_heads": [[3, 1], [4, 2]], "other": {}})");
  ASSERT_TRUE(heads.ok());
  EXPECT_EQ(*heads, (std::vector<AlignmentHead>{{3, 1}, {4, 2}}));
  EXPECT_TRUE(ReadAlignmentHeads("{}")->empty());
  EXPECT_TRUE(ReadAlignmentHeads(R"({"alignment_heads": null})")->empty());
  for (const char* bad :
       {"[]", "x", R"({"alignment_heads": 7})", R"({"alignment_heads": [7]})",
        R"({"alignment_heads": [[1]]})", R"({"alignment_heads": [[1, -2]]})",
        R"({"alignment_heads": [[1, 2.5]]})", R"({"alignment_heads": [[1, 4294967296]]})",
        R"({"alignment_heads": [[1, 2, 3]]})", R"({"alignment_heads": {"a": 1}})"}) {
    EXPECT_EQ(ReadAlignmentHeads(bad).status().code(), StatusCode::kDataCorrupt) << bad;
  }
}

TEST(HuggingFaceConfigTest, DimensionsMustBeThoseOfTheTensors) {
  EXPECT_TRUE(CheckHuggingFaceConfig(R"({"d_model": 64, "vocab_size": 51864})", kEnglish).ok());
  EXPECT_TRUE(CheckHuggingFaceConfig("{}", kEnglish).ok());
  for (const char* bad : {R"({"d_model": 65})", R"({"vocab_size": "51864"})",
                          R"({"decoder_layers": 18446744073709551615})", R"({"num_mel_bins": -80})",
                          R"({"encoder_ffn_dim": 64})", "[]"}) {
    EXPECT_EQ(CheckHuggingFaceConfig(bad, kEnglish).code(), StatusCode::kDataCorrupt) << bad;
  }
}

TEST(JsonTest, LimitsHoldAtTheirValue) {
  const JsonLimits limits = {.depth_max = 3, .marks_max = 6};
  EXPECT_TRUE(ParseJson("[[[]]]", limits).ok());
  EXPECT_FALSE(ParseJson("[[[[]]]]", limits).ok());
  EXPECT_TRUE(ParseJson("[1,2,3,4,5,6]", limits).ok());
  EXPECT_FALSE(ParseJson("[1,2,3,4,5,6,7]", limits).ok());
  EXPECT_TRUE(ParseJson(R"(["[[[[[[,,,,,,,:\"[[[["])", limits).ok());  // Inside a string.
}

TEST(JsonTest, TwofoldKeysAreRefusedAtAnyDepth) {
  EXPECT_FALSE(ParseJson(R"({"a": 1, "a": 2})").ok());
  EXPECT_FALSE(ParseJson(R"({"b": {"a": 1, "a": 2}})").ok());
  EXPECT_FALSE(ParseJson(R"([{"b": 1}, {"a": [], "b": 2, "a": 2}])").ok());
  EXPECT_TRUE(ParseJson(R"([{"a": 1}, {"a": {"a": 2}}])").ok());
}

}  // namespace
}  // namespace wt::model
