#include "apps/transcriber/models/models_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/transcriber/models/progress_line.h"
#include "platform/sha256.h"

namespace wt::transcriber {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class ModelsCommandTest : public testing::Test {
 protected:
  ModelsCommandTest()
      : root_(fs::temp_directory_path() /
              ("wt_models_command_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(root_);
    fs::create_directories(root_);
    context_.models_directory = root_ / "models";
    context_.out = &out_;
    context_.err = &err_;
    context_.python = "no-such-python";
    context_.tools.inspect = [](const std::string& path) { return Inspect(path); };
    context_.tools.convert = [this](const std::string& source, const std::string& destination,
                                    const ConvertOptions& options) {
      converted_ = options;
      Write(fs::path(destination).filename(), "weights of " + source);
      return Status();
    };
  }
  ~ModelsCommandTest() override { fs::remove_all(root_); }

  /// A file is a model when its text begins with "weights".
  static Result<WeightsInfo> Inspect(const std::string& path) {
    std::string text;
    std::getline(std::ifstream(path), text);
    if (!text.starts_with("weights")) {
      return Status(StatusCode::kDataCorrupt, path + ": has no weights");
    }
    WeightsInfo info;
    info.size = "base";
    info.format = WeightFormat::kGgml;
    info.weight_bytes = 12'300'000;
    return info;
  }

  void Write(const fs::path& name, std::string_view text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  std::string Path(const std::string& name) const { return root_ / name; }

  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    return RunModelsCommand(views, context_);
  }
  std::string Out() const { return out_.str(); }
  std::string Err() const { return err_.str(); }

  fs::path root_;
  std::ostringstream out_;
  std::ostringstream err_;
  ModelsContext context_;
  ConvertOptions converted_;
};

TEST_F(ModelsCommandTest, ImportedModelIsListedVerifiedAndRemoved) {
  Write("mine.bin", "weights");
  ASSERT_EQ(Run({"import", Path("mine.bin")}), 0) << Err();
  EXPECT_THAT(Out(), HasSubstr("mine: installed"));
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_THAT(Out(), HasSubstr("* mine"));
  EXPECT_EQ(Run({"verify"}), 0);
  EXPECT_THAT(Out(), HasSubstr("mine: all 1 files are right"));
  EXPECT_EQ(Run({"remove", "mine"}), 0);
  EXPECT_THAT(Out(), HasSubstr("mine: removed"));
  EXPECT_EQ(Run({"remove", "mine"}), 3);
}

TEST_F(ModelsCommandTest, FlippedByteMakesVerifyFail) {
  Write("mine.bin", "weights 1");
  ASSERT_EQ(Run({"import", Path("mine.bin")}), 0) << Err();
  Write("models/mine/mine.bin", "weights 2");
  EXPECT_EQ(Run({"verify", "mine"}), 1);
  EXPECT_THAT(Out(), HasSubstr("mine: DAMAGED: mine.bin: the SHA-256 is"));
  EXPECT_THAT(Out(), HasSubstr("import PATH --name mine --force"));
}

TEST_F(ModelsCommandTest, DamagedPackedWeightsMakeVerifyFail) {
  Write("mine.bin", "weights 1");
  ASSERT_EQ(Run({"import", Path("mine.bin")}), 0) << Err();
  context_.cache_directory = Path("cache");
  PackedWeightsReport report{.files = 2, .bytes = 580'000'000, .damaged = {}};
  context_.tools.verify_packed = [&](const std::string& directory) {
    EXPECT_EQ(directory, Path("cache"));
    return report;
  };
  EXPECT_EQ(Run({"verify"}), 0);
  EXPECT_THAT(Out(), HasSubstr("packed weights: 2 files are right, 580 MB"));
  report.damaged = {"x.wtpack: blob conv1.w: its bytes have changed"};
  EXPECT_EQ(Run({"verify"}), 1);
  EXPECT_THAT(Out(), HasSubstr("packed weights: DAMAGED: x.wtpack: blob conv1.w"));
  EXPECT_THAT(Out(), HasSubstr("removed"));
}

TEST_F(ModelsCommandTest, ListAsJsonHasEveryModel) {
  Write("models/base.pt", "weights");
  ASSERT_EQ(Run({"list", "--json"}), 0);
  const auto json = nlohmann::json::parse(Out(), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["default"], "base");
  bool base_installed = false;
  for (const auto& model : json["models"]) {
    if (model["name"] == "base")
      base_installed = model["installed"]["path"] == Path("models/base.pt");
    if (model["name"] == "small") {
      EXPECT_TRUE(model["installed"].is_null());
    }
  }
  EXPECT_TRUE(base_installed);
}

TEST_F(ModelsCommandTest, FileThatIsNoModelIsNotImported) {
  Write("notes.txt", "no model");
  EXPECT_EQ(Run({"import", Path("notes.txt")}), 1);
  EXPECT_THAT(Err(), HasSubstr("nothing was added"));
  EXPECT_FALSE(fs::exists(Path("models/notes")));
  EXPECT_EQ(Run({"import", Path("missing")}), 1);
  EXPECT_THAT(Err(), HasSubstr("no such file"));
}

TEST_F(ModelsCommandTest, PullFromALocalDirectoryIsHeldToTheChecksums) {
  Write("usb/tiny.pt", "not the published bytes");
  // No address can be resolved in a test: the name of the interpreter is wrong and tiny has no
  // wheels, so only the directory and one address are left.
  Write("usb/base/model.bin", "x");
  base::CancelFlag cancel;
  context_.cancel = &cancel;
  cancel.Request();
  EXPECT_EQ(Run({"pull", "tiny", "--from", Path("usb")}), 1);
  EXPECT_FALSE(fs::exists(Path("models/tiny")));
}

TEST_F(ModelsCommandTest, UnknownNamesAreRefusedWithTheNearest) {
  EXPECT_EQ(Run({"pull", "bsae"}), 2);
  EXPECT_THAT(Err(), HasSubstr("did you mean 'base'?"));
  EXPECT_EQ(Run({"verify", "small"}), 3);
  EXPECT_THAT(Err(), HasSubstr("models pull small"));
}

TEST_F(ModelsCommandTest, ModelWithoutAPublishedChecksumSaysWhatToDo) {
  EXPECT_EQ(Run({"pull", "distil-large-v3"}), 1);
  EXPECT_THAT(Err(), HasSubstr("--from and --sha256"));
}

TEST_F(ModelsCommandTest, AddressNeedsAChecksum) {
  EXPECT_EQ(Run({"pull", "mine", "--from", "https://example.invalid/m.bin"}), 2);
  EXPECT_THAT(Err(), HasSubstr("--sha256"));
  EXPECT_EQ(
      Run({"pull", "mine", "--from", "http://192.0.2.1/m.bin", "--sha256", std::string(64, 'a')}),
      1);
  EXPECT_THAT(Err(), HasSubstr("plain http"));
}

TEST_F(ModelsCommandTest, ConvertWritesTheFormatAskedFor) {
  Write("models/base.pt", "weights");
  ASSERT_EQ(Run({"convert", "whisper-1", "--to", "ggml", "--type=q5_0", Path("out.bin")}), 0)
      << Err();
  EXPECT_EQ(converted_.format, WeightFormat::kGgml);
  EXPECT_EQ(converted_.type, WeightType::kQ5_0);
  EXPECT_THAT(Out(), HasSubstr("out.bin: written, 12 MB as ggml"));
  EXPECT_EQ(Run({"convert", "small", "--to", "ggml", Path("out2.bin")}), 3);
  EXPECT_EQ(Run({"convert", "base", Path("out2.bin")}), 2);
  EXPECT_EQ(Run({"convert", "base", "--to", "gguf", Path("out2.bin")}), 2);
}

TEST_F(ModelsCommandTest, ModelDirReplacesTheStore) {
  Write("mine.bin", "weights");
  ASSERT_EQ(Run({"import", "--model-dir", Path("elsewhere"), Path("mine.bin")}), 0) << Err();
  EXPECT_TRUE(fs::exists(Path("elsewhere/mine/manifest.json")));
  EXPECT_FALSE(fs::exists(Path("models")));
}

TEST_F(ModelsCommandTest, WrongUsageIsExitStatusTwo) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"frobnicate"}), 2);
  EXPECT_EQ(Run({"pull"}), 2);
  EXPECT_EQ(Run({"remove"}), 2);
  EXPECT_EQ(Run({"list", "extra"}), 2);
  EXPECT_EQ(Run({"list", "--jsno"}), 2);
}

