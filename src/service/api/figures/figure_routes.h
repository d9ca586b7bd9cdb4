// What is used and what waits: a user's own usage against his quota, and for administrators the
// queue, the storage and everybody's usage. All figures are read from the store when they are asked
// for. Handlers are called from many threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "service/api/route.h"
#include "service/blob/blob_store.h"
#include "service/jobs/job_store.h"
#include "service/jobs/usage_store.h"
#include "service/jobs/worker_registry.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct FigureRouteParts {
  jobs::UsageStore* usage = nullptr;
  jobs::JobStore* jobs = nullptr;
  jobs::WorkerRegistry* workers = nullptr;
  blob::BlobStore* blobs = nullptr;
  const base::Clock* clock = nullptr;
  std::int64_t worker_stale_ms = 30'000;
  /// Of a user; 0: none.
  std::function<std::int64_t(const std::string& user_id)> quota_of;
  int active_jobs_max = 0;
  /// Sizes on the disk.
  std::function<std::int64_t()> database_bytes;
  std::function<std::int64_t()> model_bytes;
};

/// What is pointed to outlives the table. Needs the schemas of AddFigureSchemas.
void AddFigureRoutes(const FigureRouteParts& parts, RouteTable* table);
Status AddFigureSchemas(Schemas* schemas);

}  // namespace wt::api
