#include "models/store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "models/import.h"
#include "models/staging.h"
#include "models/test_store.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelStoreTest : public StoreTest {
 protected:
  /// Imports a file of that content under a name.
  InstalledModel Import(const std::string& name, const std::string& content) {
    WriteText(Path("source/model.bin"), content);
    ImportOptions options;
    options.name = name;
    Result<InstalledModel> model = ImportModel(store_, Path("source/model.bin"), options);
    EXPECT_TRUE(model.ok()) << model.status().message();
    return model.value();
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const InstalledModel& model : store_.List()) names.push_back(model.name);
    return names;
  }
};

TEST_F(ModelStoreTest, MissingDirectoryIsAnEmptyStore) {
  EXPECT_TRUE(store_.List().empty());
  EXPECT_THAT(store_.Default().status().message(), HasSubstr("models pull base"));
  EXPECT_EQ(store_.VadPath(), "");
}

TEST_F(ModelStoreTest, BestModelComesFirst) {
  for (const char* name : {"tiny.en", "mine", "base", "silero-vad", "large-v3", "a-first"}) {
    Import(name, name);
  }
  EXPECT_THAT(Names(), ElementsAre("large-v3", "base", "tiny.en", "a-first", "mine", "silero-vad"));
  EXPECT_EQ(store_.Default()->name, "large-v3");
}

