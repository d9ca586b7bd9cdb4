// Goal: what is written is what ggml, CTranslate2 and transformers expect.
// Method: golden blocks from ggml itself, golden mel filters, and the structure of JSON files. That
// whole files are readable is shown by readers_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "engine/model/ggml_blocks.h"
#include "engine/model/testing/files.h"
#include "engine/model/testing/model.h"
#include "engine/model/writers/mel_filters.h"
#include "engine/model/writers/merges.h"
#include "engine/model/writers/model_writer.h"

namespace wt::model {
namespace {

using nlohmann::json;
using testing::FakeFacts;
using testing::RandomModel;
using testing::ReadFile;
using testing::SmallDims;
using testing::TemporaryDirectory;

std::string Reference(const std::string& name) {
  const char* shared = std::getenv("WT_SHARED_DIR");
  return std::string(shared != nullptr ? shared : "../shared") + "/reference/" + name;
}

std::string Hex(std::span<const std::byte> bytes) {
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += "0123456789abcdef"[static_cast<int>(byte) >> 4];
    hex += "0123456789abcdef"[static_cast<int>(byte) & 15];
  }
  return hex;
}

const std::map<std::string, TensorType> kBlockTypes = {{"q4_0", TensorType::kQ4_0},
                                                       {"q4_1", TensorType::kQ4_1},
                                                       {"q5_0", TensorType::kQ5_0},
                                                       {"q5_1", TensorType::kQ5_1},
                                                       {"q8_0", TensorType::kQ8_0}};

TEST(GgmlBlocksTest, BytesAndValuesAreThoseOfGgml) {
  const json blocks = json::parse(ReadFile(Reference("ggml_blocks.json")), nullptr, false);
  if (blocks.is_discarded()) GTEST_SKIP() << "no reference data";
  ASSERT_EQ(blocks.size(), 6u);
  for (const json& block : blocks) {
    const auto input = block["input"].get<std::vector<float>>();
    for (const auto& [name, type] : kBlockTypes) {
      const std::string where = block["name"].get<std::string>() + " " + name;
      std::vector<std::byte> bytes(static_cast<std::size_t>(BlockBytes(type)));
      QuantizeBlocks(type, input, bytes);
      EXPECT_EQ(Hex(bytes), block["types"][name]["bytes"].get<std::string>()) << where;
      std::vector<float> values(32);
      DequantizeBlocks(type, bytes, values);
      // The reference's values are printed with nine digits, which tells float32 apart.
      EXPECT_EQ(values, block["types"][name]["values"].get<std::vector<float>>()) << where;
    }
  }
}

TEST(GgmlBlocksTest, NoNumberIsUndefined) {
  // Infinities, NaN and denormals must not trap, whatever they become.
  std::vector<float> input(32, 1.0f);
  input[0] = INFINITY;
  input[1] = NAN;
  input[2] = -INFINITY;
  input[3] = 1e-45f;
  for (const auto& [name, type] : kBlockTypes) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(BlockBytes(type)));
    QuantizeBlocks(type, input, bytes);
    QuantizeBlocks(type, std::vector<float>(32, 1e-44f), bytes);
    std::vector<float> values(32);
    DequantizeBlocks(type, bytes, values);
  }
}

TEST(GgmlMelFiltersTest, AreBitEqualToTheReference) {
  for (const int n_mels : {80, 128}) {
    const std::string npy =
        ReadFile(Reference("vocab/mel_filters_" + std::to_string(n_mels) + ".npy"));
    if (npy.empty()) GTEST_SKIP() << "no reference data";
    const std::vector<float> filters = GgmlMelFilters(n_mels);
    const std::size_t bytes = filters.size() * sizeof(float);
    ASSERT_EQ(filters.size(), static_cast<std::size_t>(n_mels) * 201);
    ASSERT_GT(npy.size(), bytes);
    EXPECT_EQ(std::memcmp(npy.data() + npy.size() - bytes, filters.data(), bytes), 0) << n_mels;
  }
}

