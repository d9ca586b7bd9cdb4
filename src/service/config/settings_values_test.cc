// Goal: what every setting promises (spec G-CFG): unset it is the default that `config print`
// shows, a value is taken, a wrong one is an error that names the variable, an old name does the
// same, and two names with two values are an error. One table; what a value does is tested where it
// is read.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "service/config/loader.h"
#include "service/config/printout.h"
#include "service/config/setting_table.h"

namespace wt::config {
namespace {

constexpr char kSecret[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/";

struct Row {
  const char* name;
  /// As printed; null: made from other settings.
  const char* shown;
  const char* value;
  /// As printed; null: as given.
  const char* shown_value;
  /// Null: any text is one.
  const char* wrong;
};

constexpr Row kRows[] = {
    {"ENVIRONMENT", "production", "development", nullptr, "live"},
    {"DEBUG", "false", "true", nullptr, "maybe"},
    {"SERVICE_TYPE", "app", "worker", nullptr, "thread"},
    {"HOST", "127.0.0.1", "0.0.0.0", nullptr, "http://x"},
    {"PORT", "8001", "8080", nullptr, "65536"},
    {"SHUTDOWN_GRACE_SECONDS", "30", "5", nullptr, "3601"},
    {"ENABLE_DOCS", "true", "false", nullptr, "sometimes"},
    {"ENABLE_SERVER_CONTROL", "false", "true", nullptr, "2"},
    {"HEALTH_STATUS_WORD", "ok", "healthy", nullptr, "fine"},
    {"DEFAULT_TRANSCRIPT_FORMAT", "txt", "srt", nullptr, "docm"},
    {"SECURITY_CONTACT", "", "mailto:security@example.org", nullptr, "nobody"},
    {"ALLOWED_HOSTS", nullptr, "a.example,*.b.example", nullptr, "http://a"},
    {"CORS_ORIGINS", "", "https://app.example", nullptr, "app.example"},
    {"TRUSTED_PROXIES", "", "10.0.0.0/8", nullptr, "proxy"},
    {"TLS_MIN_VERSION", "1.2", "1.3", nullptr, "1.1"},
    {"HSTS_MAX_AGE", "31536000", "60", nullptr, "-1"},
    {"CSP_ENABLED", "true", "false", nullptr, "x"},
    {"SECURITY_HEADERS_ENABLED", "true", "false", nullptr, "x"},
    {"COOKIE_SECURE", "auto", "true", nullptr, "perhaps"},
    {"COOKIE_SAMESITE", "strict", "lax", nullptr, "maybe"},
    {"DATA_ENCRYPTION_KEY", "", kSecret, "(secret, 64 characters)", nullptr},
    {"ADMIN_BOOTSTRAP_USERNAME", "admin", "root", nullptr, nullptr},
    {"ADMIN_BOOTSTRAP_PASSWORD", "", "correct horse battery", "(secret, 21 characters)", nullptr},
    {"MULTI_USER_MODE_ENABLED", "true", "false", nullptr, "x"},
    {"SINGLE_USER_MODE", "false", "true", nullptr, "x"},
    {"ALLOW_REGISTRATION", nullptr, "true", nullptr, "x"},
    {"ACCESS_TOKEN_EXPIRE_MINUTES", "60", "30", nullptr, "0"},
    {"REFRESH_TOKEN_EXPIRE_DAYS", "7", "3", nullptr, "366"},
    {"SESSION_TIMEOUT", "3600", "600", nullptr, "59"},
    {"PASSWORD_MIN_LENGTH", "8", "12", nullptr, "7"},
    {"AUTH_MAX_ATTEMPTS", "5", "3", nullptr, "0"},
    {"AUTH_LOCKOUT_SECONDS", "900", "60", nullptr, "0"},
    {"AUDIT_RETENTION_DAYS", "90", "30", nullptr, "0"},
    {"RATE_LIMIT_ENABLED", "true", "false", nullptr, "2"},
    {"RATE_LIMIT_REQUESTS", "10", "20", nullptr, "0"},
    {"RATE_LIMIT_WINDOW", "60", "2 minutes", "120", "a while"},
    {"RATE_LIMIT_ANONYMOUS", "60/60 seconds", "7/1 minute", "7/60 seconds", "many"},
    {"RATE_LIMIT_USER", "300/60 seconds", "7/1 minute", "7/60 seconds", "many"},
    {"RATE_LIMIT_ADMIN", "100/60 seconds", "7/1 minute", "7/60 seconds", "many"},
    {"RATE_LIMIT_LOGIN", "5/60 seconds", "7/1 minute", "7/60 seconds", "many"},
    {"RATE_LIMIT_UPLOAD", "100/3600 seconds", "7/1 minute", "7/60 seconds", "many"},
    {"RATE_LIMIT_BURST", "10", "3", nullptr, "-1"},
    {"MAX_FILE_SIZE", "104857600", "1048576", nullptr, "0"},
    {"MAX_UPLOAD_SIZE", "2147483648", "4294967296", nullptr, "-5"},
    {"MAX_AUDIO_FILE_SIZE_MB", "25", "30", nullptr, "0"},
    {"MIN_AUDIO_FILE_SIZE_BYTES", "1024", "10", nullptr, "-1"},
    {"MAX_FILENAME_LENGTH", "255", "100", nullptr, "256"},
    {"UPLOAD_TIMEOUT", "300", "60", nullptr, "0"},
    {"ALLOWED_FILE_TYPES", "", "mp3,wav", nullptr, nullptr},
    {"UPLOAD_CHUNK_SIZE", "1048576", "65536", nullptr, "1"},
    {"UPLOAD_MAX_PARALLEL_CHUNKS", "4", "8", nullptr, "65"},
    {"UPLOAD_SESSION_TTL_HOURS", "24", "48", nullptr, "0"},
    {"BATCH_MAX_FILES", "50", "10", nullptr, "0"},
    {"BATCH_MAX_TOTAL_BYTES", "5368709120", "1048576", nullptr, "0"},
    {"MAX_CONCURRENT_JOBS", "16", "2", nullptr, "0"},
    {"WORKER_CONCURRENCY", "1", "2", nullptr, "257"},
    {"MAX_QUEUE_DEPTH", "1000", "5", nullptr, "0"},
    {"MAX_JOBS_PER_USER", "1000", "5", nullptr, "0"},
    {"JOB_MAX_ATTEMPTS", "3", "5", nullptr, "101"},
    {"JOB_RETRY_BASE_SECONDS", "1", "2", nullptr, "0"},
    {"JOB_LEASE_SECONDS", "30", "60", nullptr, "4"},
    {"WHISPER_TIMEOUT_SECONDS", "0", "3600", nullptr, "-1"},
    {"DEFAULT_MODEL", "", "base", nullptr, nullptr},
    {"AVAILABLE_MODELS", "", "tiny,base", nullptr, nullptr},
    {"WHISPER_LANGUAGE", "auto", "de", nullptr, nullptr},
    {"WHISPER_THREADS", "0", "2", nullptr, "257"},
    {"WHISPER_PRELOAD_MODELS", "", "base", nullptr, nullptr},
    {"MODEL_CACHE_SIZE", "4", "2", nullptr, "0"},
    {"MODEL_DIR", nullptr, "/srv/models", nullptr, nullptr},
    {"LOCAL_STORAGE_DIR", nullptr, "/srv/content", nullptr, nullptr},
    {"CACHE_DIR", nullptr, "/srv/cache", nullptr, nullptr},
    {"DB_CONNECT_ATTEMPTS", "10", "3", nullptr, "0"},
    {"AUTO_MIGRATE", "true", "false", nullptr, "maybe"},
    {"USER_STORAGE_QUOTA", "", "1000000", nullptr, "0"},
    {"MIN_FREE_DISK_BYTES", "", "1000000", nullptr, "-1"},
    {"LOG_LEVEL", "info", "error", nullptr, "loud"},
    {"LOG_FORMAT", "json", "plain", nullptr, "xml"},
    {"LOG_TO_STDOUT", "true", "true", nullptr, "false"},
    {"LOG_DIR", "", "/srv/logs", nullptr, nullptr},
    {"LOG_MAX_BYTES", "10000000", "5000", nullptr, "4095"},
    {"LOG_BACKUP_COUNT", "3", "5", nullptr, "1001"},
    {"OTEL_SERVICE_NAME", "whisper-transcriber", "speech", nullptr, nullptr},
    {"OTEL_EXPORTER_OTLP_ENDPOINT", "", "http://collector:4318", nullptr, "collector:4318"},
    {"OTEL_TRACES_SAMPLER", "parentbased_always_on", "traceidratio", nullptr, "sometimes"},
    {"OTEL_TRACES_SAMPLER_ARG", "", "0.25", nullptr, "1.5"},
    {"METRICS_OPEN", "false", "true", nullptr, "x"},
    {"METRICS_LEGACY_NAMES", "false", "true", nullptr, "x"},
};

class SettingsValuesTest : public ::testing::Test {
 protected:
  static Configuration Run(const std::string& name = "", const std::string& value = "",
                           const std::string& second = "", const std::string& other = "") {
    LoadInput input;
    input.default_data_dir = "/srv/data";
    input.default_cache_dir = "/srv/cache-default";
    if (!name.empty()) input.environment[name] = value;
    if (!second.empty()) input.environment[second] = other;
    return Load(input);
  }
  static nlohmann::json Printed(const Configuration& configuration, const std::string& name) {
    const auto all = nlohmann::json::parse(PrintSettingsJson(configuration));
    for (const auto& entry : all["settings"]) {
      if (entry["name"] == name) return entry;
    }
    return {};
  }
  static std::string Errors(const Configuration& configuration) {
    std::string text;
    for (const Problem& problem : configuration.problems) text += FormatProblem(problem) + "\n";
    return text;
  }
};

TEST_F(SettingsValuesTest, UnsetIsTheDefaultThatIsPrinted) {
  for (const Row& row : kRows) {
    const auto printed = Printed(Run(), row.name);
    ASSERT_TRUE(printed.is_object()) << row.name;
    EXPECT_EQ(printed["source"], "default") << row.name;
    if (row.shown != nullptr) EXPECT_EQ(printed["value"], row.shown) << row.name;
  }
}

TEST_F(SettingsValuesTest, AValueIsTaken) {
  for (const Row& row : kRows) {
    const Configuration loaded = Run(row.name, row.value);
    EXPECT_TRUE(loaded.ok()) << row.name << ": " << Errors(loaded);
    const auto printed = Printed(loaded, row.name);
    EXPECT_EQ(printed["value"], row.shown_value == nullptr ? row.value : row.shown_value)
        << row.name;
    EXPECT_EQ(printed["source"], "environment") << row.name;
  }
}

TEST_F(SettingsValuesTest, AWrongValueNamesItsVariable) {
  for (const Row& row : kRows) {
    if (row.wrong == nullptr) continue;
    const Configuration loaded = Run(row.name, row.wrong);
    ASSERT_FALSE(loaded.ok()) << row.name << "=" << row.wrong;
    EXPECT_EQ(loaded.problems[0].variable, row.name);
  }
}

TEST_F(SettingsValuesTest, OldNamesDoTheSameAndTwoValuesAreAnError) {
  int checked = 0;
  for (const Row& row : kRows) {
    const SettingSpec* const spec = FindSetting(row.name);
    ASSERT_NE(spec, nullptr) << row.name;
    std::istringstream aliases{std::string(spec->aliases)};
    for (std::string alias; aliases >> alias;) {
      if (alias.find(':') != std::string::npos) continue;  // In another unit: LoaderTest has it.
      const Configuration loaded = Run(alias, row.value);
      EXPECT_TRUE(loaded.ok()) << alias << ": " << Errors(loaded);
      EXPECT_EQ(Printed(loaded, row.name)["value"],
                Printed(Run(row.name, row.value), row.name)["value"])
          << alias;
      EXPECT_NE(Errors(loaded).find(alias), std::string::npos) << alias << " has a warning";
      const Configuration conflict = Run(alias, row.value, row.name, std::string(row.value) + "0");
      EXPECT_FALSE(conflict.ok()) << alias;
      ++checked;
    }
  }
  EXPECT_GE(checked, 15);
}

// What has a row above is every setting, but for those that need files or more than one value.
TEST_F(SettingsValuesTest, TheTableIsComplete) {
  std::set<std::string> missing;
  for (const SettingSpec& spec : SettingSpecs()) {
    if (spec.support == Support::kWorks) missing.insert(std::string(spec.name));
  }
  for (const Row& row : kRows) missing.erase(row.name);
  EXPECT_EQ(missing, (std::set<std::string>{
                         "ADMIN_METRICS_TOKEN", "CSRF_SECRET", "DATABASE_URL", "DATA_DIR",
                         "DATA_ENCRYPTION_KEY_PREVIOUS", "HTTP_REDIRECT_PORT", "JWT_SECRET_KEY",
                         "JWT_SECRET_KEY_PREVIOUS", "LEGACY_USER_HEADER_ENABLED", "METRICS_TOKEN",
                         "OTEL_EXPORTER_OTLP_HEADERS", "SECRET_KEY", "TLS_CERT_FILE",
                         "TLS_KEY_FILE", "WORKER_LOG_LEVEL"}));
}

}  // namespace
}  // namespace wt::config
