#include "service/config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace wt::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// 64 characters with enough different ones.
constexpr char kGoodSecret[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/";
constexpr char kOtherSecret[] = "/+ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba9876543210";

class LoaderTest : public ::testing::Test {
 protected:
  LoaderTest() {
    std::string path = std::filesystem::path(::testing::TempDir()) / "config.XXXXXX";
    directory_ = ::mkdtemp(path.data());
    input_.default_data_dir = directory_ + "/data";
    input_.default_cache_dir = directory_ + "/cache";
  }
  ~LoaderTest() override {
    std::error_code error;
    std::filesystem::remove_all(directory_, error);
  }

  std::string File(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name, std::ios::binary) << text;
    return directory_ + "/" + name;
  }

  Configuration Run() { return Load(input_); }

  /// All problems as one text.
  std::string Problems() {
    std::string text;
    for (const Problem& problem : Run().problems) text += FormatProblem(problem) + "\n";
    return text;
  }

  void MakeProduction() {
    input_.environment["ENVIRONMENT"] = "production";
    input_.environment["SECRET_KEY"] = kGoodSecret;
    input_.environment["JWT_SECRET_KEY"] = kOtherSecret;
    input_.environment["ADMIN_METRICS_TOKEN"] = kGoodSecret;
    input_.environment["METRICS_TOKEN"] = kGoodSecret;
    input_.environment["ALLOWED_HOSTS"] = "speech.example.org";
  }

  std::string directory_;
  LoadInput input_;
};

TEST_F(LoaderTest, NothingSetIsFine) {
  const Configuration loaded = Run();
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_TRUE(loaded.ok());
  EXPECT_FALSE(loaded.settings.general.strict);
  EXPECT_EQ(loaded.settings.server.host, "127.0.0.1");
  EXPECT_EQ(loaded.settings.server.port, 8001);
  EXPECT_EQ(loaded.settings.storage.database_file, directory_ + "/data/app.db");
  EXPECT_EQ(loaded.settings.storage.local_dir, directory_ + "/data");
  EXPECT_EQ(loaded.settings.storage.cache_dir, directory_ + "/cache");
  EXPECT_EQ(loaded.settings.models.dir, directory_ + "/data/models");
  EXPECT_THAT(loaded.settings.server.allowed_hosts, ElementsAre("localhost", "127.0.0.1", "::1"));
  EXPECT_FALSE(loaded.settings.auth.allow_registration);
}

