// Goal: what a path holds is told by content, errors name the file, and nothing else is opened.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>

#include "engine/model/packed_cache.h"
#include "engine/model/testing/checkpoint.h"
#include "engine/model/testing/files.h"
#include "engine/model/testing/model.h"
#include "engine/model/verify.h"
#include "engine/model/weight_map.h"
#include "engine/model/writers/model_writer.h"

namespace wt::model {
namespace {

using testing::FakeFacts;
using testing::RandomModel;
using testing::ReadFile;
using testing::TemporaryDirectory;
using testing::WriteFile;

void ExpectError(const std::string& path, StatusCode code, const std::string& text) {
  const auto model = OpenModel(path);
  ASSERT_FALSE(model.ok()) << text;
  EXPECT_EQ(model.status().code(), code) << model.status().message();
  EXPECT_NE(model.status().message().find(text), std::string::npos) << model.status().message();
  EXPECT_NE(model.status().message().find(path), std::string::npos) << model.status().message();
}

TEST(OpenModelTest, WhatIsNoModelIsNamed) {
  const TemporaryDirectory dir;
  ExpectError(dir / "missing", StatusCode::kNotFound, "No such file");
  ExpectError(dir.path(), StatusCode::kNotFound, "neither model.bin");
  const std::pair<const char*, const char*> files[] = {
      {"GGUF....", "gguf"},
      {"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
      {"\x80\x02\x8a\x0al\xfc\x9c", "older than torch 1.6"},
      {"<!DOCTYPE html>", "web page"},
      {"hello", "no model in a known format"}};
  for (const auto& [bytes, reason] : files) {
    WriteFile(dir / "file", bytes);
    ExpectError(dir / "file", StatusCode::kUnsupported, reason);
  }
  WriteFile(dir / "file", "");
  ExpectError(dir / "file", StatusCode::kDataCorrupt, "is empty");
  WriteFile(dir / "file", "PK\x03\x04");
  ExpectError(dir / "file", StatusCode::kDataCorrupt, "archive");
  WriteFile(dir / "file", "lmgg");
  ExpectError(dir / "file", StatusCode::kDataCorrupt, "header");
}

TEST(OpenModelTest, PipesAreRefusedWithoutWaiting) {
  const TemporaryDirectory dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  ExpectError(dir / "pipe", StatusCode::kInvalidArgument, "not a regular file");
  ASSERT_TRUE(ConvertModel(*RandomModel(), FakeFacts(), "ct2", "f16", dir / "m").ok());
  std::filesystem::remove(dir / "m/config.json");
  ASSERT_EQ(::mkfifo((dir / "m/config.json").c_str(), 0600), 0);
  ExpectError(dir / "m", StatusCode::kInvalidArgument, "config.json: is not a regular file");
}

TEST(OpenModelTest, Ct2DirectoryTakesHeadsAndVocabularyFromItsFiles) {
  const TemporaryDirectory dir;
  const auto model = RandomModel();
  ASSERT_TRUE(ConvertModel(*model, FakeFacts(), "ct2", "f16", dir / "m").ok());
  for (const std::string& path : {dir / "m", dir / "m/model.bin", (dir / "m") + "/"}) {
    const auto opened = OpenModel(path);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    EXPECT_EQ((*opened)->vocabulary().size(), 50256u) << path;
    EXPECT_EQ((*opened)->alignment_heads(), (std::vector<AlignmentHead>{{0, 0}}));
  }
  std::filesystem::remove(dir / "m/vocabulary.json");
  std::filesystem::remove(dir / "m/config.json");
  const auto bare = OpenModel(dir / "m");
  ASSERT_TRUE(bare.ok()) << bare.status().message();
  EXPECT_TRUE((*bare)->vocabulary().empty());
  WriteFile(dir / "m/config.json", "{");
  ExpectError(dir / "m", StatusCode::kDataCorrupt, "config.json: is not valid JSON");
  std::filesystem::remove(dir / "m/config.json");
  WriteFile(dir / "m/vocabulary.txt", "a\nb\n");
  ExpectError(dir / "m", StatusCode::kDataCorrupt, "vocabulary.txt: has 2 tokens");
}

TEST(OpenModelTest, HuggingFaceConfigurationMustAgree) {
  const TemporaryDirectory dir;
  ASSERT_TRUE(ConvertModel(*RandomModel(), FakeFacts(), "safetensors", "f16", dir / "m").ok());
  ASSERT_TRUE(OpenModel(dir / "m/model.safetensors").ok());
  WriteFile(dir / "m/config.json", R"({"d_model": 128})");
  ExpectError(dir / "m", StatusCode::kDataCorrupt, "config.json: d_model is 128");
  WriteFile(dir / "m/config.json", "{}");
  WriteFile(dir / "m/vocab.json", R"({"a": 7})");
  ExpectError(dir / "m", StatusCode::kDataCorrupt, "vocab.json: no token has the id 0");
}

TEST(OpenModelTest, IdentityChangesWithTheFileAndTheHashIsRemembered) {
  const TemporaryDirectory dir;
  ASSERT_TRUE(ConvertModel(*RandomModel(), FakeFacts(), "ggml", "f16", dir / "m").ok());
  const auto first = OpenModel(dir / "m");
  const auto second = OpenModel(dir / "m");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE((*first)->source_identity().empty());
  EXPECT_EQ((*first)->source_identity(), (*second)->source_identity());
  const std::string cache = dir / "cache";
  EXPECT_EQ(CachedSourceHash(**first, cache), (*first)->source_hash());
  // A remembered hash is believed: put another one there and see it come back.
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(cache)) path = entry.path();
  std::string text = ReadFile(path);
  text[text.size() - 2] = text[text.size() - 2] == 'a' ? 'b' : 'a';
  WriteFile(path, text);
  EXPECT_NE(CachedSourceHash(**second, cache), (*second)->source_hash());
  WriteFile(path, "damaged");
  EXPECT_EQ(CachedSourceHash(**second, cache), (*second)->source_hash());
  // The same bytes at another place or time are another identity.
  std::filesystem::copy(dir / "m", dir / "copy");
  const auto copy = OpenModel(dir / "copy");
  ASSERT_TRUE(copy.ok());
  EXPECT_NE((*copy)->source_identity(), (*first)->source_identity());
  EXPECT_EQ((*copy)->source_hash(), (*first)->source_hash());
  std::filesystem::last_write_time(
      dir / "m", std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_NE((*OpenModel(dir / "m"))->source_identity(), (*first)->source_identity());
}

TEST(VerifyTest, FlippedWeightBytesAreFound) {
  const TemporaryDirectory dir;
  ASSERT_TRUE(ConvertModel(*RandomModel(), FakeFacts(), "ct2", "f16", dir / "m").ok());
  const auto digests = DigestModel(dir / "m");
  ASSERT_TRUE(digests.ok()) << digests.status().message();
  EXPECT_EQ(digests->size(), 5u);
  EXPECT_EQ((*digests)[1].name, "model.bin");
  EXPECT_TRUE(VerifyModel(dir / "m", *digests).ok());
  std::string bytes = ReadFile(dir / "m/model.bin");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(dir / "m/model.bin", bytes);
  EXPECT_TRUE(OpenModel(dir / "m").ok());  // Opening does not look at weights.
  const Status status = VerifyModel(dir / "m", *digests);
  EXPECT_EQ(status.code(), StatusCode::kDataCorrupt);
  EXPECT_NE(status.message().find("model.bin: SHA-256"), std::string::npos) << status.message();
  WriteFile(dir / "m/model.bin", bytes + "x");
  EXPECT_NE(VerifyModel(dir / "m", *digests).message().find("bytes"), std::string::npos);
  std::filesystem::remove(dir / "m/model.bin");
  EXPECT_EQ(VerifyModel(dir / "m", *digests).code(), StatusCode::kNotFound);
}

TEST(VerifyTest, SingleFilesAreVerifiedWhateverTheirName) {
  const TemporaryDirectory dir;
  WriteFile(dir / "model.pt", "abc");
  const FileDigest want = {
      .name = "tiny.pt",
      .sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
  EXPECT_TRUE(VerifyModel(dir / "model.pt", std::span(&want, 1)).ok());
  WriteFile(dir / "model.pt", "abd");
  EXPECT_FALSE(VerifyModel(dir / "model.pt", std::span(&want, 1)).ok());
}

TEST(VerifyTest, NumbersThatAreNotFiniteAreFoundByName) {
  const auto model = RandomModel();
  EXPECT_TRUE(CheckFinite(*model).ok());
  for (const std::uint16_t bad : std::initializer_list<std::uint16_t>{0x7C00, 0xFC00, 0x7E00}) {
    WeightMap::Parts parts = testing::ZeroParts(testing::SmallDims());
    const std::string name = "decoder.blocks.0.mlp.2.weight";
    std::vector<std::byte> bytes(parts.tensors[name].data.size());
    std::memcpy(bytes.data() + bytes.size() - 2, &bad, 2);
    parts.tensors[name].data = bytes;
    const auto map = WeightMap::Validate(std::move(parts));
    ASSERT_TRUE(map.ok());
    EXPECT_NE(CheckFinite(**map).message().find(name), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace wt::model
