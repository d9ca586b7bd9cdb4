// Batches: many recordings in one request, worked on as ordinary jobs (spec ING-27 to ING-31).
//
// A limit that is passed refuses the whole request and names the file; a file that is no recording
// is reported with the batch, which then can only end as partial. Handlers are called from many
// threads; files are streamed to the store.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/log.h"
#include "service/api/rest/job_submitter.h"
#include "service/api/route.h"
#include "service/blob/blob_store.h"
#include "service/jobs/batch_store.h"

namespace wt::api {

struct BatchRouteParts {
  jobs::BatchStore* batches = nullptr;
  jobs::JobStore* jobs = nullptr;
  jobs::JobHints* hints = nullptr;
  blob::BlobStore* blobs = nullptr;
  const JobSubmitter* submitter = nullptr;
  uploads::MediaIntake* intake = nullptr;
  const worker::ModelNames* models = nullptr;
  const base::Clock* clock = nullptr;
  jobs::BatchLimits limits;
  jobs::QueueLimits queue_limits;
  std::int64_t file_bytes_max = 100LL << 20;
  /// BATCH_MAX_TOTAL_BYTES.
  std::int64_t total_bytes_max = 5LL << 30;
  base::LogSink* log = nullptr;
};

/// The parts must outlive the table. Needs the schemas of AddBatchSchemas.
void AddBatchRoutes(const BatchRouteParts& parts, RouteTable* table);
Status AddBatchSchemas(Schemas* schemas);

}  // namespace wt::api
