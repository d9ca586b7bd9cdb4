// Shell scripts that stand in for transcriber-media in tests.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "media/media_stream.h"

namespace wt::media {

/// A directory with files, removed at the end.
class TestDirectory {
 public:
  TestDirectory() {
    std::string name = testing::TempDir() + "media-test-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string Write(const std::string& name, const std::string& content) const {
    const std::string file = path_ + "/" + name;
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  /// An executable script.
  std::string Script(const std::string& body) const {
    const std::string file = Write("helper", "#!/bin/sh\n" + body + "\n");
    ::chmod(file.c_str(), 0700);
    return file;
  }

 private:
  std::string path_;
};

/// Shell words that print the header of a PCM stream.
inline std::string PrintHeader() {
  std::string text = "printf '";
  for (const std::byte byte : EncodeStreamHeader({})) {
    constexpr char kDigits[] = "01234567";
    const unsigned value = static_cast<unsigned>(byte);
    text += {'\\', kDigits[value >> 6], kDigits[(value >> 3) & 7], kDigits[value & 7]};
  }
  return text + "'";
}

/// Shell words that print a sample of 0.5 (bytes 00 00 00 3F).
inline std::string PrintSample() { return "printf '\\000\\000\\000\\077'"; }

}  // namespace wt::media
