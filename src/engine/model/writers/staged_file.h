// Output that appears under its name only when it is complete.
//
// A StagedFile or StagedDirectory writes beside the target, under a temporary name, and renames at
// Commit(). Without Commit() the destructor removes what was written. Move-only; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

class StagedFile {
 public:
  /// Creates the temporary file in the target's directory, which must exist.
  static Result<StagedFile> Create(const std::string& target);
  StagedFile(StagedFile&&) = default;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  Status Append(std::span<const std::byte> bytes);
  Status Append(std::string_view text);
  /// Overwrites bytes that were appended before.
  Status Rewrite(std::int64_t offset, std::span<const std::byte> bytes);
  std::int64_t bytes() const { return bytes_; }
  /// Syncs, renames over the target, syncs the directory. Call once.
  Status Commit();

 private:
  StagedFile() = default;
  std::string target_;
  std::string temporary_;
  platform::FileDescriptor fd_;  // Invalid after Commit() or a move.
  std::int64_t bytes_ = 0;
};

class StagedDirectory {
 public:
  /// kAlreadyExists when the target exists: directories cannot be replaced in one step.
  static Result<StagedDirectory> Create(const std::string& target);
  StagedDirectory(StagedDirectory&& other) noexcept;
  StagedDirectory& operator=(StagedDirectory&&) = delete;
  ~StagedDirectory();

  /// The path under which to write a file of this directory.
  std::string PathOf(std::string_view name) const;
  Status Commit();

 private:
  StagedDirectory() = default;
  std::string target_;
  std::string temporary_;  // Empty after Commit() or a move.
};

/// Syncs the directory that holds `path`, so that a rename survives a power failure.
Status SyncParentDirectory(const std::string& path);

}  // namespace wt::model
