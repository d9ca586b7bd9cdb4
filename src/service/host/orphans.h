// Blobs without a record and records without their blob (STO-06). Reads both sides page by page;
// thread-safe.
#pragma once

#include <cstdint>

#include "service/api/admin/admin_routes.h"
#include "service/blob/blob_store.h"
#include "service/jobs/blob_references.h"
#include "service/uploads/session.h"

namespace wt::host {

struct OrphanParts {
  blob::BlobStore* blobs = nullptr;
  jobs::BlobReferences* references = nullptr;
  uploads::SessionStore* uploads = nullptr;
  const base::Clock* clock = nullptr;
  /// A younger blob's record may be on its way.
  std::int64_t grace_ms = 3'600'000;
};

/// Removes what it finds unless `dry_run`. Records without a blob are only named: what they lost
/// cannot be made up.
Result<api::OrphanReport> FindOrphans(const OrphanParts& parts, bool dry_run);

}  // namespace wt::host
