#include "media/random_input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "platform/file.h"

namespace wt::media {

FdInput::FdInput(int fd, std::int64_t size, std::string name)
    : fd_(fd), size_(size), name_(std::move(name)) {}

Result<std::size_t> FdInput::ReadAt(std::int64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(fd_, out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return platform::ErrnoStatus(errno, name_);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<std::size_t> MemoryInput::ReadAt(std::int64_t offset, std::span<std::byte> out) {
  if (offset < 0 || offset >= size()) return std::size_t{0};
  const std::size_t start = static_cast<std::size_t>(offset);
  const std::size_t count = std::min(out.size(), bytes_.size() - start);
  if (count > 0) std::memcpy(out.data(), bytes_.data() + start, count);
  return count;
}

}  // namespace wt::media
