#include "apps/transcriber/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace wt::transcriber {
namespace {

constexpr std::string_view kProductDirectory = "/whisper-transcriber";
constexpr std::string_view kServiceModels = "/var/lib/whisper-transcriber/models";

class Reader {
 public:
  Reader(const std::function<const char*(const char*)>& get, const std::string& home)
      : get_(get), home_(Get("HOME")) {
    if (home_.empty()) home_ = home;
  }

  std::string Get(const char* name, std::string_view unset = "") const {
    const char* value = get_(name);
    return value != nullptr && *value != '\0' ? std::string(value) : std::string(unset);
  }

  // The XDG base directory specification ignores relative paths.
  std::string ProductDirectory(const char* name, std::string_view below_home) const {
    std::string base = Get(name);
    if (!base.starts_with('/')) base = home_.empty() ? "" : home_ + std::string(below_home);
    return base.empty() ? "" : base + std::string(kProductDirectory);
  }

 private:
  const std::function<const char*(const char*)>& get_;
  std::string home_;
};

}  // namespace

Environment ReadEnvironment(const std::function<const char*(const char*)>& get,
                            const std::string& home) {
  const Reader reader(get, home);
  Environment environment;
  constexpr std::array kModelDirNames = {"MODEL_DIR", "WHISPER_MODEL_DIR", "WHISPER_MODELS_DIR",
                                         "MODELS_DIR"};
  for (const char* name : kModelDirNames) {
    const std::string directory = reader.Get(name);
    if (!directory.empty()) environment.model_dirs.push_back(directory);
  }
  environment.data_dir = reader.ProductDirectory("XDG_DATA_HOME", "/.local/share");
  environment.cache_dir = reader.ProductDirectory("XDG_CACHE_HOME", "/.cache");
  environment.default_model = reader.Get("DEFAULT_MODEL");
  environment.instruction_set = reader.Get("WT_FORCE_ISA", "auto");
  environment.api_key = reader.Get("WHISPER_API_KEY");
  environment.search_path = reader.Get("PATH");
  environment.temp_dir = reader.Get("TMPDIR", "/tmp");
  environment.model_mirror = reader.Get("MODEL_MIRROR");
  environment.python = reader.Get("PYTHON", "python3");
  environment.colours = reader.Get("NO_COLOR").empty() && reader.Get("TERM") != "dumb";
  return environment;
}

std::map<std::string, std::string> ReadVariables(const char* const* variables) {
  std::map<std::string, std::string> map;
  for (; variables != nullptr && *variables != nullptr; ++variables) {
    const std::string_view text(*variables);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    map.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return map;
}

std::string HomeOfUser() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0) return "";
  return found == nullptr || found->pw_dir == nullptr ? "" : found->pw_dir;
}

std::vector<std::string> ModelDirectories(const Environment& environment,
                                          const std::string& given) {
  std::vector<std::string> directories;
  const auto add = [&directories](std::string directory) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    const bool known =
        std::find(directories.begin(), directories.end(), directory) != directories.end();
    if (!directory.empty() && !known) directories.push_back(std::move(directory));
  };
  add(given);
  for (const std::string& directory : environment.model_dirs) add(directory);
  if (!environment.data_dir.empty()) add(environment.data_dir + "/models");
  add(std::string(kServiceModels));
  return directories;
}

}  // namespace wt::transcriber