TEST(MergesTest, FollowTheOrderOfIds) {
  using Merges = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(MergesOf(std::vector<std::string>{"a", "b", "c", "ab", "bc", "abc"}),
            (Merges{{"a", "b"}, {"b", "c"}, {"ab", "c"}}));
  EXPECT_EQ(MergesOf(std::vector<std::string>{"a", "b", "c", "bc", "ab", "abc"}),
            (Merges{{"b", "c"}, {"a", "b"}, {"a", "bc"}}));
  // Without a way to make it of two earlier tokens there is no merge.
  EXPECT_EQ(MergesOf(std::vector<std::string>{"a", "b", "c", "abc", ""}), Merges());
  EXPECT_EQ(MergesOf(std::vector<std::string>{"a", "aa", "aaaa"}),
            (Merges{{"a", "a"}, {"aa", "aa"}}));
}

json ReadJson(const std::string& path) { return json::parse(ReadFile(path), nullptr, false); }

TEST(WritersTest, Ct2DirectoryHasConfigurationAndAllTokens) {
  for (const int n_vocab : {51864, 51865, 51866}) {
    const TemporaryDirectory dir;
    const auto model = RandomModel(SmallDims(n_vocab));
    ASSERT_TRUE(ConvertModel(*model, FakeFacts(), "ct2", "int8", dir / "m").ok());
    const json config = ReadJson(dir / "m/config.json");
    const int sot = n_vocab == 51864 ? 50257 : 50258;
    EXPECT_EQ(config["lang_ids"].size(), n_vocab == 51866 ? 100u : 99u);
    EXPECT_EQ(config["lang_ids"][0], sot + 1);
    EXPECT_EQ(config["suppress_ids"], json({1, 2, 7}));
    EXPECT_EQ(config["suppress_ids_begin"], json({32, sot - 1}));
    EXPECT_EQ(config["alignment_heads"], json::parse("[[0, 0]]"));
    const json vocabulary = ReadJson(dir / "m/vocabulary.json");
    ASSERT_EQ(vocabulary.size(), static_cast<std::size_t>(n_vocab));
    EXPECT_EQ(vocabulary[static_cast<std::size_t>(sot)], "<|startoftranscript|>");
    EXPECT_EQ(vocabulary[static_cast<std::size_t>(n_vocab - 1)], "<|30.00|>");
    EXPECT_EQ(vocabulary[static_cast<std::size_t>(n_vocab - 1501)], "<|0.00|>");
    EXPECT_EQ(vocabulary[static_cast<std::size_t>(n_vocab - 1500)], "<|0.02|>");
    EXPECT_EQ(ReadJson(dir / "m/preprocessor_config.json")["feature_size"],
              n_vocab == 51866 ? 128 : 80);
  }
}

