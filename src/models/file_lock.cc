#include "models/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace wt::models {
namespace {

constexpr std::chrono::milliseconds kPause{200};

}  // namespace

Result<FileLock> FileLock::Acquire(const std::string& path,
                                   const std::function<bool(std::chrono::milliseconds)>& wait) {
  platform::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.valid()) return platform::ErrnoStatus(errno, path);
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return platform::ErrnoStatus(errno, path);
    if (!wait(kPause)) return Status(StatusCode::kCancelled, "cancelled");
  }
  return FileLock(std::move(file));
}

}  // namespace wt::models
