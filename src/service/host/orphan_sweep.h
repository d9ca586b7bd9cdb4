// Removes what an earlier process stored and died before naming in a row: a recording without its
// job, a transcript without its result (docs/promises.md, P5).
//
// One look over the store after each start, a page per step. Only objects of before that start are
// looked at, less a grace period: nobody can still be about to write their row, not even an upload
// that takes hours. Parts of uploads are uploads::Cleaner's. Used by one thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "service/blob/blob_store.h"
#include "service/jobs/blob_references.h"

namespace wt::host {

class OrphanSweep {
 public:
  /// Both are borrowed. Objects made at `before` or later stay.
  OrphanSweep(blob::BlobStore* blobs, jobs::BlobReferences* references, base::UnixMillis before)
      : blobs_(blobs), references_(references), before_(before) {}

  /// Looks at the next `limit` objects. A step that failed is repeated by the next one.
  Status Step(int limit);
  bool finished() const { return finished_; }
  int removed() const { return removed_; }

 private:
  Status Look(const blob::BlobInfo& info);

  blob::BlobStore* const blobs_;
  jobs::BlobReferences* const references_;
  const base::UnixMillis before_;
  std::string after_;
  bool finished_ = false;
  int removed_ = 0;
};

}  // namespace wt::host