TEST_F(ModelStoreTest, AFileComesAsAStream) {
  const std::string content(600'000, 'x');
  std::size_t at = 0;
  const ModelBytes read = [&](std::span<std::byte> out) -> Result<std::size_t> {
    const std::size_t count = std::min(out.size(), content.size() - at);
    std::memcpy(out.data(), content.data() + at, count);
    at += count;
    return count;
  };
  const auto receive = [&](const std::string& filename, std::int64_t bytes, Status verdict) {
    at = 0;
    ImportOptions options;
    options.name = "mine";
    options.check = [verdict](const std::string&) { return verdict; };
    return ReceiveModel(store_, filename, bytes, read, options);
  };
  EXPECT_EQ(receive("a.zip", 600'000, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(receive("a.bin", 0, {}).status().code(), StatusCode::kInvalidArgument);
  // Less or more than was said is not the file; what the check refuses is none.
  EXPECT_EQ(receive("a.bin", 600'001, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(receive("a.bin", 599'999, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(receive("a.bin", 600'000, Status(StatusCode::kDataCorrupt, "no")).status().code(),
            StatusCode::kDataCorrupt);
  EXPECT_TRUE(Names().empty());
  const Result<InstalledModel> model = receive("ggml-mine.bin", 600'000, {});
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_TRUE(model->managed);
  EXPECT_EQ(model->bytes, 600'000);
  EXPECT_TRUE(store_.Verify(*model, nullptr, {})->empty());
  EXPECT_EQ(receive("b.pt", 600'000, {}).status().code(), StatusCode::kAlreadyExists);
}

TEST_F(ModelStoreTest, TheVoiceNetworkIsNoDefault) {
  Import("silero-vad", "x");
  EXPECT_EQ(store_.Default().status().code(), StatusCode::kNotFound);
}

TEST_F(ModelStoreTest, FindKnowsAliasesAndNeverTakesAnotherModel) {
  Import("base", "x");
  EXPECT_EQ(store_.Find("whisper-1")->name, "base");
  const Status missing = store_.Find("medium").status();
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr("'transcriber models pull medium' fetches it"));
  EXPECT_THAT(store_.Find("nonsense").status().message(), HasSubstr("nor published"));
}

TEST_F(ModelStoreTest, LooseFilesOfPublishedNamesAreFound) {
  WriteText(store_.directory() + "/base.pt", "x");
  WriteText(store_.directory() + "/ggml-tiny.bin", "x");
  WriteText(store_.directory() + "/small/model.bin", "x");
  WriteText(store_.directory() + "/unrelated.bin", "x");
  WriteText(store_.directory() + "/empty/readme", "x");
  EXPECT_THAT(Names(), ElementsAre("small", "base", "tiny"));
  EXPECT_EQ(store_.Find("base")->path, store_.directory() + "/base.pt");
  EXPECT_EQ(store_.Find("small")->path, store_.directory() + "/small");
  EXPECT_EQ(store_.Remove("base").code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(fs::exists(store_.directory() + "/base.pt"));
}

TEST_F(ModelStoreTest, FlippedByteIsFound) {
  const InstalledModel model = Import("mine", "0123456789");
  EXPECT_TRUE(store_.Verify(model, nullptr, {})->empty());
  WriteText(model.path, "0123456780");
  const std::vector<Damage> damages = store_.Verify(model, nullptr, {}).value();
  ASSERT_EQ(damages.size(), 1u);
  EXPECT_EQ(damages[0].file, "model.bin");
  EXPECT_THAT(damages[0].reason, HasSubstr("expected " + Sha("0123456789")));
}

TEST_F(ModelStoreTest, MissingFileIsFound) {
  const InstalledModel model = Import("mine", "0123456789");
  fs::remove(model.path);
  EXPECT_EQ(store_.Verify(model, nullptr, {})->size(), 1u);
}

TEST_F(ModelStoreTest, ManifestChangedWithTheFileIsFoundByTheCatalogue) {
  InstalledModel model = Import("base", "not the published weights");
  model.manifest.source = std::string(kCatalogueSourcePrefix) + "somewhere";
  ASSERT_TRUE(WriteManifest(model.location, model.manifest).ok());
  const std::vector<Damage> damages =
      store_.Verify(store_.Find("base").value(), nullptr, {}).value();
  ASSERT_EQ(damages.size(), 1u);
  EXPECT_THAT(damages[0].reason, HasSubstr("not the published one"));
}

TEST_F(ModelStoreTest, UnknownLooseFileCannotBeVerified) {
  WriteText(store_.directory() + "/ggml-tiny.bin", "x");
  const InstalledModel model = store_.Find("tiny").value();
  EXPECT_EQ(store_.Verify(model, nullptr, {}).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(ModelStoreTest, LooseCheckpointIsComparedWithTheCatalogue) {
  WriteText(store_.directory() + "/tiny.pt", "x");
  const InstalledModel model = store_.Find("tiny").value();
  EXPECT_EQ(store_.Verify(model, nullptr, {})->size(), 1u);
}

TEST_F(ModelStoreTest, VerifyCanBeCancelled) {
  const InstalledModel model = Import("mine", "0123456789");
  base::CancelFlag cancel;
  cancel.Request();
  EXPECT_EQ(store_.Verify(model, &cancel, {}).status().code(), StatusCode::kCancelled);
}

TEST_F(ModelStoreTest, RemovedModelIsGone) {
  Import("mine", "x");
  ASSERT_TRUE(store_.Remove("mine").ok());
  EXPECT_TRUE(Names().empty());
  EXPECT_EQ(store_.Remove("mine").code(), StatusCode::kNotFound);
}

TEST_F(ModelStoreTest, ImportRefusesTakenNamesUnlessReplacing) {
  Import("mine", "old");
  ImportOptions options;
  options.name = "mine";
  WriteText(Path("new.bin"), "new");
  EXPECT_EQ(ImportModel(store_, Path("new.bin"), options).status().code(),
            StatusCode::kAlreadyExists);
  options.replace = true;
  ASSERT_TRUE(ImportModel(store_, Path("new.bin"), options).ok());
  EXPECT_EQ(ReadText(store_.Find("mine")->path), "new");
}

TEST_F(ModelStoreTest, ImportedModelAppearsOnlyWhenItCanBeOpened) {
  WriteText(Path("bad.bin"), "no model");
  ImportOptions options;
  options.name = "bad";
  options.check = [&](const std::string& path) {
    EXPECT_EQ(ReadText(path), "no model");
    return Status(StatusCode::kDataCorrupt, "is no model");
  };
  EXPECT_EQ(ImportModel(store_, Path("bad.bin"), options).status().code(),
            StatusCode::kDataCorrupt);
  EXPECT_TRUE(Names().empty());
  EXPECT_FALSE(fs::exists(store_.DirectoryOf(".staging-bad")));
}

TEST_F(ModelStoreTest, ImportedDirectoryKeepsItsModelFilesOnly) {
  WriteText(Path("dir/model.bin"), "w");
  WriteText(Path("dir/config.json"), "{}");
  WriteText(Path("dir/.hidden.json"), "{}");
  WriteText(Path("dir/notes.odt"), "x");
  ImportOptions options;
  options.name = "mine";
  const Result<InstalledModel> model = ImportModel(store_, Path("dir"), options);
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_EQ(model->path, model->location);
  ASSERT_EQ(model->manifest.files.size(), 2u);
  EXPECT_EQ(model->manifest.files[0].name, "config.json");
}

TEST_F(ModelStoreTest, LinkedImportMakesNoCopy) {
  WriteText(Path("weights.bin"), "w");
  ImportOptions options;
  options.name = "mine";
  options.mode = ImportMode::kLink;
  const InstalledModel model = ImportModel(store_, Path("weights.bin"), options).value();
  EXPECT_TRUE(fs::is_symlink(model.path));
  WriteText(Path("weights.bin"), "changed");
  EXPECT_EQ(store_.Verify(model, nullptr, {})->size(), 1u);
  ASSERT_TRUE(store_.Remove("mine").ok());
  EXPECT_EQ(ReadText(Path("weights.bin")), "changed");
}

TEST_F(ModelStoreTest, NamesThatArePathsAreRefused) {
  WriteText(Path("weights.bin"), "w");
  for (const char* name : {"", "..", ".hidden", "a/b", "../x", "-x"}) {
    ImportOptions options;
    options.name = name;
    EXPECT_EQ(ImportModel(store_, Path("weights.bin"), options).status().code(),
              StatusCode::kInvalidArgument)
        << name;
  }
}

TEST_F(ModelStoreTest, SomebodysOwnDirectoryIsNotReplaced) {
  WriteText(store_.directory() + "/mine/notes.txt", "keep me");
  const Status status = Staging::Begin(store_, "mine").status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(fs::exists(store_.directory() + "/mine/notes.txt"));
}

TEST(ManifestTest, WhatIsWrittenIsRead) {
  const Manifest manifest{.name = "base",
                          .licence = "MIT",
                          .source = "published: \"here\"",
                          .weights = "base.pt",
                          .files = {{"base.pt", 5, std::string(64, 'a')}}};
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest)).value(), manifest);
}

TEST(ManifestTest, HostileManifestsAreRefused) {
  const std::string row = R"({"name": "f", "bytes": 1, "sha256": ")" + std::string(64, 'a') + "\"}";
  const auto parse = [](const std::string& files, const std::string& name = "m") {
    return ManifestFromJson(R"({"format": 1, "name": ")" + name + R"(", "files": )" + files + "}");
  };
  EXPECT_TRUE(parse("[" + row + "]").ok());
  EXPECT_FALSE(parse("[" + row + "]", "../m").ok());
  EXPECT_FALSE(parse("[]").ok());
  EXPECT_FALSE(parse("[1]").ok());
  EXPECT_FALSE(parse(R"([{"name": "../f", "bytes": 1, "sha256": "x"}])").ok());
  EXPECT_FALSE(
      parse(R"([{"name": "f", "bytes": -1, "sha256": ")" + std::string(64, 'a') + "\"}]").ok());
  EXPECT_FALSE(parse(R"([{"name": "f", "bytes": 99999999999999, "sha256": ")" +
                     std::string(64, 'a') + "\"}]")
                   .ok());
  EXPECT_FALSE(ManifestFromJson("").ok());
  EXPECT_FALSE(ManifestFromJson(std::string(100'000, '[')).ok());
  EXPECT_FALSE(ManifestFromJson(R"({"format": 2, "name": "m", "files": []})").ok());
}

}  // namespace
}  // namespace wt::models