TEST_F(LoaderTest, EarlierSourcesWin) {
  input_.environment["SETTINGS_CONFIG_FILE"] = File(
      "c.toml", "port = 1001\nhost = \"127.0.0.5\"\nlog_level = \"error\"\n[max]\nqueue_depth=7\n");
  EXPECT_EQ(Run().settings.server.port, 1001);
  EXPECT_EQ(Run().settings.jobs.queue_depth_max, 7);
  EXPECT_EQ(Run().sources.find("PORT")->second, Source::kConfigFile);
  input_.environment["SETTINGS_ENV_FILE"] = File("env", "PORT=1002\nHOST=127.0.0.4\n");
  EXPECT_EQ(Run().settings.server.port, 1002);
  input_.environment["PORT"] = "1003";
  EXPECT_EQ(Run().settings.server.port, 1003);
  input_.flags["PORT"] = "1004";
  EXPECT_EQ(Run().settings.server.port, 1004);
  EXPECT_EQ(Run().settings.server.host, "127.0.0.4");
  EXPECT_EQ(Run().settings.log.level, base::LogLevel::kError);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(LoaderTest, SecretsComeFromFiles) {
  input_.environment["SECRET_KEY_FILE"] = File("key", std::string(kGoodSecret) + "\n");
  EXPECT_EQ(Run().settings.auth.secret_key.Reveal(), kGoodSecret);
  EXPECT_EQ(Run().sources.find("SECRET_KEY")->second, Source::kSecretFile);
  input_.environment["SECRET_KEY"] = kOtherSecret;
  EXPECT_EQ(Run().settings.auth.secret_key.Reveal(), kOtherSecret);
  input_.environment.erase("SECRET_KEY");
  input_.environment["SECRET_KEY_FILE"] = directory_ + "/none";
  EXPECT_THAT(Problems(), HasSubstr("SECRET_KEY_FILE (environment): the secret's file cannot be"));
  input_.environment["SECRET_KEY_FILE"] = File("empty", "\n");
  EXPECT_THAT(Problems(), HasSubstr("is empty"));
}

TEST_F(LoaderTest, AllProblemsAreReportedAtOnceWithTheirPlaces) {
  input_.flags["PORT"] = "70000";
  input_.environment["LOG_LEVEL"] = "loud";
  input_.environment["SETTINGS_ENV_FILE"] = File("env", "DEBUG=maybe\n\nMAX_FILE_SIZE=-1\n");
  input_.environment["SETTINGS_CONFIG_FILE"] = File("c.toml", "job_lease_seconds = 1\n");
  EXPECT_FALSE(Run().ok());
  const std::string problems = Problems();
  EXPECT_THAT(problems, HasSubstr("error: PORT (--port): must be from 1 to 65535"));
  EXPECT_THAT(problems, HasSubstr("error: LOG_LEVEL (environment): must be one of: debug, info"));
  EXPECT_THAT(problems, HasSubstr("error: DEBUG (" + directory_ + "/env line 1): must be true or"));
  EXPECT_THAT(problems, HasSubstr("error: MAX_FILE_SIZE (" + directory_ + "/env line 3)"));
  EXPECT_THAT(problems, HasSubstr("error: JOB_LEASE_SECONDS (" + directory_ + "/c.toml line 1)"));
}

TEST_F(LoaderTest, UnknownNamesAreErrorsInFilesAndHintsInTheEnvironment) {
  input_.environment["SETTINGS_ENV_FILE"] = File("env", "LOG_LEVLE=info\n");
  EXPECT_THAT(Problems(), HasSubstr("error: LOG_LEVLE"));
  EXPECT_THAT(Problems(), HasSubstr("did you mean LOG_LEVEL?"));
  input_.environment["SETTINGS_ENV_FILE"] = File("env", "NOTHING_LIKE_IT=1\n");
  EXPECT_THAT(Problems(), HasSubstr("error: NOTHING_LIKE_IT"));
  input_.environment.clear();
  input_.environment["HOME"] = "/root";
  input_.environment["LANG"] = "C";
  input_.environment["NOTHING_LIKE_IT"] = "1";
  EXPECT_THAT(Problems(), IsEmpty());
  input_.environment["JOB_LEASE_SECOND"] = "5";
  EXPECT_THAT(Problems(), HasSubstr("warning: JOB_LEASE_SECOND (environment): there is no such "
                                    "setting; did you mean JOB_LEASE_SECONDS?"));
}

TEST_F(LoaderTest, OldNamesWorkWithAWarningAndConflictsAreErrors) {
  input_.environment["DB_URL"] = "sqlite:////var/x.db";
  input_.environment["MAX_FILE_SIZE_MB"] = "200";
  EXPECT_EQ(Run().settings.storage.database_file, "/var/x.db");
  EXPECT_EQ(Run().settings.uploads.direct_bytes_max, 200 << 20);
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(Problems(), HasSubstr("warning: DB_URL (environment): this is an old name; write "
                                    "DATABASE_URL"));
  input_.environment["MAX_FILE_SIZE"] = "209715200";
  EXPECT_TRUE(Run().ok()) << Problems();
  input_.environment["MAX_FILE_SIZE"] = "209715201";
  EXPECT_THAT(Problems(), HasSubstr("differs from MAX_FILE_SIZE"));
  input_.environment["AUTH_PASSWORD"] = "one password";
  input_.environment["ADMIN_BOOTSTRAP_PASSWORD"] = "two passwords";
  EXPECT_THAT(Problems(), HasSubstr("differs from ADMIN_BOOTSTRAP_PASSWORD"));
}

TEST_F(LoaderTest, UploadCeilingAloneLiftsTheDirectLimit) {
  input_.environment["MAX_UPLOAD_SIZE"] = "3GiB";
  EXPECT_EQ(Run().settings.uploads.direct_bytes_max, 3LL << 30);
  input_.environment["MAX_FILE_SIZE"] = "1048576";
  EXPECT_EQ(Run().settings.uploads.direct_bytes_max, 1 << 20);
  input_.environment["MAX_FILE_SIZE"] = "4GiB";
  EXPECT_THAT(Problems(), HasSubstr("error: MAX_FILE_SIZE (environment): is above"));
}

TEST_F(LoaderTest, WhatIsNotAvailableIsRefusedAndWhatIsHarmlessIsNot) {
  input_.environment["STORAGE_BACKEND"] = "local";
  input_.environment["JOB_QUEUE_BACKEND"] = "thread";
  input_.environment["BACKUP_SCHEDULER_ENABLED"] = "false";
  input_.environment["PYTHONUNBUFFERED"] = "1";
  EXPECT_THAT(Problems(), IsEmpty());
  input_.environment["CONTAINER_BUILDS_ENABLED"] = "true";
  input_.environment["REDIS_URL"] = "redis://localhost";
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(Problems(), HasSubstr("notice: CONTAINER_BUILDS_ENABLED"));
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"STORAGE_BACKEND", "cloud"},
                                          {"JOB_QUEUE_BACKEND", "broker"},
                                          {"DATABASE_URL", "postgresql://u:hidden@db/x"},
                                          {"BACKUP_SCHEDULER_ENABLED", "true"},
                                          {"POSTGRES_PASSWORD", "hidden"},
                                          {"UPLOAD_DIR", "/uploads"}}) {
    LoadInput input = input_;
    input.environment[name] = value;
    const Configuration loaded = Load(input);
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.problems[0].variable, name);
    EXPECT_THAT(loaded.problems[0].message, HasSubstr("available in this version"));
    EXPECT_THAT(loaded.problems[0].message, Not(HasSubstr("hidden")));
  }
}

