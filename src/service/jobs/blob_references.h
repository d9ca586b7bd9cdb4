// Which blobs the rows of jobs need. A port, implemented in store/sqlite. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::jobs {

/// Blobs that rows refer to, and those whose rows are gone: for the sweeper and `storage verify`.
class BlobReferences {
 public:
  virtual ~BlobReferences() = default;
  /// Keys of recordings and results, in order, after `after`.
  virtual Result<std::vector<std::string>> ReferencedBlobs(const std::string& after, int limit) = 0;
  virtual Result<bool> IsReferenced(const std::string& key) = 0;
  /// Keys whose job was deleted and whose blob may still be there.
  virtual Result<std::vector<std::string>> Tombstones(int limit) = 0;
  /// The blobs are gone: their tombstones go too.
  virtual Status Bury(const std::vector<std::string>& keys) = 0;
};

}  // namespace wt::jobs
