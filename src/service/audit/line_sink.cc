#include "service/audit/line_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/status_macros.h"

namespace wt::audit {
namespace {

Result<platform::FileDescriptor> OpenForAppend(const std::string& path) {
  platform::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return platform::ErrnoStatus(errno, path);
  return file;
}

}  // namespace

Result<std::unique_ptr<FileLineSink>> FileLineSink::Open(const std::string& path) {
  WT_TRY(OpenForAppend(path));
  return std::unique_ptr<FileLineSink>(new FileLineSink(path));
}

Status FileLineSink::Write(std::string_view line) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(const platform::FileDescriptor file, OpenForAppend(path_));
  while (!line.empty()) {
    const ssize_t written = ::write(file.get(), line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return platform::ErrnoStatus(errno, path_);
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(file.get()) != 0) return platform::ErrnoStatus(errno, path_);
  return {};
}

}  // namespace wt::audit
