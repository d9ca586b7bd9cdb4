// A file without a name: gone when the last descriptor is closed, whatever happens to the process.
//
// Move-only; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::platform {

class UnnamedFile {
 public:
  /// kNotFound, kPermissionDenied, kUnavailable: of the directory.
  static Result<UnnamedFile> Create(const std::string& directory);

  /// Appends. kResourceExhausted when there is no room.
  Status Write(std::span<const std::byte> bytes);
  std::int64_t bytes() const { return bytes_; }
  /// The descriptor, at the beginning of the file.
  FileDescriptor Take();

 private:
  FileDescriptor file_;
  std::int64_t bytes_ = 0;
};

}  // namespace wt::platform
