#include "service/config/setting_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "service/config/values.h"

namespace wt::config {
namespace {

constexpr std::int64_t kBytesMax = 1LL << 50;
constexpr std::int64_t kCountMax = 1'000'000;
constexpr std::int64_t kYearSeconds = 366 * 86'400;
constexpr std::string_view kLogLevels = "debug info warning error";

constexpr std::string_view kGeneral = "General";
constexpr std::string_view kServer = "Server";
constexpr std::string_view kBrowsers = "TLS, proxies and browsers";
constexpr std::string_view kLogging = "Logging";
constexpr std::string_view kUploads = "Uploads";
constexpr std::string_view kJobs = "Jobs";
constexpr std::string_view kModels = "Models";
constexpr std::string_view kStorage = "Storage";
constexpr std::string_view kSecrets = "Secrets";
constexpr std::string_view kAccounts = "Accounts";
constexpr std::string_view kRates = "Rate limits";
constexpr std::string_view kMetrics = "Metrics";

Status ParseDatabaseUrl(const SettingSpec&, std::string_view text, Settings* settings) {
  constexpr std::string_view kSqlite = "sqlite:///";
  if (text.starts_with(kSqlite) && text.size() > kSqlite.size() &&
      text.find_first_of("?#\n") == std::string_view::npos) {
    settings->storage.database_file = text.substr(kSqlite.size());
    return Status();
  }
  return Status(StatusCode::kInvalidArgument,
                "must be sqlite:///PATH; other databases are not available in this version");
}

std::string ShowDatabaseUrl(const SettingSpec&, const Settings& settings) {
  const std::string& file = settings.storage.database_file;
  return file.empty() ? "" : "sqlite:///" + file;
}

// LOG_LEVEL has names from other programs as well.
Status ParseLogLevel(const SettingSpec& spec, std::string_view text, base::LogLevel* level) {
  const SettingSpec others{.name = "LOG_LEVEL", .choices = "trace notice warn critical"};
  if (const Result<int> index = ParseChoice(others, text); index.ok()) {
    constexpr std::array kLevels = {base::LogLevel::kDebug, base::LogLevel::kInfo,
                                    base::LogLevel::kWarning, base::LogLevel::kError};
    *level = kLevels.at(static_cast<std::size_t>(*index));
    return Status();
  }
  return ParseInto(spec, text, level);
}

// The two directions of a row, for the field at `path`.
#define WT_FIELD(path)                                                                   \
  .parse = [](const SettingSpec& spec, std::string_view text, Settings* all) -> Status { \
    return ParseInto(spec, text, &all->path);                                            \
  },                                                                                     \
  .show = [](const SettingSpec& spec, const Settings& all) -> std::string {              \
    return Show(spec, all.path);                                                         \
  }

constexpr auto kSettings = std::to_array<SettingSpec>({
#include "service/config/rows_elsewhere.inc"
#include "service/config/rows_here.inc"
});
#undef WT_FIELD

struct NameTable {
  std::map<std::string_view, SettingName> names;

  NameTable() {
    for (const SettingSpec& spec : kSettings) {
      names[spec.name] = {.spec = &spec};
      for (std::string_view alias : SplitWords(spec.aliases)) {
        SettingName entry{.spec = &spec, .alias = true};
        if (const std::size_t unit = alias.find(":MiB"); unit != std::string_view::npos) {
          entry.factor = 1 << 20;
          alias = alias.substr(0, unit);
        }
        names[alias] = entry;
      }
    }
  }
};

const NameTable& Names() {
  static const NameTable kTable;
  return kTable;
}

// Levenshtein distance.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substitution}));
    }
  }
  return row.back();
}

}  // namespace

std::span<const SettingSpec> SettingSpecs() { return kSettings; }

const SettingSpec* FindSetting(std::string_view name) {
  const auto found = std::find_if(kSettings.begin(), kSettings.end(),
                                  [name](const SettingSpec& spec) { return spec.name == name; });
  return found == kSettings.end() ? nullptr : &*found;
}

SettingName ResolveName(std::string_view name) {
  const auto& names = Names().names;
  if (const auto found = names.find(name); found != names.end()) return found->second;
  constexpr std::string_view kFile = "_FILE";
  if (name.ends_with(kFile)) {
    const auto found = names.find(name.substr(0, name.size() - kFile.size()));
    if (found != names.end() && found->second.spec->secret) {
      SettingName entry = found->second;
      entry.file = true;
      return entry;
    }
  }
  return {};
}

std::string_view NearestSettingName(std::string_view name) {
  // One slip in a short name, two in a longer one: HOME is not meant to be HOST.
  constexpr std::size_t kNameBytesMax = 100;
  if (name.size() > kNameBytesMax) return {};
  std::size_t best = name.size() < 8 ? 2 : 3;
  std::string_view nearest;
  for (const auto& [known, entry] : Names().names) {
    const std::size_t distance = Distance(name, known);
    if (distance >= best) continue;
    best = distance;
    nearest = known;
  }
  return nearest;
}

std::vector<std::string> SecretTexts(const Settings& settings) {
  std::vector<std::string> texts;
  const auto add = [&texts](const Secret& secret) {
    if (!secret.empty()) texts.push_back(secret.Reveal());
  };
  const AuthSettings& auth = settings.auth;
  for (const Secret* secret :
       {&auth.secret_key, &auth.jwt_secret_key, &auth.jwt_secret_key_previous, &auth.csrf_secret,
        &auth.bootstrap_password, &auth.admin_metrics_token, &settings.metrics.token,
        &settings.traces.headers, &settings.storage.encryption_key}) {
    add(*secret);
  }
  for (const Secret& secret : settings.storage.previous_encryption_keys) add(secret);
  return texts;
}

}  // namespace wt::config
