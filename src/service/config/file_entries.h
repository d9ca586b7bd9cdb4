// Files of settings as name and value pairs. Readers of untrusted text: spans in, no paths.
//
// Errors name the line and what is wrong there; they never repeat the text, which may be a secret.
// Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::config {

inline constexpr std::int64_t kSettingsFileBytesMax = 1 << 20;
inline constexpr std::size_t kSettingsFileEntriesMax = 10'000;

struct FileEntry {
  /// Upper case, as variables are written.
  std::string name;
  std::string value;
  int line = 0;
};

struct FileProblem {
  int line = 0;
  std::string message;
};

struct FileEntries {
  std::vector<FileEntry> entries;
  std::vector<FileProblem> problems;
};

/// NAME=VALUE lines as Docker Compose and shells write them, nothing is executed or expanded:
/// - "export " may stand in front; empty lines and lines that begin with # count for nothing;
/// - VALUE without quotes goes to the end of the line or to a # behind white space, and is
/// stripped;
/// - 'VALUE' is taken as it is; in "VALUE" \n \t \r \" \\ \$ are escapes. Both may hold line
/// breaks.
FileEntries ParseEnvFile(std::string_view text);

/// TOML 1.0. Keys are variable names in lower case; a table's name is a prefix ([log] level is
/// LOG_LEVEL). Arrays are lists.
FileEntries ParseTomlFile(std::string_view text);

}  // namespace wt::config