TEST(WritersTest, HuggingFaceDirectoryHasTheFilesOfItsLoaders) {
  const TemporaryDirectory dir;
  const auto model = RandomModel(SmallDims(51865));
  ASSERT_TRUE(ConvertModel(*model, FakeFacts(), "safetensors", "f16", dir / "m").ok());
  const json config = ReadJson(dir / "m/config.json");
  EXPECT_EQ(config["vocab_size"], 51865);
  EXPECT_EQ(config["encoder_ffn_dim"], 256);
  EXPECT_EQ(config["torch_dtype"], "float16");
  const json generation = ReadJson(dir / "m/generation_config.json");
  EXPECT_EQ(generation["no_timestamps_token_id"], 50363);
  EXPECT_EQ(generation["task_to_id"], json::parse(R"({"transcribe": 50359, "translate": 50358})"));
  EXPECT_EQ(generation["lang_to_id"]["<|en|>"], 50259);
  EXPECT_EQ(generation["begin_suppress_tokens"], json({32, 50257}));
  const json tokenizer = ReadJson(dir / "m/tokenizer.json");
  EXPECT_EQ(tokenizer["added_tokens"].size(), 51865u - 50257u);
  EXPECT_EQ(tokenizer["added_tokens"][105]["content"], "<|nocaptions|>");
  EXPECT_EQ(tokenizer["model"]["vocab"].size(), 50258u);
  EXPECT_EQ(tokenizer["model"]["merges"][0], "1 0");  // Of "10", the first token of two bytes.
  const std::string merges = ReadFile(dir / "m/merges.txt");
  EXPECT_TRUE(merges.starts_with("#version: 0.2\n1 0\n1 1\n"));
  EXPECT_EQ(ReadJson(dir / "m/added_tokens.json")["<|30.00|>"], 51864);
  EXPECT_EQ(ReadJson(dir / "m/vocab.json")["<|endoftext|>"], 50257);
  for (const char* name : {"special_tokens_map.json", "tokenizer_config.json",
                           "preprocessor_config.json", "vocab.json"}) {
    EXPECT_TRUE(ReadJson((dir / "m/") + name).is_object()) << name;
  }
}

TEST(WritersTest, SafetensorsHeaderIsPaddedToEight) {
  const TemporaryDirectory dir;
  ASSERT_TRUE(ConvertModel(*RandomModel(), FakeFacts(), "safetensors", "f32", dir / "m").ok());
  const std::string bytes = ReadFile(dir / "m/model.safetensors");
  std::uint64_t header;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  const json parsed = json::parse(bytes.substr(8, header));
  EXPECT_EQ(parsed["__metadata__"]["format"], "pt");
  EXPECT_EQ(parsed["model.encoder.conv1.weight"]["shape"], json({64, 80, 3}));
}

TEST(WritersTest, UnknownFormatsAndMissingFactsAreRefused) {
  const TemporaryDirectory dir;
  const auto model = RandomModel();
  const auto refuse = [&](const char* format, const char* type, const TokenizerFacts& facts) {
    const Status status = ConvertModel(*model, facts, format, type, dir / "m");
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
    return status;
  };
  EXPECT_EQ(refuse("gguf", "f16", FakeFacts()).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(refuse("ggml", "int8", FakeFacts()).code(), StatusCode::kInvalidArgument);
  EXPECT_NE(refuse("ct2", "q8_0", FakeFacts()).message().find("ct2: f32 f16 int8"),
            std::string::npos);
  TokenizerFacts facts = FakeFacts();
  const std::vector<std::string> few = {"a"};
  facts.vocabulary = few;
  EXPECT_EQ(refuse("ggml", "f16", facts).code(), StatusCode::kInvalidArgument);
  facts = FakeFacts();
  facts.language_codes = facts.language_codes.first(98);
  EXPECT_EQ(refuse("ct2", "f16", facts).code(), StatusCode::kInvalidArgument);
}

TEST(WritersTest, NumbersBeyondHalfPrecisionAreRefusedByName) {
  WeightMap::Parts parts = testing::ZeroParts(SmallDims());
  const std::string name = "decoder.blocks.0.mlp.2.weight";
  std::vector<float> large(256 * 64, 1.0f);
  large[77] = 65'519.0f;
  parts.tensors[name].type = TensorType::kF32;
  parts.tensors[name].data = std::as_bytes(std::span<const float>(large));
  parts.vocabulary = testing::FakeVocabulary(SmallDims());
  const auto map = WeightMap::Validate(std::move(parts));
  ASSERT_TRUE(map.ok());
  const TemporaryDirectory dir;
  EXPECT_TRUE(ConvertModel(**map, FakeFacts(), "ggml", "f16", dir / "fits").ok());
  large[77] = -65'520.0f;
  const Status status = ConvertModel(**map, FakeFacts(), "ggml", "f16", dir / "m");
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find(name), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(dir / "m"));
}

}  // namespace
}  // namespace wt::model
