#include "media/spool.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <vector>

#include "base/status_macros.h"

namespace wt::media {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr int kCancelPollMilliseconds = 50;

Result<platform::FileDescriptor> MakeNamelessFile(const std::string& directory) {
  platform::FileDescriptor file(
      ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
  if (file.valid()) return file;
  // File systems without O_TMPFILE (some network and overlay ones).
  std::string path = directory + "/media-XXXXXX";
  file = platform::FileDescriptor(::mkostemp(path.data(), O_CLOEXEC));
  if (!file.valid()) return platform::ErrnoStatus(errno, directory);
  ::unlink(path.c_str());
  return file;
}

/// The next bytes of `input`; 0 at its end.
Result<std::size_t> ReadPiece(int input, const std::string& name, std::span<std::byte> out,
                              const base::CancelFlag* cancel) {
  while (true) {
    if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "reading was cancelled");
    pollfd wait{.fd = input, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, cancel == nullptr ? -1 : kCancelPollMilliseconds) <= 0) continue;
    const ssize_t count = ::read(input, out.data(), out.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR && errno != EAGAIN) return platform::ErrnoStatus(errno, name);
  }
}

Status WritePiece(int file, const std::string& directory, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return platform::ErrnoStatus(errno, directory).WithContext("temporary file");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Status();
}

}  // namespace

Result<platform::FileDescriptor> SpoolToFile(int input, const std::string& name,
                                             const std::string& directory, std::int64_t bytes_max,
                                             const base::CancelFlag* cancel) {
  WT_ASSIGN(platform::FileDescriptor file, MakeNamelessFile(directory));
  std::vector<std::byte> piece(kPieceBytes);
  std::int64_t total = 0;
  while (true) {
    WT_ASSIGN(const std::size_t count, ReadPiece(input, name, piece, cancel));
    if (count == 0) return file;
    total += static_cast<std::int64_t>(count);
    if (total > bytes_max) {
      return Status(StatusCode::kResourceExhausted,
                    name + ": more than " + std::to_string(bytes_max) +
                        " bytes arrived, the limit for a pipe; give a file instead");
    }
    WT_TRY(WritePiece(file.get(), directory, std::span(piece).first(count)));
  }
}

}  // namespace wt::media
