#include "models/staging.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/status_macros.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;

Status DiskStatus(int error, const std::string& path) {
  if (error == ENOSPC || error == EDQUOT) {
    return Status(StatusCode::kResourceExhausted,
                  path +
                      ": the disk is full; nothing was installed. Free some space and run the "
                      "same command again");
  }
  return platform::ErrnoStatus(error, path);
}

Status SyncDirectory(const std::string& path) {
  const platform::FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return DiskStatus(errno, path);
  return Status();
}

/// Puts `from` in the place of `to`. Afterwards `from` is the old directory, or is not there.
Status Exchange(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    return Status();
  }
  if (errno != ENOENT && errno != EINVAL && errno != ENOSYS) return DiskStatus(errno, to);
  // Nothing there yet, or a file system that cannot exchange: then there is a moment without.
  const std::string old = from + ".old";
  std::error_code error;
  fs::remove_all(old, error);
  const bool had_old = ::rename(to.c_str(), old.c_str()) == 0;
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int reason = errno;
    if (had_old) ::rename(old.c_str(), to.c_str());
    return DiskStatus(reason, to);
  }
  fs::remove_all(old, error);
  return Status();
}

}  // namespace

Result<HashingWriter> HashingWriter::Create(const std::string& path) {
  platform::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.valid()) return DiskStatus(errno, path);
  return HashingWriter(path, std::move(file));
}

Status HashingWriter::Write(std::span<const std::byte> bytes) {
  hash_.Update(bytes);
  bytes_ += static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return DiskStatus(errno, path_);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return Status();
}

Result<ManifestFile> HashingWriter::Finish() {
  if (::fsync(file_.get()) != 0) return DiskStatus(errno, path_);
  file_.Reset();
  return ManifestFile{fs::path(path_).filename().string(), bytes_, hash_.Finish()};
}

Result<Staging> Staging::Begin(const ModelStore& store, const std::string& name) {
  const std::string target = store.DirectoryOf(name);
  std::error_code error;
  if (fs::exists(target, error) && !fs::exists(target + "/" + std::string(kManifestFile), error)) {
    return Status(StatusCode::kFailedPrecondition,
                  target +
                      ": was not installed by this program and is not replaced; move it away "
                      "or choose another directory with --model-dir");
  }
  Staging staging(store.DirectoryOf(".staging-" + name), target);
  WT_TRY(staging.Clear());
  return staging;
}

Staging::~Staging() {
  if (directory_.empty()) return;
  std::error_code error;
  fs::remove_all(directory_, error);
}

Staging::Staging(Staging&& other) noexcept
    : directory_(std::exchange(other.directory_, std::string())),
      target_(std::move(other.target_)) {}

Status Staging::Clear() {
  std::error_code error;
  fs::remove_all(directory_, error);
  if (error) return DiskStatus(error.value(), directory_);
  return platform::EnsureDirectory(directory_);
}

Status Staging::Publish(const Manifest& manifest) {
  WT_TRY(WriteManifest(directory_, manifest));
  WT_TRY(SyncDirectory(directory_));
  WT_TRY(Exchange(directory_, target_));
  std::error_code error;
  fs::remove_all(directory_, error);  // Now the older model, if there was one.
  WT_TRY(SyncDirectory(fs::path(target_).parent_path().string()));
  directory_.clear();
  return Status();
}

}  // namespace wt::models
