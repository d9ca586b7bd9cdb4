// A log file that is renamed to NAME.1, NAME.2, ... when it is full.
//
// Used by one thread (line_writer.h), but for Reopen's flag.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::observe {

struct RotatingFileOptions {
  std::string path;
  std::int64_t bytes_max = 10'000'000;
  /// Rotated files kept; 0: a full file is emptied.
  int files_kept = 3;
};

class RotatingFile {
 public:
  explicit RotatingFile(RotatingFileOptions options) : options_(std::move(options)) {}

  /// Opens for appending, mode 0640. kNotFound, kPermissionDenied, kUnavailable.
  Status Open();
  /// A line that does not fit starts a new file. Lines are never split over files.
  Status Write(std::string_view line);
  /// After somebody else has moved the file away.
  Status Reopen() { return Open(); }

 private:
  Status Rotate();

  RotatingFileOptions options_;
  platform::FileDescriptor file_;
  std::int64_t bytes_ = 0;
};

}  // namespace wt::observe
