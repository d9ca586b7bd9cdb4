// What the ways of uploading in several requests share: the options are checked at the beginning
// and kept with the session, the job is made at the end, exactly one however often it is asked for.
// Thread-safe.
#pragma once

#include <string>
#include <variant>

#include "service/api/error.h"
#include "service/api/rest/job_submitter.h"
#include "service/api/rest/options_form.h"
#include "service/uploads/sessions.h"

namespace wt::api {

/// What a session's options_json holds.
struct UploadIntent {
  worker::RequestOptions options;
  jobs::Priority priority = jobs::Priority::kNormal;
  /// Upload-Metadata of a tus upload as it was sent.
  std::string tus_metadata;
};
std::string WriteUploadIntent(const UploadIntent& intent);
Result<UploadIntent> ReadUploadIntent(std::string_view json);

/// The fields of an upload's description: options, and the priority.
struct UploadFields {
  OptionsForm form;
  UploadIntent intent;

  /// Unknown names are the client's own.
  std::optional<ApiError> Take(std::string_view name, const std::string& value);
  /// Checks them together and writes them into `upload`.
  std::optional<ApiError> Finish(const worker::ModelNames& models, uploads::NewUpload* upload);
};

class UploadJobs {
 public:
  /// Both outlive this.
  UploadJobs(uploads::Uploads* uploads, const JobSubmitter* submitter)
      : uploads_(uploads), submitter_(submitter) {}

  struct Refused {
    uploads::Failure failure;
    /// Set when the recording is fine and there was no room for a job.
    std::optional<ApiError> no_job;
    ApiError ToError() const;
  };
  std::variant<uploads::Finalized, Refused> Finish(const std::string& owner, const std::string& id,
                                                   const std::string& request_id,
                                                   const std::string& traceparent) const;

 private:
  uploads::Uploads* uploads_;
  const JobSubmitter* submitter_;
};

/// An upload's failure in the shape of the API: foreign and missing ones are the same.
ApiError SessionError(const uploads::Failure& failure);

}  // namespace wt::api
