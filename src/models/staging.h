// A directory in which a model is put together, and the step that makes it appear.
//
// MODELS/.staging-NAME holds the files; Publish() writes the manifest, syncs, and exchanges the
// directory with MODELS/NAME in one rename, so that a reader finds the old model or the new one,
// never a mixture. Only the holder of the model's lock may stage it. Left unpublished, the
// directory is removed. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "models/manifest.h"
#include "models/store.h"
#include "platform/file.h"
#include "platform/sha256.h"
#include "whisper_transcriber/status.h"

namespace wt::models {

/// Writes a file in portions and knows its checksum. The file is synced by Finish().
class HashingWriter {
 public:
  static Result<HashingWriter> Create(const std::string& path);
  /// kResourceExhausted when the disk is full.
  Status Write(std::span<const std::byte> bytes);
  /// Name (the path's last part), size and checksum of what was written.
  Result<ManifestFile> Finish();

 private:
  HashingWriter(std::string path, platform::FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  platform::FileDescriptor file_;
  platform::Sha256 hash_;
  std::int64_t bytes_ = 0;
};

class Staging {
 public:
  /// Begins with an empty directory; what a crashed process left is removed. kFailedPrecondition
  /// when the name is taken by a directory without a manifest: that is somebody's own.
  static Result<Staging> Begin(const ModelStore& store, const std::string& name);
  ~Staging();
  Staging(Staging&& other) noexcept;
  Staging& operator=(Staging&&) = delete;

  const std::string& directory() const { return directory_; }
  std::string PathOf(std::string_view file) const { return directory_ + "/" + std::string(file); }

  /// Removes what was put there so far: another mirror is tried.
  Status Clear();
  /// Makes the model appear under its name, in place of an older one.
  Status Publish(const Manifest& manifest);

 private:
  Staging(std::string directory, std::string target)
      : directory_(std::move(directory)), target_(std::move(target)) {}
  std::string directory_;  // Empty when moved from or published.
  std::string target_;
};

}  // namespace wt::models
