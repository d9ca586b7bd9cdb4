// POST /jobs and its older names: recordings in one request (spec ING-01 to ING-14). Handlers are
// called from many threads; a file is streamed to the store and never held.
#pragma once

#include "service/api/rest/job_submitter.h"
#include "service/api/route.h"

namespace wt::api {

struct SubmitRouteParts {
  JobSubmitter* submitter = nullptr;
  uploads::MediaIntake* intake = nullptr;
  const worker::ModelNames* models = nullptr;
  /// One file, and the files of one request.
  std::int64_t file_bytes_max = 100LL << 20;
  int files_max = 10;
};

void AddSubmitRoutes(const SubmitRouteParts& parts, RouteTable* table);
Status AddSubmitSchemas(Schemas* schemas);

}  // namespace wt::api
