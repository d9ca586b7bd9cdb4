#include "service/observe/logs/rotating_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/status_macros.h"

namespace wt::observe {

Status RotatingFile::Open() {
  const int fd =
      ::open(options_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) return platform::ErrnoStatus(errno, options_.path);
  file_ = platform::FileDescriptor(fd);
  struct stat info{};
  bytes_ = ::fstat(fd, &info) == 0 ? info.st_size : 0;
  return Status();
}

Status RotatingFile::Write(std::string_view line) {
  if (!file_.valid()) WT_TRY(Open());
  if (bytes_ > 0 && bytes_ + static_cast<std::int64_t>(line.size()) > options_.bytes_max) {
    WT_TRY(Rotate());
  }
  while (!line.empty()) {
    const ssize_t written = ::write(file_.get(), line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return platform::ErrnoStatus(errno, options_.path);
    bytes_ += written;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return Status();
}

Status RotatingFile::Rotate() {
  const auto name = [this](int number) { return options_.path + "." + std::to_string(number); };
  if (options_.files_kept == 0) {
    ::unlink(options_.path.c_str());
    return Open();
  }
  // Missing ones are no fault: there were fewer so far.
  for (int number = options_.files_kept; number > 1; --number) {
    static_cast<void>(::rename(name(number - 1).c_str(), name(number).c_str()));
  }
  if (::rename(options_.path.c_str(), name(1).c_str()) != 0 && errno != ENOENT) {
    return platform::ErrnoStatus(errno, options_.path);
  }
  return Open();
}

}  // namespace wt::observe
