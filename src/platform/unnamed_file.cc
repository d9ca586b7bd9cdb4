#include "platform/unnamed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace wt::platform {

Result<UnnamedFile> UnnamedFile::Create(const std::string& directory) {
  UnnamedFile made;
  made.file_ = FileDescriptor(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!made.file_.valid()) return ErrnoStatus(errno, directory);
  return made;
}

Status UnnamedFile::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file_.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      return Status(StatusCode::kResourceExhausted,
                    "There is no room for the recording on the server. Try again later.");
    }
    bytes_ += wrote;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

FileDescriptor UnnamedFile::Take() {
  ::lseek(file_.get(), 0, SEEK_SET);
  return std::move(file_);
}

}  // namespace wt::platform
