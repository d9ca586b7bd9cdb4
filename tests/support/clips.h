// PCM of the reference recordings: int16 / 32768, 16 kHz mono, decoded by the ffmpeg program.
//
// For tests only. Tests that need a clip skip when ffmpeg or the shared folder is missing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/npy.h"

namespace wt::testing_support {

/// Output of `ffmpeg -i path -f s16le -ac 1 -ar rate -` as samples; nothing when it fails.
inline std::optional<std::vector<float>> DecodeWithFfmpeg(const std::string& path,
                                                          int rate = 16'000) {
  const std::string command = "ffmpeg -nostdin -v error -i '" + path +
                              "' -f s16le -ac 1 -acodec pcm_s16le -ar " + std::to_string(rate) +
                              " - 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::vector<float> samples;
  std::int16_t block[4096];
  for (std::size_t n = 0; (n = std::fread(block, 2, 4096, pipe)) > 0;) {
    for (std::size_t i = 0; i < n; ++i) samples.push_back(static_cast<float>(block[i]) / 32768.0f);
  }
  if (::pclose(pipe) != 0 || samples.empty()) return std::nullopt;
  return samples;
}

/// A recording by its path below speech/, e.g. "en/jfk-inaugural.flac".
inline std::optional<std::vector<float>> SpeechSamples(const std::string& path) {
  const std::string shared = SharedDir();
  if (shared.empty()) return std::nullopt;
  const std::string file = shared + "/speech/" + path;
  if (!std::ifstream(file)) return std::nullopt;
  return DecodeWithFfmpeg(file);
}

/// A JSON file below reference/; null when it is missing.
inline nlohmann::json ReferenceJson(const std::string& name) {
  std::ifstream file(SharedDir() + "/reference/" + name);
  if (!file) return nullptr;
  return nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
}

/// A clip of clips.json: from its .npy where one is given (another resampler made those), else from
/// the FLAC. Nothing when it cannot be had.
inline std::optional<std::vector<float>> ClipSamples(const nlohmann::json& clip) {
  if (!clip.contains("pcm")) {
    return SpeechSamples(clip["path"].get<std::string>().substr(sizeof("speech/") - 1));
  }
  const auto pcm =
      ReadNpy<std::int16_t>(SharedDir() + "/reference/" + clip["pcm"].get<std::string>());
  if (!pcm) return std::nullopt;
  std::vector<float> samples;
  samples.reserve(pcm->data.size());
  for (const std::int16_t value : pcm->data)
    samples.push_back(static_cast<float>(value) / 32768.0f);
  return samples;
}

}  // namespace wt::testing_support
