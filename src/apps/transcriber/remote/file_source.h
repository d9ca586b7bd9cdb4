// A recording on its way to a server: a file that can be read again from any place, or standard
// input, which is read once. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

class FileSource {
 public:
  /// `path` as on the command line: "-" is standard input. Errors name it.
  static Result<FileSource> Open(const std::string& path);

  /// Bytes in all; -1 where nobody knows (a pipe).
  std::int64_t size() const { return size_; }
  /// The next byte to be read, from 0.
  std::int64_t position() const { return position_; }
  bool at_end() const { return size_ >= 0 ? position_ >= size_ : ended_; }
  /// True when reading can begin at `position`: anywhere in a file, nowhere else in a pipe.
  bool Seek(std::int64_t position);

  /// Bytes written to `out`; 0 at the end. A file that became shorter meanwhile is kAborted: what
  /// was announced cannot be sent.
  Result<std::size_t> Read(std::span<char> out);

 private:
  FileSource(platform::FileDescriptor file, std::string name, std::int64_t size)
      : file_(std::move(file)), name_(std::move(name)), size_(size) {}

  platform::FileDescriptor file_;
  std::string name_;
  std::int64_t size_;
  std::int64_t position_ = 0;
  bool ended_ = false;
};

}  // namespace wt::transcriber
