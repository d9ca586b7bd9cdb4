// What became of a recording: transcripts, downloads, versions, the recording itself, its waveform,
// its events and log (spec 05-res.md, RT-10). Handlers are called from many threads.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "service/api/events/guarded_stream.h"
#include "service/api/events/job_event_hub.h"
#include "service/api/route.h"
#include "service/blob/blob_store.h"
#include "service/documents/documents.h"
#include "service/jobs/job_store.h"

namespace wt::api {

/// The waveform's peaks as JSON, at one of the resolutions that are kept; made when first asked
/// for.
using PeaksFunction = std::function<Result<std::string>(const jobs::Job&, int points)>;

struct ResultRouteParts {
  jobs::JobStore* jobs = nullptr;
  blob::BlobStore* blobs = nullptr;
  documents::Documents* documents = nullptr;
  JobEventHub* events = nullptr;
  /// Who counts event streams.
  StreamParts streams;
  const base::Clock* clock = nullptr;
  PeaksFunction peaks;
  /// "txt".
  std::string default_format;
};

/// Why there is no transcript to answer with, in the words of the API.
ApiError TranscriptError(const Status& status);

void AddResultRoutes(const ResultRouteParts& parts, RouteTable* table);
Status AddResultSchemas(Schemas* schemas);

}  // namespace wt::api
