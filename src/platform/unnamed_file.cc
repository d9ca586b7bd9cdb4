#include "platform/unnamed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace wt::platform {

namespace {

// For file systems that know no files without a name (some overlays, NFS): one that has a name for
// a moment.
FileDescriptor NamedForAMoment(const std::string& directory) {
  std::string name = directory + "/.unnamed-XXXXXX";
  FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.valid()) ::unlink(name.c_str());
  return file;
}

}  // namespace

Result<UnnamedFile> UnnamedFile::Create(const std::string& directory) {
  UnnamedFile made;
  made.file_ = FileDescriptor(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  // open(2): EOPNOTSUPP from the file system, EISDIR from kernels that do not know the flag.
  if (!made.file_.valid() && (errno == EOPNOTSUPP || errno == EISDIR)) {
    made.file_ = NamedForAMoment(directory);
  }
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
