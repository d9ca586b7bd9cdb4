// What the program takes from its environment: the only place that reads it.
//
// A plain value made once in main(); everything below takes it as a parameter. Thread-compatible.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace wt::transcriber {

struct Environment {
  /// MODEL_DIR, WHISPER_MODEL_DIR, WHISPER_MODELS_DIR, MODELS_DIR, in this order, as far as set.
  std::vector<std::string> model_dirs;
  /// XDG_DATA_HOME/whisper-transcriber; XDG_CACHE_HOME/whisper-transcriber. Empty without a home.
  std::string data_dir;
  std::string cache_dir;
  /// DEFAULT_MODEL.
  std::string default_model;
  /// WT_FORCE_ISA; "auto" when unset.
  std::string instruction_set = "auto";
  /// WHISPER_API_KEY, for servers that transcribe.
  std::string api_key;
  /// PATH, TMPDIR, MODEL_MIRROR, PYTHON.
  std::string search_path;
  std::string temp_dir = "/tmp";
  std::string model_mirror;
  std::string python = "python3";
  /// All variables, for the settings of the service.
  std::map<std::string, std::string> variables;
  /// False with NO_COLOR (not empty) or TERM=dumb.
  bool colours = true;
};

/// `get` is std::getenv in the program. `home` is used when HOME is unset.
Environment ReadEnvironment(const std::function<const char*(const char*)>& get,
                            const std::string& home);

/// NAME=VALUE texts, ended by nullptr, as a map.
std::map<std::string, std::string> ReadVariables(const char* const* variables);

/// The user's home directory by the user database; empty when there is none.
std::string HomeOfUser();

/// Where models are looked for, best first: `given`, the environment's, the data directory's, the
/// service's (/var/lib/whisper-transcriber/models).
std::vector<std::string> ModelDirectories(const Environment& environment, const std::string& given);

}  // namespace wt::transcriber
