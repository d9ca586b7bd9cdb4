// The blob store on a local file system.
//
// An object is two files in ROOT/area/owner: NAME.GENERATION.data, the content, and NAME.blob, its
// sidecar (hashes, sizes, sealed keys; docs/formats/blob.md). The content's name is never used
// twice, so the object comes into being by one rename of the sidecar, after both files are synced;
// then the directory is synced, and only then has Commit() succeeded (docs/promises.md, P1). What
// a crash leaves behind (content without sidecar or the reverse) is not an object: Open() does not
// find it, Create() takes its name, Sweep() removes it. Plain content is the bytes themselves, so
// that the kernel can send it and the media helper can read it.
//
// Several processes may use one directory. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "service/blob/blob_store.h"
#include "service/blob/fs/cipher.h"
#include "service/blob/fs/disk.h"
#include "service/blob/fs/sidecar.h"

namespace wt::blob {

struct FsOptions {
  /// Made when it is not there, with its parents.
  std::string root;
  /// Bytes to leave free on the file system; absent: the larger of 5 % and 2 GiB.
  std::optional<std::int64_t> free_floor_bytes;
  std::int64_t blob_bytes_max = kBlobBytesMax;
  /// The largest sealed object that OpenDescriptor() decrypts into memory.
  std::int64_t plain_copy_bytes_max = 2LL << 30;
  /// Null: content is stored as it is. Shared because it is immutable and readers outlive calls.
  std::shared_ptr<const KeyRing> keys = nullptr;
};

struct SweepReport {
  int files_removed = 0;
  int files_seen = 0;
};

class FsBlobStore : public BlobStore {
 public:
  /// `disk` and `clock` outlive the store and everything that it makes. An error when the root
  /// cannot be made or written.
  static Result<std::unique_ptr<FsBlobStore>> Open(FsOptions options, Disk* disk,
                                                   const base::Clock* clock);

  Result<std::unique_ptr<BlobWriter>> Create(const std::string& key) override;
  Result<std::unique_ptr<BlobReader>> Open(const std::string& key) override;
  Status Delete(const std::string& key) override;
  Result<std::vector<BlobInfo>> List(const std::string& after, int limit) override;
  Status CheckSpace(std::int64_t bytes) override;
  Result<std::int64_t> FreeBytes() override;

  /// Removes files that belong to no object, are held by no writer and are older than `grace_ms`.
  Result<SweepReport> Sweep(std::int64_t grace_ms);
  /// Seals the object's data key under the current master key; content stays as it is. Fine when
  /// it is already, or when the object is not encrypted.
  Status Rewrap(const std::string& key);

 private:
  friend class FsWriter;

  FsBlobStore(FsOptions options, Disk* disk, const base::Clock* clock)
      : options_(std::move(options)), disk_(disk), clock_(clock) {}

  struct Paths {
    std::string directory;
    std::string sidecar;
    /// Of one generation.
    std::string content;
    std::string new_sidecar;
  };
  Paths PathsOf(const std::string& key, std::uint64_t generation) const;
  Status EnsureDirectories(const std::string& key);
  Status EnsureDurableDirectory(const std::string& parent, const std::string& path);
  /// kNotFound, kDataCorrupt.
  Result<Sidecar> ReadSidecar(const std::string& key);
  /// kAlreadyExists when the key is taken; removes what is left of an unfinished object.
  Status ClearName(const std::string& key);
  Result<BlobInfo> InfoOf(const Sidecar& sidecar) const;
  Status WriteSidecar(const Sidecar& sidecar, const Paths& paths);
  Status ListOwner(const std::string& prefix, const std::string& after_name, int limit,
                   std::vector<BlobInfo>* out);
  Status SweepDirectory(const std::string& prefix, base::UnixMillis before, SweepReport* report);
  bool IsNeeded(const std::string& prefix, const std::string& file_name);

  const FsOptions options_;
  Disk* const disk_;
  const base::Clock* const clock_;
  std::mutex mutex_;
  /// Directories whose entry in their parent this process has synced. Guarded by mutex_.
  std::set<std::string> durable_directories_;
};

}  // namespace wt::blob