TEST_F(LoaderTest, NamesThatOtherProgramsUseAreErrorsInFilesOnly) {
  input_.environment["OPENAI_API_KEY"] = "sk-1";
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(Problems(), HasSubstr("notice: OPENAI_API_KEY"));
  input_.environment.clear();
  input_.environment["SETTINGS_ENV_FILE"] = File("env", "OPENAI_API_KEY=sk-1\n");
  EXPECT_FALSE(Run().ok());
}

TEST_F(LoaderTest, ProductionNeedsStrongSecretsAndHosts) {
  MakeProduction();
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_TRUE(Run().settings.general.strict);
  for (const char* name :
       {"SECRET_KEY", "JWT_SECRET_KEY", "ADMIN_METRICS_TOKEN", "ALLOWED_HOSTS"}) {
    LoadInput input = input_;
    input.environment.erase(name);
    const Configuration loaded = Load(input);
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.problems[0].variable, name);
    EXPECT_THAT(loaded.problems[0].message, HasSubstr("is required in production"));
  }
}

TEST_F(LoaderTest, MetricsTokenIsRequiredUnlessTheAddressIsPrivate) {
  MakeProduction();
  input_.environment.erase("METRICS_TOKEN");
  EXPECT_TRUE(Run().ok());
  input_.environment["HOST"] = "0.0.0.0";
  EXPECT_THAT(Problems(), HasSubstr("error: METRICS_TOKEN: is required in production"));
}

TEST_F(LoaderTest, WeakSecretsAreNamedAndNeverShown) {
  MakeProduction();
  for (const char* weak :
       {"short-but-Secret1", "please-CHANGE-ME-please-change-me-0123456789",
        "ChangeMe-0123456789abcdefghijklmnop", "placeholder0123456789abcdefghijklmnop",
        "example0123456789abcdefghijklmnop", "sample0123456789abcdefghijklmnop",
        "localtest0123456789abcdefghijklmnop", "default0123456789abcdefghijklmnop",
        "abababababababababababababababababababab"}) {
    input_.environment["SECRET_KEY"] = weak;
    const Configuration loaded = Run();
    ASSERT_FALSE(loaded.ok()) << weak;
    EXPECT_EQ(loaded.problems[0].variable, "SECRET_KEY");
    EXPECT_THAT(Problems(), Not(HasSubstr(weak)));
    EXPECT_THAT(Problems(), HasSubstr("openssl rand"));
  }
  input_.environment["SECRET_KEY"] = kOtherSecret;
  EXPECT_THAT(Problems(), HasSubstr("error: JWT_SECRET_KEY (environment): is the same as"));
  input_.environment["ENVIRONMENT"] = "development";
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(Problems(), HasSubstr("warning: JWT_SECRET_KEY"));
}

TEST_F(LoaderTest, PublishedPasswordsAreRefused) {
  MakeProduction();
  for (const char* password : {"admin", "Password123", "changeme", "short"}) {
    input_.environment["ADMIN_BOOTSTRAP_PASSWORD"] = password;
    EXPECT_FALSE(Run().ok()) << password;
  }
  input_.environment["ADMIN_BOOTSTRAP_PASSWORD"] = "correct horse battery";
  EXPECT_TRUE(Run().ok()) << Problems();
}

struct Rule {
  const char* name;
  const char* value;
  /// In production as well as outside, or in production only.
  bool always;
};

