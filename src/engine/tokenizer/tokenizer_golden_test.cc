// Goal: the tokenizer equals openai-whisper's in everything that the reference files hold.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/tokenizer/tokenizer.h"

#define WT_READ_REFERENCE_OR_SKIP(variable, name)                        \
  const auto variable##_file = ReadReference(name);                      \
  if (!variable##_file) GTEST_SKIP() << "no reference data: " << (name); \
  const nlohmann::json& variable = *variable##_file

namespace wt::tokenizer {
namespace {

// $WT_SHARED_DIR/reference/NAME, by default beside the source tree; nothing where it is absent.
std::optional<nlohmann::json> ReadReference(const std::string& name) {
  const char* const shared = std::getenv("WT_SHARED_DIR");
  const std::filesystem::path source_root =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  const std::filesystem::path folder =
      shared != nullptr ? std::filesystem::path(shared) : source_root.parent_path() / "shared";
  std::ifstream file(folder / "reference" / name);
  if (!file) return std::nullopt;
  return nlohmann::json::parse(file);
}

// A published vocabulary by the name that the reference files give it.
std::shared_ptr<const Tokenizer> ByReferenceName(const std::string& name) {
  return Tokenizer::Published(name == "english" ? 51864 : name == "multilingual" ? 51865 : 51866);
}

using Ids = std::vector<TokenId>;

TEST(TokenizerGoldenTest, TextsHaveTheReferencesTokensInBothVocabularies) {
  WT_READ_REFERENCE_OR_SKIP(reference, "tokenizer.json");
  ASSERT_EQ(reference["encode"].size(), reference["count"].get<std::size_t>());
  for (const auto& entry : reference["encode"]) {
    const auto text = entry["text"].get<std::string>();
    for (const std::string vocabulary : {"multilingual", "english"}) {
      const auto tokenizer = ByReferenceName(vocabulary);
      EXPECT_EQ(tokenizer->Encode(text), entry[vocabulary].get<Ids>())
          << vocabulary << ": " << text;
      EXPECT_EQ(tokenizer->Decode(entry[vocabulary].get<Ids>()), text) << vocabulary;
    }
  }
}

TEST(TokenizerGoldenTest, SpecialTokensInTextStayText) {
  WT_READ_REFERENCE_OR_SKIP(reference, "tokenizer.json");
  for (const auto& entry : reference["special"]) {
    const auto text = entry["text"].get<std::string>();
    EXPECT_EQ(ByReferenceName("multilingual")->Encode(text), entry["as_plain_text"].get<Ids>());
    for (const std::string vocabulary : {"multilingual", "english", "large_v3"}) {
      EXPECT_EQ(ByReferenceName(vocabulary)->DecodeWithTimestamps(entry[vocabulary].get<Ids>()),
                text)
          << vocabulary;
    }
  }
}

TEST(TokenizerGoldenTest, TokensDecodeToTheReferencesText) {
  WT_READ_REFERENCE_OR_SKIP(reference, "tokenizer.json");
  const auto tokenizer = ByReferenceName("multilingual");
  for (const auto& entry : reference["decode"]) {
    const auto ids = entry["ids"].get<Ids>();
    EXPECT_EQ(tokenizer->Decode(ids), entry["decode"].get<std::string>()) << entry["ids"];
    EXPECT_EQ(tokenizer->DecodeWithTimestamps(ids),
              entry["decode_with_timestamps"].get<std::string>());
  }
}

TEST(TokenizerGoldenTest, WordsAreTheReferences) {
  WT_READ_REFERENCE_OR_SKIP(reference, "tokenizer.json");
  const auto tokenizer = ByReferenceName("multilingual");
  for (const auto& entry : reference["split_to_word_tokens"]) {
    std::vector<std::string> texts;
    std::vector<Ids> tokens;
    for (const WordTokens& word : tokenizer->SplitToWords(entry["tokens"].get<Ids>(),
                                                          entry["language"].get<std::string>())) {
      texts.push_back(word.text);
      tokens.push_back(word.tokens);
    }
    EXPECT_EQ(texts, entry["words"].get<std::vector<std::string>>()) << entry["text"];
    EXPECT_EQ(tokens, entry["word_tokens"].get<std::vector<Ids>>()) << entry["text"];
  }
}

TEST(TokenizerGoldenTest, LanguagesAreTheReferences) {
  WT_READ_REFERENCE_OR_SKIP(reference, "constants.json");
  const auto& languages = reference["languages"];
  ASSERT_EQ(LanguageCodes().size(), languages.size());
  for (std::size_t i = 0; i < languages.size(); ++i) {
    EXPECT_EQ(LanguageCodes()[i], languages[i][0].get<std::string>());
    EXPECT_EQ(LanguageName(LanguageCodes()[i]), languages[i][1].get<std::string>());
  }
  for (const auto& [name, code] : reference["language_aliases"].items()) {
    EXPECT_EQ(FindLanguage(name), code.get<std::string>()) << name;
  }
}

TEST(TokenizerGoldenTest, SpecialIdsAndFixedListsAreTheReferences) {
  WT_READ_REFERENCE_OR_SKIP(reference, "constants.json");
  for (const auto& [name, constants] : reference["vocabularies"].items()) {
    const auto tokenizer = ByReferenceName(name);
    const SpecialTokens& special = tokenizer->special();
    EXPECT_EQ(special.n_vocab, constants["n_vocab"].get<int>());
    EXPECT_EQ(special.eot, constants["normal_tokens"].get<int>());
    EXPECT_EQ(special.language_count, constants["num_languages"].get<int>());
    EXPECT_EQ(special.timestamp_begin, constants["timestamp_begin"].get<int>());
    EXPECT_EQ(special.n_vocab - 1, constants["timestamp_end"].get<int>());
    for (const auto& [text, id] : constants["special"].items()) {
      EXPECT_EQ(tokenizer->Decode(Ids{id.get<TokenId>()}), text);
    }
    EXPECT_EQ(tokenizer->StartSequence("en", SpeechTask::kTranscribe, /*timestamps=*/true),
              constants["sot_sequence_transcribe_en"].get<Ids>());
    EXPECT_EQ(tokenizer->NonSpeechTokens(), constants["non_speech_tokens"].get<Ids>());
    EXPECT_EQ(tokenizer->SuppressedTokens(Ids{-1}),
              constants["suppress_tokens_minus_1"].get<Ids>());
    EXPECT_EQ(tokenizer->BlankTokens(), constants["suppress_blank"].get<Ids>());
  }
}

}  // namespace
}  // namespace wt::tokenizer
