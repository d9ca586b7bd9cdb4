// Loads settings: flags, environment, NAME_FILE, env file, configuration file, defaults.
//
// The first source that gives a value wins. Everything that is wrong is found in one run, and each
// problem names variable, source, cause and what to do, never the value of a secret. The process
// environment comes in as a map: only apps/ reads it. Files are read here. Thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/config/settings.h"

namespace wt::config {

enum class Severity : std::uint8_t { kNotice, kWarning, kError };

struct Problem {
  Severity severity = Severity::kError;
  /// Empty when it is about no single one.
  std::string variable;
  /// "environment", ".env line 3", "--port".
  std::string where;
  /// Cause and next step.
  std::string message;
};
/// "error: PORT (.env line 3): must be ..."
std::string FormatProblem(const Problem& problem);

enum class Source : std::uint8_t {
  kFlag,
  kEnvironment,
  kSecretFile,
  kEnvFile,
  kConfigFile,
  kGenerated,
  kDefault,
};
std::string_view SourceName(Source source);

struct LoadInput {
  /// By variable name. `where` of their problems is the name with dashes ("--port").
  std::map<std::string, std::string> flags;
  std::map<std::string, std::string> environment;
  /// Used unless set otherwise. Absolute.
  std::string default_data_dir;
  std::string default_cache_dir;
};

struct Configuration {
  Settings settings;
  std::vector<Problem> problems;
  /// By variable name; variables that are not here have their defaults.
  std::map<std::string, Source, std::less<>> sources;

  /// No problem is an error.
  bool ok() const;
};

/// Reads and checks everything. Generated secrets are not part of it (generated_secrets.h).
Configuration Load(const LoadInput& input);

}  // namespace wt::config
