#include "apps/transcriber/remote/remote_recogniser.h"

#include "apps/transcriber/remote/remote_options.h"
#include "base/status_macros.h"

namespace wt::transcriber {
namespace {

// The recording is safe there, whatever went wrong here.
Status AboutJob(const Status& status, const std::string& job_id) {
  if (status.ok() || status.code() != StatusCode::kUnavailable) return status;
  return Status(status.code(), status.message() + "; the job " + job_id + " goes on there");
}

}  // namespace

RemoteRecogniser::RemoteRecogniser(const TranscribeArguments& arguments, ServerLink* link)
    : link_(*link), fields_(FieldsOf(arguments)) {}

void RemoteRecogniser::Cancel() {
  link_.Cancel();
  const std::lock_guard lock(mutex_);
  for (ServiceClient* client : clients_) client->Wake();
}

Result<Transcript> RemoteRecogniser::Transcribe(FileJob* job) {
  ServiceClient client(&link_);
  {
    const std::lock_guard lock(mutex_);
    if (!failed_for_all_.ok()) return failed_for_all_;
    clients_.push_back(&client);
  }
  job->HoldLines();
  Result<Transcript> transcript = Work(&client, job);
  {
    const std::lock_guard lock(mutex_);
    std::erase(clients_, &client);
  }
  if (transcript.ok()) return transcript;
  if (link_.cancel()->requested()) {
    client.CallOff();
    return Status(StatusCode::kCancelled, "stopped");
  }
  NoteFailure(transcript.status());
  return transcript;
}

Result<Transcript> RemoteRecogniser::Work(ServiceClient* client, FileJob* job) const {
  WT_ASSIGN(const std::string job_id, client->Submit({.input = job->input(),
                                                      .file_name = ServerFileName(job->input()),
                                                      .fields = fields_}));
  if (link_.cancel()->requested()) return Status(StatusCode::kCancelled, "stopped");
  const JobNews news = {
      .progress = [job](const Progress& progress) { job->OnProgress(progress); },
      .language = [job](const LanguageProbability& language) { job->OnLanguage(language); }};
  WT_TRY(AboutJob(client->Follow(job_id, news), job_id));
  Result<Transcript> transcript = client->Fetch(job_id);
  if (!transcript.ok()) return AboutJob(transcript.status(), job_id);
  return transcript;
}

void RemoteRecogniser::NoteFailure(const Status& status) {
  if (status.code() == StatusCode::kNotFound) model_missing_ = true;
  const bool for_all = status.code() == StatusCode::kPermissionDenied || !link_.answered();
  if (!for_all) return;
  const std::lock_guard lock(mutex_);
  failed_for_all_ = status;
}

}  // namespace wt::transcriber
