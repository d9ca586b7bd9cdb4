#include "platform/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/status_macros.h"

namespace wt::platform {
namespace {

Status TooLarge(const std::string& path, std::int64_t size, std::int64_t bytes_max) {
  return Status(
      StatusCode::kResourceExhausted,
      path + ": has " + std::to_string(size) + " bytes, the limit is " + std::to_string(bytes_max));
}

Result<std::int64_t> RegularSize(int fd, const std::string& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return ErrnoStatus(errno, path);
  if (S_ISDIR(info.st_mode)) {
    return Status(StatusCode::kInvalidArgument, path + ": is a directory, a file is needed");
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(StatusCode::kInvalidArgument, path + ": is not a regular file");
  }
  return static_cast<std::int64_t>(info.st_size);
}

Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, path);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Status();
}

Status SyncDirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const std::string directory = parent.empty() ? "." : parent;
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return ErrnoStatus(errno, directory);
  return Status();
}

Status WriteSynced(const FileDescriptor& fd, std::span<const std::byte> bytes,
                   const std::string& path) {
  WT_TRY(WriteAll(fd.get(), bytes, path));
  if (::fsync(fd.get()) != 0) return ErrnoStatus(errno, path);
  return Status();
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Reset();
    fd_ = other.Release();
  }
  return *this;
}

int FileDescriptor::Release() { return std::exchange(fd_, -1); }

void FileDescriptor::Reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<MappedFile> MappedFile::Open(const std::string& path, std::int64_t bytes_max) {
  WT_ASSIGN(const FileDescriptor fd, OpenForRead(path));
  WT_ASSIGN(const std::int64_t size, RegularSize(fd.get(), path));
  if (size > bytes_max) return TooLarge(path, size, bytes_max);
  MappedFile file;
  if (size == 0) return file;
  void* data = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) return ErrnoStatus(errno, path);
  file.data_ = static_cast<const std::byte*>(data);
  file.size_ = static_cast<std::size_t>(size);
  return file;
}

Status ErrnoStatus(int error, std::string_view path) {
  const std::string text = std::string(path) + ": " + std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Status(StatusCode::kNotFound, text);
    case EACCES:
    case EPERM:
    case EROFS: return Status(StatusCode::kPermissionDenied, text);
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENOMEM: return Status(StatusCode::kResourceExhausted, text);
    case EEXIST: return Status(StatusCode::kAlreadyExists, text);
    default: return Status(StatusCode::kUnavailable, text);
  }
}

Result<FileDescriptor> OpenForRead(const std::string& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, path);
  return fd;
}

Result<std::string> ReadWholeFile(const std::string& path, std::int64_t bytes_max) {
  WT_ASSIGN(const FileDescriptor fd, OpenForRead(path));
  WT_ASSIGN(const std::int64_t size, RegularSize(fd.get(), path));
  if (size > bytes_max) return TooLarge(path, size, bytes_max);
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::read(fd.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, path);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

Status WriteFileAtomically(const std::string& path, std::span<const std::byte> bytes) {
  std::string temporary = path + ".tmp.XXXXXX";
  const FileDescriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, path);
  Status status = WriteSynced(fd, bytes, path);
  if (status.ok() && ::fchmod(fd.get(), 0644) != 0) status = ErrnoStatus(errno, path);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, path);
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return SyncDirectoryOf(path);
}

Status EnsureDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoStatus(error.value(), path);
  return Status();
}

}  // namespace wt::platform
