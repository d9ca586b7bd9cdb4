// The aligner against what openai-whisper 20250625 did on real audio (reference/words.json).
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/align/word_alignment.h"
#include "engine/align/word_times.h"
#include "tests/support/npy.h"

namespace wt::align {
namespace {

using Json = nlohmann::json;

class AlignGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    shared_ = testing_support::SharedDir();
    if (shared_.empty()) GTEST_SKIP() << "no reference data";
    words_ = Json::parse(std::ifstream(shared_ + "/reference/words.json"));
  }

  std::string shared_;
  Json words_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_ = tokenizer::Tokenizer::Published(51865);
};

TEST_F(AlignGoldenTest, ThePathThroughTheReferencesMatrixIsTheReferences) {
  const Json& aligner = words_["jfk-inaugural"]["aligner"];
  const auto matrix = testing_support::ReadNpy<float>(shared_ + "/reference/" +
                                                      aligner["matrix"].get<std::string>());
  ASSERT_TRUE(matrix.has_value());
  std::vector<float> cost = matrix->data;
  for (float& value : cost) value = -value;
  const AlignmentPath path =
      DynamicTimeWarp(cost, static_cast<int>(matrix->shape[0]), static_cast<int>(matrix->shape[1]));
  const auto rows = aligner["text_indices"].get<std::vector<int>>();
  const auto columns = aligner["time_indices"].get<std::vector<int>>();
  ASSERT_EQ(path.size(), rows.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    ASSERT_EQ(path[i], std::pair(rows[i], columns[i])) << i;
  }
}

TEST_F(AlignGoldenTest, WordsOnTheReferencesPathHaveItsTimesAndProbabilities) {
  const Json& aligner = words_["jfk-inaugural"]["aligner"];
  AlignmentPath path;
  for (std::size_t i = 0; i < aligner["text_indices"].size(); ++i) {
    path.emplace_back(aligner["text_indices"][i].get<int>(), aligner["time_indices"][i].get<int>());
  }
  const auto tokens = aligner["text_tokens"].get<std::vector<TokenId>>();
  std::vector<float> probabilities;
  for (const Json& word : aligner["words"]) {
    ASSERT_EQ(word["tokens"].size(), 1u);  // So that a word's probability is a token's.
    probabilities.push_back(word["probability"].get<float>());
  }
  const auto words = WordsOnPath(*tokenizer_, "en", tokens, path, probabilities);
  ASSERT_EQ(words.size(), aligner["words"].size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Json& expected = aligner["words"][i];
    EXPECT_EQ(words[i].text, expected["word"].get<std::string>());
    EXPECT_EQ(words[i].tokens, expected["tokens"].get<std::vector<TokenId>>());
    EXPECT_NEAR(words[i].start_s, expected["start"].get<double>(), 1e-9);
    EXPECT_NEAR(words[i].end_s, expected["end"].get<double>(), 1e-9);
    EXPECT_NEAR(words[i].probability, expected["probability"].get<double>(), 1e-6);
  }
}

/// The texts of the words of one window's recorded segments, made from their tokens.
void ExpectWordTexts(const tokenizer::Tokenizer& tokenizer, const std::string& language,
                     std::span<const Json> recorded) {
  const TokenId eot = tokenizer.special().eot;
  std::vector<SegmentWords> segments;
  for (const Json& segment : recorded) {
    segments.push_back({.tokens = segment["tokens"].get<std::vector<TokenId>>()});
  }
  std::vector<TimedWord> alignment;
  double at = 0;
  for (const auto& word : tokenizer.SplitToWords(TextTokens(segments, eot), language)) {
    alignment.push_back(
        {.text = word.text, .tokens = word.tokens, .start_s = at, .end_s = at + 0.2});
    at += 0.2;
  }
  const WordOptions options;
  AddWordTimes({.alignment = std::move(alignment), .options = &options, .eot = eot}, &segments);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    ASSERT_EQ(segments[i].words.size(), recorded[i]["words"].size());
    for (std::size_t w = 0; w < segments[i].words.size(); ++w) {
      EXPECT_EQ(segments[i].words[w].text, recorded[i]["words"][w]["word"].get<std::string>());
    }
  }
}

TEST_F(AlignGoldenTest, WordsAndPunctuationOfAllClipsAreTheReferences) {
  int windows = 0;
  for (const auto& [clip, runs] : words_.items()) {
    SCOPED_TRACE(clip);
    const Json& run = runs["openai"];
    const std::vector<Json> segments(run["segments"].begin(), run["segments"].end());
    for (std::size_t begin = 0, end = 0; begin < segments.size(); begin = end) {
      while (end < segments.size() && segments[end]["seek"] == segments[begin]["seek"]) ++end;
      ExpectWordTexts(*tokenizer_, run["language"].get<std::string>(),
                      std::span(segments).subspan(begin, end - begin));
      ++windows;
    }
  }
  EXPECT_GE(windows, 6);
}

}  // namespace
}  // namespace wt::align
