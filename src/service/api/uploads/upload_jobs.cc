#include "service/api/uploads/upload_jobs.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

Status Damaged() {
  return Status(StatusCode::kInternal, "The options of the upload cannot be read.");
}

std::string TextOf(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string WriteUploadIntent(const UploadIntent& intent) {
  Json json;
  json["options"] = worker::WriteRequestOptions(intent.options);
  json["priority"] = jobs::PriorityName(intent.priority);
  if (!intent.tus_metadata.empty()) json["metadata"] = intent.tus_metadata;
  return base::JsonToText(json);
}

Result<UploadIntent> ReadUploadIntent(std::string_view text) {
  const nlohmann::json json = base::JsonFromText(text);
  if (!json.is_object()) return Damaged();
  UploadIntent intent;
  WT_ASSIGN(intent.options, worker::ParseRequestOptions(TextOf(json, "options")));
  const std::optional<jobs::Priority> priority = jobs::ParsePriority(TextOf(json, "priority"));
  if (!priority) return Damaged();
  intent.priority = *priority;
  intent.tus_metadata = TextOf(json, "metadata");
  return intent;
}

std::optional<ApiError> UploadFields::Take(std::string_view name, const std::string& value) {
  if (name == "priority") {
    const std::optional<jobs::Priority> priority = jobs::ParsePriority(value);
    if (!priority) return Invalid({{std::string(name), "must be low, normal, high or urgent"}});
    intent.priority = *priority;
    return std::nullopt;
  }
  auto taken = form.Take(name, value);
  if (auto* error = std::get_if<ApiError>(&taken)) return std::move(*error);
  return std::nullopt;
}

std::optional<ApiError> UploadFields::Finish(const worker::ModelNames& models,
                                             uploads::NewUpload* upload) {
  if (std::optional<ApiError> error = form.Finish(models)) return error;
  intent.options = form.options();
  upload->model = form.model();
  upload->language = intent.options.request.language.language;
  upload->options_json = WriteUploadIntent(intent);
  return std::nullopt;
}

ApiError SessionError(const uploads::Failure& failure) {
  if (failure.error != uploads::UploadError::kNotFound) return UploadFailure(failure);
  ApiError error = NotFound("Upload");
  error.code = uploads::InfoOf(failure.error).number;
  return error;
}

ApiError UploadJobs::Refused::ToError() const { return no_job ? *no_job : SessionError(failure); }

std::variant<uploads::Finalized, UploadJobs::Refused> UploadJobs::Finish(
    const std::string& owner, const std::string& id, const std::string& request_id,
    const std::string& traceparent) const {
  std::optional<ApiError> no_job;
  const auto enqueue = [&](const uploads::Session& session, const uploads::AcceptedMedia& media,
                           const std::string& key) -> Result<std::string> {
    WT_ASSIGN(const UploadIntent intent, ReadUploadIntent(session.options_json));
    Submission submission;
    submission.owner = session.owner;
    submission.model = session.model;
    submission.options = intent.options;
    submission.priority = intent.priority;
    submission.request_id = request_id;
    submission.traceparent = traceparent;
    submission.idempotency_key = key;
    submission.keep_recording = true;
    auto made = submitter_->Submit(submission, media);
    if (auto* error = std::get_if<ApiError>(&made)) {
      no_job = std::move(*error);
      return Status(StatusCode::kUnavailable, no_job->message);
    }
    return std::get<Submitted>(made).job.id;
  };
  uploads::Outcome<uploads::Finalized> done = uploads_->Finalize(owner, id, enqueue);
  if (!done.ok()) return Refused{done.failure(), std::move(no_job)};
  return std::move(done).value();
}

}  // namespace wt::api
