// The data directory: made with its folders, and locked against a second server.
//
// One thread.
#pragma once

#include <string>

#include "platform/file.h"
#include "service/config/settings.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// Creates what is missing of the folders in `settings`, for the owner and the group (0750); those
/// that exist keep their modes. The error names the folder and the setting.
Status EnsureDataDirectories(const config::Settings& settings);

/// Held while a server uses a data directory; given back when the process ends, however it ends.
class DataLock {
 public:
  /// kFailedPrecondition when another server holds it; names its process.
  static Result<DataLock> Take(const std::string& data_dir);

 private:
  explicit DataLock(platform::FileDescriptor file) : file_(std::move(file)) {}
  platform::FileDescriptor file_;
};

}  // namespace wt::transcriber
