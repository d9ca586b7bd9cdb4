// What the tests of the decoder share: where it is, where the recordings are, reading to the end.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "media/helper/helper_path.h"
#include "media/open_audio.h"

namespace wt::apps::transcriber_media {

inline std::string EnvironmentOr(const char* name, const std::string& otherwise) {
  const char* value = ::getenv(name);
  return value == nullptr ? otherwise : std::string(value);
}

/// The built program; empty when it was not built.
inline std::string HelperPath() {
  const std::string directory = EnvironmentOr("WT_BIN_DIR", "");
  const std::string given = directory.empty() ? std::string() : directory + "/transcriber-media";
  const Result<std::string> found = media::FindHelper(given, "");
  return found.ok() ? *found : std::string();
}

inline std::string SharedDirectory() {
  return EnvironmentOr("WT_SHARED_DIR", WT_DEFAULT_SHARED_DIR);
}

inline std::string TestData(const std::string& name) {
  return std::string(WT_MEDIA_TESTDATA) + "/" + name;
}

inline Result<std::vector<float>> ReadToEnd(AudioSource* source) {
  std::vector<float> samples;
  std::vector<float> piece(65'536);
  while (true) {
    const Result<std::size_t> count = source->Read(piece);
    if (!count.ok()) return count.status();
    samples.insert(samples.end(), piece.begin(),
                   piece.begin() + static_cast<std::ptrdiff_t>(*count));
    if (*count < piece.size()) return samples;
  }
}

inline Result<std::vector<float>> DecodeFile(const std::string& path,
                                             media::MediaOptions options = {}) {
  options.helper_path = HelperPath();
  Result<std::unique_ptr<AudioSource>> source = media::OpenAudioFile(path, options);
  if (!source.ok()) return source.status();
  return ReadToEnd(source->get());
}

}  // namespace wt::apps::transcriber_media
