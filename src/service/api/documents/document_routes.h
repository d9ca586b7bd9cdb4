// Editing a transcript: the document of a job, changes to it, its versions.
//
// The server never merges: a change whose item is not what its writer has seen is refused with what
// is there now (409, "conflicts"), and nothing of its set is applied. A foreign job and a missing
// one give the same answer. Handlers are called from many threads.
#pragma once

#include "service/api/route.h"
#include "service/documents/documents.h"
#include "service/jobs/job_store.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct DocumentRouteParts {
  jobs::JobStore* jobs = nullptr;
  documents::Documents* documents = nullptr;
  jobs::JobHints* hints = nullptr;
};

/// What is pointed to outlives the table. Needs the schemas of AddDocumentSchemas.
void AddDocumentRoutes(const DocumentRouteParts& parts, RouteTable* table);
Status AddDocumentSchemas(Schemas* schemas);

}  // namespace wt::api
