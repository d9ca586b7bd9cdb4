// Jobs over REST: list, detail, progress, cancel, restart, delete (spec 04-job.md).
//
// A foreign job and a missing one give the same answer. Handlers are called from many threads.
#pragma once

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/log.h"
#include "service/api/rest/page_cursor.h"
#include "service/api/route.h"
#include "service/blob/blob_store.h"
#include "service/documents/documents.h"
#include "service/jobs/job_store.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct JobRouteParts {
  jobs::JobStore* jobs = nullptr;
  jobs::JobHints* hints = nullptr;
  blob::BlobStore* blobs = nullptr;
  const base::Clock* clock = nullptr;
  base::LogSink* log = nullptr;
  /// Says what people made of a transcript; null: nobody can.
  documents::Documents* documents = nullptr;
  /// Sleeps while a worker lets go of a job that is to be deleted. Empty: nobody waits for that.
  std::function<void(std::chrono::milliseconds)> pause = {};
  /// Null: pages by offset only.
  const PageCursors* cursors = nullptr;
};

/// The parts must outlive the table. Needs the schemas of AddJobSchemas.
void AddJobRoutes(const JobRouteParts& parts, RouteTable* table);

/// The owner that a principal's look-ups are limited to: administrators see their own jobs here
/// too; the administration has routes of its own (spec G-OWN).
const std::string& OwnerOf(const auth::Principal& principal);

/// The job of the path's {job_id}, if it is the caller's. Malformed ids are not found.
std::variant<jobs::Job, ApiError> FindJob(jobs::JobStore* jobs, const Call& call);

/// `text` is JSON already.
http::Response JsonText(int status, std::string text);
http::Response JsonResponse(int status, const nlohmann::ordered_json& json);

}  // namespace wt::api
