// What titles, notes and tags may hold. Pure: thread-safe.
#pragma once

#include "service/jobs/job_store.h"
#include "whisper_transcriber/status.h"

namespace wt::jobs {

/// Strips white space at the ends, sorts tags and drops repeated ones. kInvalidArgument with the
/// field and its rule.
Status CheckDetails(DetailsPatch* patch);
/// Changes what the patch gives. REQUIRES: it was checked.
void ApplyDetails(const DetailsPatch& patch, JobDetails* details);

}  // namespace wt::jobs
