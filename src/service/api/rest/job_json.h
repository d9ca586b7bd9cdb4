// Jobs as the API shows them. Both spellings of fields that clients know (spec C-34): id and
// job_id, model and model_name, finished_at and completed_at. Pure: thread-safe.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "service/api/json_writer.h"
#include "service/api/schema.h"
#include "service/jobs/job.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

/// Percent of the audio that is finished, 0 .. 100; 100 only when the job succeeded.
double PercentDone(const jobs::Job& job);
/// Seconds until the end by the measured speed; empty while nothing is measured.
std::optional<double> SecondsLeft(const jobs::Job& job);

/// The number that old clients know for why a job failed (API-02); empty for other jobs.
std::optional<int> FailureCode(const jobs::Job& job);

/// The members of one entry of a list: everything that needs no further look-up.
void WriteJob(const jobs::Job& job, base::UnixMillis now, JsonWriter* json);
/// The same as a value, for replies that are rare or add to it.
nlohmann::ordered_json JobToJson(const jobs::Job& job, base::UnixMillis now);
/// {progress, stage, estimated_time_remaining, current_segment, ...} (JOB-10).
nlohmann::ordered_json ProgressToJson(const jobs::Job& job);

/// Schemas Job, JobList, JobCreated, JobProgress, Message, Problem, OpenAiError.
Status AddJobSchemas(Schemas* schemas);

}  // namespace wt::api