TEST_F(ModelsCommandTest, HelpOfEveryCommandNamesItsOptions) {
  EXPECT_EQ(Run({"--help"}), 0);
  for (const ModelsVerb& verb : ModelsVerbs()) {
    EXPECT_EQ(Run({std::string(verb.name), "--help"}), 0);
    for (const OptionSpec& option : verb.options) {
      EXPECT_THAT(Out(), HasSubstr("--" + std::string(option.name)));
    }
  }
}

TEST(ProgressLineTest, TerminalLineIsRewrittenAndTakenAway) {
  std::ostringstream out;
  const std::chrono::steady_clock::time_point start{};
  {
    ProgressLine line(&out, true);
    line.Show("model.bin", 0, 100'000'000, start + std::chrono::seconds(1));
    line.Show("model.bin", 50'000'000, 100'000'000, start + std::chrono::seconds(6));
  }
  EXPECT_THAT(out.str(),
              HasSubstr("[============            ] 50 MB of 100 MB, 10 MB/s, 0:05 left"));
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

TEST(ProgressLineTest, PlainOutputHasALineForEachTenth) {
  std::ostringstream out;
  ProgressLine line(&out, false);
  for (int i = 0; i <= 100; ++i) line.Show("model.bin", i * 1'000'000LL, 100'000'000, {});
  line.Show("config.json", 10, 20, {});
  std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_THAT(text, HasSubstr("model.bin: 10 % of 100 MB\n"));
  EXPECT_THAT(text, Not(HasSubstr("config.json")));
}

TEST(ProgressLineTest, BytesAreShownInDecimalUnits) {
  EXPECT_EQ(BytesText(999), "999 B");
  EXPECT_EQ(BytesText(2'309), "2 kB");
  EXPECT_EQ(BytesText(1'239'956), "1.2 MB");
  EXPECT_EQ(BytesText(147'882'941), "148 MB");
  EXPECT_EQ(BytesText(3'087'000'000), "3.1 GB");
}

}  // namespace
}  // namespace wt::transcriber
