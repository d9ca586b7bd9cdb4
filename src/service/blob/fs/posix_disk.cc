#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "service/blob/fs/disk.h"

namespace wt::blob {
namespace {

using platform::FileDescriptor;

constexpr mode_t kFileMode = 0640;
constexpr mode_t kDirectoryMode = 0750;
// 8 MiB take about 30 ms at 250 MB/s: long against a call, short against a recording.
constexpr std::int64_t kWriteAheadBytes = 8 << 20;
constexpr char kCannotWrite[] = "the storage cannot be written; try again later";
constexpr char kCannotRead[] = "the storage cannot be read; try again later";

class PosixFile : public DiskFile {
 public:
  PosixFile(FileDescriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Status Write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return DiskStatus(errno, path_, kCannotWrite);
      // POSIX allows 0 for a device that takes nothing now; going on would never end.
      if (written == 0) return DiskStatus(ENOSPC, path_, kCannotWrite);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      unstarted_bytes_ += written;
    }
    StartWriting();
    return Status();
  }

  Status Sync() override {
    // EINTR counts as a failure too: whether the pages went out is unknown.
    if (::fsync(fd_.get()) != 0) return DiskStatus(errno, path_, kCannotWrite);
    return Status();
  }

  Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t count = ::pread(fd_.get(), out.data() + done, out.size() - done,
                                    static_cast<off_t>(offset) + static_cast<off_t>(done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return DiskStatus(errno, path_, kCannotRead);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<std::int64_t> Size() override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return DiskStatus(errno, path_, kCannotRead);
    return static_cast<std::int64_t>(info.st_size);
  }

  Result<FileDescriptor> Duplicate() override {
    // Opened again, not dup(): a dup shares the file offset with this object.
    return platform::OpenForRead("/proc/self/fd/" + std::to_string(fd_.get()));
  }

 private:
  /// Lets the medium work while the next bytes are hashed, instead of all at the end in Sync().
  /// Only a hint: without waiting it neither reports nor swallows errors, which stay for Sync().
  void StartWriting() {
    if (unstarted_bytes_ < kWriteAheadBytes) return;
    unstarted_bytes_ = 0;
    (void)::sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  }

  FileDescriptor fd_;
  std::string path_;
  std::int64_t unstarted_bytes_ = 0;
};

Status RenameWithoutReplacing(const std::string& from, const std::string& to) {
  if (::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) ==
      0) {
    return Status();
  }
  if (errno != EINVAL && errno != ENOSYS) return DiskStatus(errno, to, kCannotWrite);
  // File systems without the flag (NFS): a link never replaces either.
  if (::link(from.c_str(), to.c_str()) != 0) return DiskStatus(errno, to, kCannotWrite);
  if (::unlink(from.c_str()) != 0) return DiskStatus(errno, from, kCannotWrite);
  return Status();
}

class PosixDisk : public Disk {
 public:
  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override {
    FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (!fd.valid()) return DiskStatus(errno, path, kCannotWrite);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return DiskStatus(errno, path, kCannotWrite);
    return std::unique_ptr<DiskFile>(std::make_unique<PosixFile>(std::move(fd), path));
  }

  Result<std::unique_ptr<DiskFile>> Open(const std::string& path) override {
    FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) return DiskStatus(errno, path, kCannotRead);
    return std::unique_ptr<DiskFile>(std::make_unique<PosixFile>(std::move(fd), path));
  }

  Status RenameNew(const std::string& from, const std::string& to) override {
    return RenameWithoutReplacing(from, to);
  }

  Status RenameOver(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return DiskStatus(errno, to, kCannotWrite);
    return Status();
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
      return DiskStatus(errno, path, "the stored object cannot be removed; try again later");
    }
    return Status();
  }

  bool IsAbandoned(const std::string& path, base::UnixMillis before) override {
    const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return false;
    const base::UnixMillis changed =
        info.st_mtim.tv_sec * 1'000LL + info.st_mtim.tv_nsec / 1'000'000;
    return changed < before && ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0;
  }

  Result<bool> MakeDirectory(const std::string& path) override {
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) return true;
    if (errno == EEXIST) return false;
    return DiskStatus(errno, path, kCannotWrite);
  }

  Status SyncDirectory(const std::string& path) override {
    const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0) return DiskStatus(errno, path, kCannotWrite);
    return Status();
  }

  Result<std::vector<DiskEntry>> List(const std::string& path) override;
  Result<DiskSpace> Space(const std::string& path) override;
};

Result<std::vector<DiskEntry>> PosixDisk::List(const std::string& path) {
  std::vector<DiskEntry> entries;
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return entries;
    return DiskStatus(errno, path, kCannotRead);
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> closer(directory, &::closedir);
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory);  // NOLINT(concurrency-mt-unsafe): own stream.
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat info{};
      is_directory = ::lstat((path + "/" + name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    }
    entries.push_back({name, is_directory});
  }
  if (errno != 0) return DiskStatus(errno, path, kCannotRead);
  std::sort(entries.begin(), entries.end(),
            [](const DiskEntry& a, const DiskEntry& b) { return a.name < b.name; });
  return entries;
}

Result<DiskSpace> PosixDisk::Space(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return DiskStatus(errno, path, kCannotRead);
  const auto unit = static_cast<std::int64_t>(info.f_frsize);
  return DiskSpace{.total_bytes = unit * static_cast<std::int64_t>(info.f_blocks),
                   .free_bytes = unit * static_cast<std::int64_t>(info.f_bavail)};
}

}  // namespace

std::unique_ptr<Disk> MakePosixDisk() { return std::make_unique<PosixDisk>(); }

Status DiskStatus(int error, const std::string& path, const std::string& what) {
  const InternalDetail detail(path + ": " + std::generic_category().message(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Status(StatusCode::kResourceExhausted,
                    "the storage is full; nothing was stored. Try again later", detail);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Status(StatusCode::kUnavailable, "the server is too busy; try again later", detail);
    case ENOENT:
    case ENOTDIR: return Status(StatusCode::kNotFound, "the stored object is not there", detail);
    case EEXIST:
      return Status(StatusCode::kAlreadyExists, "the stored object is there already", detail);
    case EACCES:
    case EPERM:
    case EROFS: return Status(StatusCode::kPermissionDenied, what, detail);
    default: return Status(StatusCode::kUnavailable, what, detail);
  }
}

}  // namespace wt::blob
