// The tus 1.0.0 protocol over /files: creation, creation-with-upload, expiration, checksum,
// termination. What the protocol says is decided in service/uploads/tus; here bytes are moved.
//
// The job is made with the last byte. If that fails for a passing reason the bytes stay, and HEAD
// or an empty PATCH at the end tries again: a client that only asks where the upload stands must
// not learn that all is well while there is no job. Handlers are called from many threads.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "service/api/route.h"
#include "service/api/uploads/upload_jobs.h"
#include "service/uploads/tus/upload_locks.h"

namespace wt::api {

struct TusRouteParts {
  uploads::Uploads* uploads = nullptr;
  uploads::UploadLocks* locks = nullptr;
  const UploadJobs* jobs = nullptr;
  const worker::ModelNames* models = nullptr;
  /// How long a request waits for an older one on the same upload before it takes over.
  std::chrono::milliseconds patience{5'000};
};

/// The parts must outlive the table.
void AddTusRoutes(const TusRouteParts& parts, RouteTable* table);

}  // namespace wt::api
