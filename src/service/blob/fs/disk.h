// The file operations that the blob store is made of: the seam where tests put a disk that fails,
// fills up, or loses power. PosixDisk is the real one.
//
// Nothing here is durable by itself. Bytes of a file survive a power cut after File::Sync, names
// in a directory after SyncDirectory. Public messages never name a path; details do. A Disk is
// thread-safe, a File belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::blob {

class DiskFile {
 public:
  virtual ~DiskFile() = default;
  /// Appends all of `bytes`, however many calls that takes. After a failure the file is unusable.
  virtual Status Write(std::span<const std::byte> bytes) = 0;
  /// Bytes are on the medium when ok. After a failure they may never get there, and a second Sync
  /// could say ok falsely (the kernel drops the dirty pages): never call it again.
  virtual Status Sync() = 0;
  /// Fewer bytes only at the end.
  virtual Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) = 0;
  virtual Result<std::int64_t> Size() = 0;
  /// A second descriptor of the same file, for reading.
  virtual Result<platform::FileDescriptor> Duplicate() = 0;
};

struct DiskEntry {
  std::string name;
  bool is_directory = false;
};

struct DiskSpace {
  std::int64_t total_bytes = 0;
  std::int64_t free_bytes = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  /// A new file, locked by this process until it is closed. kAlreadyExists.
  virtual Result<std::unique_ptr<DiskFile>> Create(const std::string& path) = 0;
  /// For reading. kNotFound.
  virtual Result<std::unique_ptr<DiskFile>> Open(const std::string& path) = 0;
  /// Atomic. kAlreadyExists when `to` is there.
  virtual Status RenameNew(const std::string& from, const std::string& to) = 0;
  /// Atomic; `to` may be there and is replaced.
  virtual Status RenameOver(const std::string& from, const std::string& to) = 0;
  /// Fine when there is no such file.
  virtual Status Remove(const std::string& path) = 0;
  /// True when no living writer holds the file that Create() made, and its last change was before
  /// that time of the wall clock (a file is visible an instant before it is locked).
  virtual bool IsAbandoned(const std::string& path, base::UnixMillis before) = 0;
  /// True when it made one, false when it was there. The parent must be.
  virtual Result<bool> MakeDirectory(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  /// Sorted by name. Empty when there is no such directory.
  virtual Result<std::vector<DiskEntry>> List(const std::string& path) = 0;
  virtual Result<DiskSpace> Space(const std::string& path) = 0;
};

/// The disk of this machine. Modes 0750 and 0640 whatever the umask adds to them.
std::unique_ptr<Disk> MakePosixDisk();

/// kResourceExhausted for a full disk or quota, kNotFound, kAlreadyExists, kPermissionDenied, else
/// kUnavailable. The message is `what` ("the recording cannot be stored"); path and reason are in
/// the detail.
Status DiskStatus(int error, const std::string& path, const std::string& what);

}  // namespace wt::blob
