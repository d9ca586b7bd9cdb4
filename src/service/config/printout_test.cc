#include "service/config/printout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "service/config/generated_secrets.h"
#include "service/config/setting_table.h"
#include "service/config/values.h"

namespace wt::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCanary[] = "canary-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ";

class Directory {
 public:
  Directory() {
    std::string path = std::filesystem::path(::testing::TempDir()) / "config.XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~Directory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string ReadSourceFile(const std::string& name) {
  const char* root = std::getenv("WT_SOURCE_DIR");
  if (root == nullptr) return "";
  std::ifstream file(std::string(root) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

mode_t ModeOf(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

TEST(PrintoutTest, SecretsAreNeverPrinted) {
  LoadInput input;
  input.default_data_dir = "/data";
  for (const SettingSpec& spec : SettingSpecs()) {
    if (spec.secret && spec.support == Support::kWorks) {
      input.environment[std::string(spec.name)] = kCanary;
    }
  }
  const Configuration loaded = Load(input);
  const std::string all = PrintSettings(loaded) + PrintSettingsJson(loaded);
  EXPECT_THAT(all, Not(HasSubstr("canary")));
  EXPECT_THAT(all, HasSubstr("SECRET_KEY=(secret, 44 characters)  # environment"));
  EXPECT_EQ(SecretTexts(loaded.settings).size(), 10u);
}

TEST(PrintoutTest, EachValueSaysWhereItComesFrom) {
  LoadInput input;
  input.default_data_dir = "/data";
  input.flags["PORT"] = "9000";
  const Configuration loaded = Load(input);
  EXPECT_THAT(PrintSettings(loaded), HasSubstr("PORT=9000  # flag\n"));
  EXPECT_THAT(PrintSettings(loaded), HasSubstr("LOG_LEVEL=info  # default\n"));
  EXPECT_THAT(PrintSettings(loaded), HasSubstr("DATABASE_URL=sqlite:////data/app.db  # default"));
  const auto json = nlohmann::json::parse(PrintSettingsJson(loaded));
  EXPECT_TRUE(json["ok"]);
  EXPECT_GT(json["settings"].size(), 90u);
}

TEST(PrintoutTest, EachSettingTakesItsOwnDefaultBack) {
  const Settings defaults;
  for (const SettingSpec& spec : SettingSpecs()) {
    if (spec.support != Support::kWorks || spec.secret) continue;
    const std::string text = spec.show(spec, defaults);
    if (text.empty()) continue;
    Settings copy;
    EXPECT_TRUE(spec.parse(spec, text, &copy).ok()) << spec.name << "=" << text;
    EXPECT_EQ(spec.show(spec, copy), text);
  }
}

TEST(PrintoutTest, NamesAndAliasesAreUnique) {
  std::set<std::string_view> names;
  for (const SettingSpec& spec : SettingSpecs()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_FALSE(spec.help.empty()) << spec.name;
    for (const std::string_view alias : SplitWords(spec.aliases)) {
      EXPECT_TRUE(names.insert(alias.substr(0, alias.find(':'))).second) << alias;
    }
  }
}

TEST(PrintoutTest, TemplateFileIsTheOneFromTheTable) {
  const std::string file = ReadSourceFile(".env.example");
  if (std::getenv("WT_SOURCE_DIR") == nullptr) GTEST_SKIP() << "the sources are elsewhere";
  EXPECT_TRUE(file == EnvTemplate()) << "run tools/gen_settings";
}

TEST(PrintoutTest, ReferencePageHoldsTheTables) {
  const std::string page = ReadSourceFile("docs/configuration.md");
  if (std::getenv("WT_SOURCE_DIR") == nullptr) GTEST_SKIP() << "the sources are elsewhere";
  EXPECT_TRUE(page.find(ReferenceTables()) != std::string::npos) << "run tools/gen_settings";
}

TEST(PrintoutTest, TemplateWithoutItsMarksLoads) {
  // What the template shows as a default is accepted.
  const Directory directory;
  std::string text;
  std::istringstream lines(EnvTemplate());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#') && !line.starts_with("# ")) text += line.substr(1) + "\n";
  }
  std::ofstream(directory.path() + "/env") << text;
  LoadInput input;
  input.default_data_dir = "/data";
  input.environment["SETTINGS_ENV_FILE"] = directory.path() + "/env";
  input.environment["HOST"] = "127.0.0.1";
  // Written down, production is meant, with everything that this requires.
  input.environment["ENVIRONMENT"] = "staging";
  input.environment["ALLOWED_HOSTS"] = "localhost";
  const Configuration loaded = Load(input);
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << FormatProblem(problem);
}

// Goal: the unit sets what exists, and starts once its env file has what production asks for.
TEST(SystemdUnitTest, SetsKnownSettingsThatLoad) {
  if (std::getenv("WT_SOURCE_DIR") == nullptr) GTEST_SKIP() << "the sources are elsewhere";
  std::istringstream unit(ReadSourceFile("deploy/systemd/whisper-transcriber.service"));
  LoadInput input;
  int stop_seconds = 0;
  for (std::string line; std::getline(unit, line);) {
    constexpr std::string_view kSet = "Environment=";
    constexpr std::string_view kStop = "TimeoutStopSec=";
    if (line.starts_with(kStop)) stop_seconds = std::stoi(line.substr(kStop.size()));
    if (!line.starts_with(kSet)) continue;
    const std::size_t equals = line.find('=', kSet.size());
    input.environment[line.substr(kSet.size(), equals - kSet.size())] = line.substr(equals + 1);
  }
  ASSERT_GE(input.environment.size(), 5u);
  for (const auto& [name, value] : input.environment) {
    const SettingSpec* spec = FindSetting(name);
    ASSERT_NE(spec, nullptr) << name;
    EXPECT_EQ(spec->support, Support::kWorks) << name;
  }
  EXPECT_FALSE(Load(input).ok()) << "production without secrets";
  for (const char* name : {"SECRET_KEY", "JWT_SECRET_KEY", "ADMIN_METRICS_TOKEN"}) {
    input.environment[name] = std::string(kCanary) + name + std::string(kCanary);
  }
  input.environment["ALLOWED_HOSTS"] = "speech.example.org";
  const Configuration loaded = Load(input);
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << FormatProblem(problem);
  EXPECT_GT(stop_seconds, loaded.settings.jobs.shutdown_grace.count() + 10);
}

TEST(GeneratedSecretsTest, AreMadeOnceForTheOwnerOnly) {
  const Directory directory;
  LoadInput input;
  input.default_data_dir = directory.path() + "/data";
  Configuration first = Load(input);
  ASSERT_TRUE(EnsureSecrets(&first).ok());
  Configuration second = Load(input);
  ASSERT_TRUE(EnsureSecrets(&second).ok());
  EXPECT_EQ(first.settings.auth.secret_key.size(), 64u);
  EXPECT_EQ(first.settings.auth.secret_key, second.settings.auth.secret_key);
  EXPECT_NE(first.settings.auth.secret_key, first.settings.auth.jwt_secret_key);
  EXPECT_EQ(first.sources.find("SECRET_KEY")->second, Source::kGenerated);
  const std::string secrets = directory.path() + "/data/secrets";
  EXPECT_EQ(ModeOf(secrets), 0700u);
  EXPECT_EQ(ModeOf(secrets + "/secret_key"), 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(secrets), {}), 4);
}

TEST(GeneratedSecretsTest, SetOnesAndProductionAreLeftAlone) {
  const Directory directory;
  LoadInput input;
  input.default_data_dir = directory.path() + "/data";
  input.environment["SECRET_KEY"] = kCanary;
  Configuration loaded = Load(input);
  ASSERT_TRUE(EnsureSecrets(&loaded).ok());
  EXPECT_EQ(loaded.settings.auth.secret_key.Reveal(), kCanary);
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/data/secrets/secret_key"));
  input.environment["ENVIRONMENT"] = "production";
  Configuration strict = Load(input);
  ASSERT_TRUE(EnsureSecrets(&strict).ok());
  EXPECT_TRUE(strict.settings.auth.jwt_secret_key.empty());
}

}  // namespace
}  // namespace wt::config
