#include "apps/transcriber/remote/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "apps/transcriber/options/transcribe_options.h"

namespace wt::transcriber {

Result<FileSource> FileSource::Open(const std::string& path) {
  const bool standard = path == kStandardStream;
  const std::string name = standard ? "standard input" : path;
  platform::FileDescriptor file(standard ? ::dup(STDIN_FILENO)
                                         : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat info{};
  if (!file.valid() || ::fstat(file.get(), &info) != 0) return platform::ErrnoStatus(errno, name);
  if (S_ISDIR(info.st_mode)) {
    return Status(StatusCode::kInvalidArgument, name + ": is a directory");
  }
  // Redirected standard input is at some place already; it is read on from there, as a pipe is.
  const bool whole = S_ISREG(info.st_mode) && !standard;
  return FileSource(std::move(file), name, whole ? info.st_size : -1);
}

bool FileSource::Seek(std::int64_t position) {
  if (size_ < 0) return position == position_;
  if (position < 0 || position > size_) return false;
  position_ = position;
  return true;
}

Result<std::size_t> FileSource::Read(std::span<char> out) {
  std::size_t wanted = out.size();
  if (size_ >= 0) {
    wanted = static_cast<std::size_t>(
        std::min(static_cast<std::int64_t>(wanted), std::max<std::int64_t>(0, size_ - position_)));
  }
  if (wanted == 0) return std::size_t{0};
  for (;;) {
    const ssize_t got = size_ >= 0 ? ::pread(file_.get(), out.data(), wanted, position_)
                                   : ::read(file_.get(), out.data(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return platform::ErrnoStatus(errno, name_);
    if (got == 0 && size_ >= 0) {
      return Status(StatusCode::kAborted,
                    name_ + ": became shorter while it was sent; send it when it is complete");
    }
    ended_ = got == 0;
    position_ += got;
    return static_cast<std::size_t>(got);
  }
}

}  // namespace wt::transcriber
