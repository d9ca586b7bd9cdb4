// Files: read-only mappings, whole reads with a maximum, atomic replacement. Linux only.
//
// Errors name the file and the system's reason. A mapping stays valid when the file is renamed or
// unlinked; truncating a mapped file is the operator's mistake (SIGBUS), so caches are replaced by
// rename only. Types are move-only handles: thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::platform {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { Reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release();
  void Reset();

 private:
  int fd_ = -1;
};

/// A whole file mapped read-only.
class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// kNotFound, kPermissionDenied, kResourceExhausted (larger than `bytes_max`), kUnavailable.
  static Result<MappedFile> Open(const std::string& path, std::int64_t bytes_max);

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// kNotFound, kPermissionDenied or kUnavailable for an errno, as "path: reason".
Status ErrnoStatus(int error, std::string_view path);

/// Opens for reading.
Result<FileDescriptor> OpenForRead(const std::string& path);

/// The whole file; kResourceExhausted when it is larger than `bytes_max`.
Result<std::string> ReadWholeFile(const std::string& path, std::int64_t bytes_max);

/// Writes to a temporary name in the same directory, syncs, renames, syncs the directory.
Status WriteFileAtomically(const std::string& path, std::span<const std::byte> bytes);

/// Creates a directory and its parents. Fine when it exists.
Status EnsureDirectory(const std::string& path);

}  // namespace wt::platform
