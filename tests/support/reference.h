// Where tests find the reference data, the recordings and real weights. For tests only.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/npy.h"

namespace wt::testing_support {

inline std::string EnvironmentOr(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

inline std::string ReferencePath(const std::string& name) {
  return SharedDir() + "/reference/" + name;
}

/// The folder of installed models: as the program's default.
inline std::string ModelsDir() {
  const std::string data =
      EnvironmentOr("XDG_DATA_HOME", EnvironmentOr("HOME", "/root") + "/.local/share");
  return EnvironmentOr("WT_MODELS_DIR", data + "/whisper-transcriber/models");
}
inline std::string BaseModelPath() { return ModelsDir() + "/base"; }
inline std::string VadModelPath() { return ModelsDir() + "/silero-vad/silero_vad_16k.safetensors"; }

inline std::string SpeakerModelPath(const std::string& file) {
  return ModelsDir() + "/speaker/" + file;
}

inline bool Exists(const std::string& path) { return std::filesystem::exists(path); }

/// A JSON file of the reference data. REQUIRES: it exists (tests skip before).
inline nlohmann::json LoadReferenceJson(const std::string& name) {
  std::ifstream file(ReferencePath(name));
  return nlohmann::json::parse(file);
}

}  // namespace wt::testing_support

/// Skips the test when the path (data that only some machines have) is absent.
#define WT_NEEDS(path)                         \
  if (!::wt::testing_support::Exists(path)) {  \
    GTEST_SKIP() << (path) << " is not there"; \
  }                                            \
  static_assert(true)
