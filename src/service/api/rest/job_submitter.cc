#include "service/api/rest/job_submitter.h"

#include "platform/crash_point.h"
#include "platform/sha256.h"
#include "platform/system_clock.h"

namespace wt::api {
namespace {

constexpr int kRetryAfterSeconds = 30;

/// What must be the same for an idempotency key to be a repetition.
std::string DigestOf(const jobs::Job& job) {
  const std::string text =
      job.media.sha256 + '\n' + job.model + '\n' + job.language + '\n' + job.options_json;
  return platform::Sha256Hex(std::as_bytes(std::span<const char>(text)));
}

}  // namespace

ApiError CreateError(const Status& status) {
  if (status.code() == StatusCode::kAlreadyExists) {
    return Conflict("IDEMPOTENCY_CONFLICT",
                    "This Idempotency-Key was used for another request. Use a new key.");
  }
  ApiError error = FromStatus(status);
  if (status.code() != StatusCode::kResourceExhausted) return error;
  const bool own = status.message() == jobs::kOwnerLimitMessage;
  error.status = own ? 429 : 503;
  error.error_code = own ? "JOB_LIMIT" : "QUEUE_FULL";
  error.openai_code = own ? "rate_limit_exceeded" : "queue_full";
  error.retry_after_s = kRetryAfterSeconds;
  return error;
}

ApiError UploadFailure(const uploads::Failure& failure) {
  const uploads::UploadErrorInfo info = uploads::InfoOf(failure.error);
  ApiError error = FromStatus(failure.status);
  error.status = info.http_status;
  error.error_code = info.slug;
  if (info.http_status < 500 || info.http_status == 507) error.message = failure.status.message();
  if (info.number != 0) error.code = info.number;
  error.param = "file";
  error.openai_code = info.http_status == 413 ? "file_too_large" : "unsupported_audio";
  if (info.http_status == 503 || info.http_status == 507) error.retry_after_s = kRetryAfterSeconds;
  return error;
}

jobs::NewJob JobSubmitter::MakeJob(const Submission& submission,
                                   const uploads::AcceptedMedia& media) const {
  jobs::NewJob made;
  made.job.id = platform::NewId(*parts_.clock);
  made.job.owner = submission.owner;
  made.job.media = media.media;
  made.job.model = submission.model;
  made.job.language = submission.options.request.language.language;
  made.job.options_json = worker::WriteRequestOptions(submission.options);
  made.job.priority = submission.priority;
  made.job.attempts_max = parts_.attempts_max;
  made.job.request_id = submission.request_id;
  made.job.traceparent = submission.traceparent;
  made.idempotency_key = submission.idempotency_key;
  if (!made.idempotency_key.empty()) made.request_digest = DigestOf(made.job);
  return made;
}

void JobSubmitter::Discard(const jobs::Media& media) const {
  const Status status = parts_.intake->Discard(media);
  if (!status.ok()) {
    base::Log(parts_.log, base::LogLevel::kWarning,
              "a refused recording stays until the next sweep: " + status.message());
  }
}

std::variant<Submitted, ApiError> JobSubmitter::Submit(const Submission& submission,
                                                       const uploads::AcceptedMedia& media) const {
  platform::CrashPoint("submit.before_create");
  Result<jobs::Created> created = parts_.jobs->Create(MakeJob(submission, media), parts_.limits);
  if (!created.ok()) {
    if (!submission.keep_recording) Discard(media.media);
    return CreateError(created.status());
  }
  platform::CrashPoint("submit.after_create");
  if (created->replayed && created->job.media.id != media.media.id) Discard(media.media);
  parts_.hints->JobAvailable();
  return Submitted{std::move(created->job), media.duplicate_of, created->replayed};
}

}  // namespace wt::api
