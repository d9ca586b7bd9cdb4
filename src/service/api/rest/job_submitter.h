// From a stored recording and its options to a job: the one place where jobs are made, whatever
// surface the recording came by. Thread-safe.
#pragma once

#include <string>
#include <variant>

#include "base/clock.h"
#include "base/log.h"
#include "service/api/error.h"
#include "service/api/rest/options_form.h"
#include "service/jobs/job_store.h"
#include "service/uploads/failure.h"
#include "service/uploads/intake.h"

namespace wt::api {

struct SubmitParts {
  jobs::JobStore* jobs = nullptr;
  jobs::JobHints* hints = nullptr;
  uploads::MediaIntake* intake = nullptr;
  const base::Clock* clock = nullptr;
  jobs::QueueLimits limits;
  int attempts_max = 3;
  base::LogSink* log = nullptr;
};

struct Submission {
  std::string owner;
  /// Canonical model and checked options (OptionsForm::Finish).
  std::string model;
  worker::RequestOptions options;
  jobs::Priority priority = jobs::Priority::kNormal;
  std::string request_id;
  std::string traceparent;
  /// Unique per owner; empty: none.
  std::string idempotency_key;
  /// The recording is not removed when there is no job: it belongs to an upload that can be
  /// finished again, perhaps by a request beside this one.
  bool keep_recording = false;
};

struct Submitted {
  jobs::Job job;
  std::string duplicate_of;
  bool replayed = false;
};

class JobSubmitter {
 public:
  explicit JobSubmitter(const SubmitParts& parts) : parts_(parts) {}

  /// Makes the job durable. When there is none in the end (limits, a conflicting key, a replay)
  /// the stored recording is removed again.
  std::variant<Submitted, ApiError> Submit(const Submission& submission,
                                           const uploads::AcceptedMedia& media) const;

  /// The row that Submit would store, for batches.
  jobs::NewJob MakeJob(const Submission& submission, const uploads::AcceptedMedia& media) const;

 private:
  void Discard(const jobs::Media& media) const;

  const SubmitParts parts_;
};

/// 503 QUEUE_FULL, 429 JOB_LIMIT, 409 IDEMPOTENCY_CONFLICT, or as FromStatus.
ApiError CreateError(const Status& status);

/// What an upload was refused with, in the shape of the API.
ApiError UploadFailure(const uploads::Failure& failure);

}  // namespace wt::api
