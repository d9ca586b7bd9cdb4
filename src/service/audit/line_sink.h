// Where whole lines go: the audit file, opened for appending. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::audit {

class LineSink {
 public:
  virtual ~LineSink() = default;
  /// `line` ends with a line feed; it is written whole or reported.
  virtual Status Write(std::string_view line) = 0;
};

/// Appends and syncs. Opens the file again for each line, so that it can be renamed away.
class FileLineSink : public LineSink {
 public:
  /// Creates the file, readable by its owner only. kPermissionDenied, kUnavailable.
  static Result<std::unique_ptr<FileLineSink>> Open(const std::string& path);
  Status Write(std::string_view line) override;

 private:
  explicit FileLineSink(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  std::mutex mutex_;
};

}  // namespace wt::audit
