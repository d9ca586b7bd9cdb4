#include "apps/transcriber/transcribe/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "apps/transcriber/interrupt.h"
#include "base/status_macros.h"
#include "platform/file.h"

namespace wt::transcriber {
namespace {

Status AlreadyThere(const std::string& path) {
  return Status(StatusCode::kAlreadyExists, path + ": exists; --overwrite replaces it");
}

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The file that a symbolic link stands for, so that the link survives.
std::string Resolved(const std::string& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::canonical(path, error);
  return error ? path : resolved.string();
}

Status WriteAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return platform::ErrnoStatus(errno, path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return Status();
}

Status WriteDirectly(const std::string& path, std::string_view text) {
  const platform::FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return platform::ErrnoStatus(errno, path);
  return WriteAll(fd.get(), text, path);
}

// open() and not mkostemp(), so that the user's mask decides on the mode.
Result<platform::FileDescriptor> MakeTemporary(const std::string& target, std::string* temporary) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    *temporary =
        fmt::format("{}/.transcriber.{}.{}", DirectoryOf(target), ::getpid(), counter.fetch_add(1));
    platform::FileDescriptor fd(
        ::open(temporary->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (fd.valid()) return fd;
    if (errno != EEXIST) return platform::ErrnoStatus(errno, target);
  }
}

Status WriteSynced(const platform::FileDescriptor& fd, std::string_view text,
                   const std::string& path) {
  WT_TRY(WriteAll(fd.get(), text, path));
  // Some file systems have no fsync (EINVAL); a full disk and a broken one say so here.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return platform::ErrnoStatus(errno, path);
  return Status();
}

// link() fails when the name exists, which no combination of looking and renaming does.
Status TakeName(const std::string& temporary, const std::string& path, Existing existing) {
  if (existing == Existing::kReplace) {
    if (::rename(temporary.c_str(), path.c_str()) == 0) return Status();
    return platform::ErrnoStatus(errno, path);
  }
  if (::link(temporary.c_str(), path.c_str()) == 0) {
    ::unlink(temporary.c_str());
    return Status();
  }
  if (errno == EEXIST) return AlreadyThere(path);
  // File systems without hard links: the window between looking and renaming is small.
  if (::access(path.c_str(), F_OK) == 0) return AlreadyThere(path);
  if (::rename(temporary.c_str(), path.c_str()) == 0) return Status();
  return platform::ErrnoStatus(errno, path);
}

}  // namespace

Status CheckOutputFile(const std::string& path, Existing existing) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      return Status(StatusCode::kInvalidArgument, path + ": is a directory");
    }
    if (S_ISREG(info.st_mode) && existing == Existing::kKeep) return AlreadyThere(path);
    if (!S_ISREG(info.st_mode)) return Status();
  } else if (errno != ENOENT) {
    return platform::ErrnoStatus(errno, path);
  }
  if (::access(DirectoryOf(path).c_str(), W_OK | X_OK) != 0) {
    return platform::ErrnoStatus(errno, path);
  }
  return Status();
}

Status WriteOutputFile(const std::string& path, std::string_view text, Existing existing) {
  struct stat info{};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) return WriteDirectly(path, text);
  if (exists && existing == Existing::kKeep) return AlreadyThere(path);
  const std::string target = exists ? Resolved(path) : path;
  const std::unique_lock critical = EnterCritical();
  std::string temporary;
  WT_ASSIGN(const platform::FileDescriptor fd, MakeTemporary(target, &temporary));
  Status status = WriteSynced(fd, text, path);
  if (status.ok()) status = TakeName(temporary, target, existing);
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

}  // namespace wt::transcriber
