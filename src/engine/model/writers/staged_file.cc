#include "engine/model/writers/staged_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/status_macros.h"

namespace wt::model {
namespace {

/// Without the slashes at the end, which would put the temporary name inside the target.
std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

Status SyncParentDirectory(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const std::string directory = parent.empty() ? "." : parent;
  const platform::FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return platform::ErrnoStatus(errno, directory);
  return Status();
}

Result<StagedFile> StagedFile::Create(const std::string& target) {
  StagedFile file;
  file.target_ = target;
  file.temporary_ = target + ".tmp.XXXXXX";
  file.fd_ = platform::FileDescriptor(::mkostemp(file.temporary_.data(), O_CLOEXEC));
  if (!file.fd_.valid()) return platform::ErrnoStatus(errno, target);
  return file;
}

StagedFile::~StagedFile() {
  if (fd_.valid()) ::unlink(temporary_.c_str());
}

Status StagedFile::Append(std::span<const std::byte> bytes) {
  WT_TRY(Rewrite(bytes_, bytes));
  bytes_ += static_cast<std::int64_t>(bytes.size());
  return Status();
}

Status StagedFile::Append(std::string_view text) { return Append(std::as_bytes(std::span(text))); }

Status StagedFile::Rewrite(std::int64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return platform::ErrnoStatus(errno, target_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += written;
  }
  return Status();
}

Status StagedFile::Commit() {
  // mkostemp() gives mode 0600; the result is an ordinary file that others may read.
  if (::fchmod(fd_.get(), 0644) != 0 || ::fsync(fd_.get()) != 0 ||
      ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return platform::ErrnoStatus(errno, target_);
  }
  fd_.Reset();
  return SyncParentDirectory(target_);
}

Result<StagedDirectory> StagedDirectory::Create(const std::string& target) {
  StagedDirectory directory;
  directory.target_ = WithoutTrailingSlash(target);
  struct stat info{};
  if (::lstat(directory.target_.c_str(), &info) == 0) {
    return platform::ErrnoStatus(EEXIST, directory.target_);
  }
  std::string name = directory.target_ + ".tmp.XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return platform::ErrnoStatus(errno, directory.target_);
  directory.temporary_ = std::move(name);
  return directory;
}

StagedDirectory::StagedDirectory(StagedDirectory&& other) noexcept
    : target_(std::move(other.target_)), temporary_(std::exchange(other.temporary_, {})) {}

StagedDirectory::~StagedDirectory() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

std::string StagedDirectory::PathOf(std::string_view name) const {
  return (std::filesystem::path(temporary_) / name).string();
}

Status StagedDirectory::Commit() {
  if (::chmod(temporary_.c_str(), 0755) != 0 ||
      ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return platform::ErrnoStatus(errno, target_);
  }
  temporary_.clear();
  return SyncParentDirectory(target_);
}

}  // namespace wt::model