TEST_F(LoaderTest, EachRuleRefusesItsWrongValue) {
  for (const Rule& rule : std::initializer_list<Rule>{{"PORT", "0", true},
                                                      {"PORT", "65536", true},
                                                      {"PORT", "80x", true},
                                                      {"HOST", "http://x", true},
                                                      {"HOST", "a b", true},
                                                      {"HOST", "300.1.1.1", true},
                                                      {"LOG_LEVEL", "verbose", true},
                                                      {"LOG_FORMAT", "xml", true},
                                                      {"LOG_TO_STDOUT", "false", true},
                                                      {"DEBUG", "true", false},
                                                      {"CORS_ORIGINS", "*", false},
                                                      {"CORS_ORIGINS", "example.org", true},
                                                      {"CORS_ORIGINS", "https://a/path", true},
                                                      {"ALLOWED_HOSTS", "*", false},
                                                      {"ALLOWED_HOSTS", "http://a", true},
                                                      {"TRUSTED_PROXIES", "proxy", true},
                                                      {"TRUSTED_PROXIES", "10.0.0.0/33", true},
                                                      {"LEGACY_USER_HEADER_ENABLED", "true", true},
                                                      {"TLS_CERT_FILE", "/none", true},
                                                      {"HTTP_REDIRECT_PORT", "80", true},
                                                      {"MAX_FILE_SIZE", "0", true},
                                                      {"MAX_UPLOAD_SIZE", "-5", true},
                                                      {"UPLOAD_CHUNK_SIZE", "1", true},
                                                      {"MIN_AUDIO_FILE_SIZE_BYTES", "1GiB", true},
                                                      {"ACCESS_TOKEN_EXPIRE_MINUTES", "0", true},
                                                      {"PASSWORD_MIN_LENGTH", "4", true},
                                                      {"COOKIE_SAMESITE", "none", true},
                                                      {"COOKIE_SECURE", "perhaps", true},
                                                      {"RATE_LIMIT_WINDOW", "a while", true},
                                                      {"RATE_LIMIT_USER", "many", true},
                                                      {"SINGLE_USER_MODE", "true", false},
                                                      {"WHISPER_INFERENCE_DEVICE", "cuda", true},
                                                      {"ENVIRONMENT", "live", true},
                                                      {"TIMEZONE", "Mars/Olympus", true}}) {
    const bool environment = std::string_view(rule.name) == "ENVIRONMENT";
    for (const bool production : {false, true}) {
      input_.environment.clear();
      if (production && !environment) MakeProduction();
      input_.environment[rule.name] = rule.value;
      const Configuration loaded = Run();
      EXPECT_EQ(loaded.ok(), !production && !rule.always) << rule.name << "=" << rule.value;
      if (!loaded.ok()) EXPECT_EQ(loaded.problems[0].variable, rule.name);
    }
  }
}

TEST_F(LoaderTest, SingleUserNeedsALoopbackAddress) {
  input_.flags["SINGLE_USER_MODE"] = "true";
  EXPECT_TRUE(Run().ok());
  input_.environment["HOST"] = "0.0.0.0";
  EXPECT_FALSE(Run().ok());
}

TEST_F(LoaderTest, ModelsMustFitTogether) {
  input_.environment["AVAILABLE_MODELS"] = "tiny, base";
  input_.environment["DEFAULT_MODEL"] = "base";
  EXPECT_TRUE(Run().ok());
  input_.environment["DEFAULT_MODEL"] = "small";
  EXPECT_THAT(Problems(), HasSubstr("error: DEFAULT_MODEL"));
}

TEST_F(LoaderTest, EmptyValuesCountAsUnset) {
  input_.environment["PORT"] = "";
  input_.environment["STORAGE_BACKEND"] = "";
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(LoaderTest, NamedFilesMustExist) {
  input_.environment["SETTINGS_ENV_FILE"] = directory_ + "/none";
  EXPECT_THAT(Problems(), HasSubstr("cannot be read"));
  input_.environment.clear();
  input_.flags["SETTINGS_CONFIG_FILE"] = directory_ + "/none";
  EXPECT_THAT(Problems(), HasSubstr("cannot be read"));
}

TEST_F(LoaderTest, RegistrationIsOpenInDevelopmentOnly) {
  input_.environment["ENVIRONMENT"] = "development";
  EXPECT_TRUE(Run().settings.auth.allow_registration);
  input_.environment["ENVIRONMENT"] = "staging";
  EXPECT_FALSE(Run().settings.auth.allow_registration);
}

}  // namespace
}  // namespace wt::config
