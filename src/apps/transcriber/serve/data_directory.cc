#include "apps/transcriber/serve/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/status_macros.h"

namespace wt::transcriber {
namespace {

Status EnsurePrivateDirectory(const std::string& path, std::string_view setting) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  Status made = parent.empty() ? Status() : platform::EnsureDirectory(parent);
  if (made.ok() && ::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) {
    made = platform::ErrnoStatus(errno, path);
  }
  if (made.ok() && !std::filesystem::is_directory(path)) {
    made = Status(StatusCode::kFailedPrecondition, path + ": is no directory");
  }
  if (made.ok() && ::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    made = platform::ErrnoStatus(errno, path);
  }
  if (made.ok()) return made;
  return Status(made.code(),
                fmt::format("{}; the service must be able to write there: change its owner, or set "
                            "{} to another directory",
                            made.message(), setting));
}

// The process id in the lock file, for the message only.
std::string Holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string digits;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') break;
    digits += c;
  }
  return digits.empty() ? "" : fmt::format(" (process {})", digits);
}

}  // namespace

Status EnsureDataDirectories(const config::Settings& settings) {
  const config::StorageSettings& storage = settings.storage;
  const std::string database = std::filesystem::path(storage.database_file).parent_path().string();
  // Models elsewhere may be there to be read only.
  const std::string own_models =
      settings.models.dir.starts_with(settings.general.data_dir + "/") ? settings.models.dir : "";
  struct Folder {
    const std::string* path;
    std::string_view setting;
  };
  const std::array<Folder, 6> folders = {{{&settings.general.data_dir, "DATA_DIR"},
                                          {&storage.local_dir, "LOCAL_STORAGE_DIR"},
                                          {&storage.cache_dir, "CACHE_DIR"},
                                          {&own_models, "MODEL_DIR"},
                                          {&database, "DATABASE_URL"},
                                          {&settings.log.dir, "LOG_DIR"}}};
  for (const Folder& folder : folders) {
    if (folder.path->empty()) continue;
    WT_TRY(EnsurePrivateDirectory(*folder.path, folder.setting));
  }
  return Status();
}

Result<DataLock> DataLock::Take(const std::string& data_dir) {
  const std::string path = data_dir + "/server.lock";
  platform::FileDescriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!file.valid()) return platform::ErrnoStatus(errno, path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return platform::ErrnoStatus(errno, path);
    return Status(StatusCode::kFailedPrecondition,
                  fmt::format("another server{} uses {}; stop it, or choose another directory with "
                              "--data-dir",
                              Holder(file.get()), data_dir));
  }
  // Who holds it is a courtesy: the lock is what counts.
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), text.data(), text.size(), 0) < 0) {
    return platform::ErrnoStatus(errno, path);
  }
  return DataLock(std::move(file));
}

}  // namespace wt::transcriber
