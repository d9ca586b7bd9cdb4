// Uploads in chunks: initialise, send in any order, resume, finalise (spec ING-15 to ING-26).
//
// Handlers are called from many threads; a chunk is streamed to the store. Another user's upload
// and a missing one give the same answer.
#pragma once

#include <functional>

#include "base/clock.h"
#include "service/api/route.h"
#include "service/api/uploads/upload_jobs.h"
#include "service/uploads/cleaner.h"
#include "service/uploads/session.h"

namespace wt::api {

struct SessionRouteParts {
  uploads::Uploads* uploads = nullptr;
  /// For the counts of the administration.
  uploads::SessionStore* sessions = nullptr;
  const UploadJobs* jobs = nullptr;
  const worker::ModelNames* models = nullptr;
  /// One step of the cleaner; serialised by whoever owns it.
  std::function<uploads::CleanerReport()> clean;
  /// What clients are told to send at the same time.
  int parallel_chunks = 4;
};

/// The parts must outlive the table. Needs the schemas of AddSessionSchemas.
void AddSessionRoutes(const SessionRouteParts& parts, RouteTable* table);
Status AddSessionSchemas(Schemas* schemas);

}  // namespace wt::api
