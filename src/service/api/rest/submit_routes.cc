#include "service/api/rest/submit_routes.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "service/api/rest/job_routes.h"
#include "service/http/content/multipart.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

// Boundaries, part heads and the option fields around the files.
constexpr std::int64_t kFormOverheadBytes = 1 << 20;
constexpr std::size_t kIdempotencyKeyBytesMax = 255;

struct Received {
  std::string filename;
  std::variant<uploads::AcceptedMedia, ApiError> outcome;
};

/// One request's form: fields and stored files. Files that were stored are removed again unless
/// they became jobs.
struct Form {
  OptionsForm options;
  jobs::Priority priority = jobs::Priority::kNormal;
  std::vector<Received> files;
};

class Submitter {
 public:
  Submitter(const SubmitRouteParts& parts, Call& call) : parts_(parts), call_(call) {}

  Reply Run() {
    if (std::optional<ApiError> error = ReadForm()) {
      DiscardStored();
      return *std::move(error);
    }
    if (form_.files.empty()) return Invalid({{"file", "is missing: send the recording as a file"}});
    if (std::optional<ApiError> error = form_.options.Finish(*parts_.models)) {
      DiscardStored();
      return *std::move(error);
    }
    return form_.files.size() == 1 ? SubmitOne() : SubmitAll();
  }

 private:
  std::optional<ApiError> ReadForm() {
    const Result<std::string> boundary =
        http::MultipartBoundary(call_.request.headers.Find("Content-Type").value_or(""));
    if (!boundary.ok()) {
      return Invalid({{"body", "must be multipart/form-data with a boundary: " +
                                   boundary.status().message()}});
    }
    http::MultipartReader reader(call_.request.body, *boundary, {});
    while (true) {
      Result<std::optional<http::PartHead>> part = reader.NextPart();
      if (!part.ok()) return BodyError(part.status());
      if (!*part) return std::nullopt;
      const bool file = (*part)->file_name || (*part)->name == "file" || (*part)->name == "files" ||
                        (*part)->name == "files[]";
      if (std::optional<ApiError> error =
              file ? TakeFile(&reader, **part) : TakeField(&reader, (*part)->name)) {
        return error;
      }
    }
  }

  static ApiError BodyError(const Status& status) {
    if (status.code() == StatusCode::kDataCorrupt ||
        status.code() == StatusCode::kResourceExhausted) {
      return Invalid({{"body", status.message()}});
    }
    return FromStatus(status);
  }

  std::optional<ApiError> TakeFile(http::MultipartReader* reader, const http::PartHead& part) {
    if (static_cast<int>(form_.files.size()) >= parts_.files_max) {
      return Invalid({{part.name, "at most " + std::to_string(parts_.files_max) + " files"}});
    }
    uploads::IncomingFile file;
    file.owner = OwnerOf(call_.principal);
    file.filename = part.file_name.value_or("");
    auto accepted =
        parts_.intake->Receive(file, {.bytes_max = parts_.file_bytes_max},
                               [&](std::span<std::byte> out) { return reader->ReadPart(out); });
    Received received{file.filename, ApiError{}};
    if (accepted.ok()) {
      received.outcome = std::move(accepted.value());
    } else if (accepted.failure().error == uploads::UploadError::kTransferBroken) {
      return UploadFailure(accepted.failure());  // The rest of the form cannot be read either.
    } else {
      received.outcome = UploadFailure(accepted.failure());
    }
    form_.files.push_back(std::move(received));
    return std::nullopt;
  }

  std::optional<ApiError> TakeField(http::MultipartReader* reader, const std::string& name) {
    const Result<std::string> text = reader->ReadPartText(kFormFieldBytesMax);
    if (text.status().code() == StatusCode::kResourceExhausted) {
      return Invalid({{name, "is longer than 65536 bytes"}});
    }
    if (!text.ok()) return BodyError(text.status());
    if (name == "priority") {
      const std::optional<jobs::Priority> priority = jobs::ParsePriority(*text);
      if (!priority) return Invalid({{name, "must be low, normal, high or urgent"}});
      form_.priority = *priority;
      return std::nullopt;
    }
    auto taken = form_.options.Take(name, *text);
    if (auto* error = std::get_if<ApiError>(&taken)) return std::move(*error);
    return std::nullopt;  // Other fields are the client's own.
  }

  void DiscardStored() {
    for (const Received& file : form_.files) {
      if (const auto* media = std::get_if<uploads::AcceptedMedia>(&file.outcome)) {
        // What cannot be removed now is found by the sweeper: nothing refers to it.
        static_cast<void>(parts_.intake->Discard(media->media).ok());
      }
    }
  }

  Submission MakeSubmission() const {
    Submission submission;
    submission.owner = OwnerOf(call_.principal);
    submission.model = form_.options.model();
    submission.options = form_.options.options();
    submission.priority = form_.priority;
    submission.request_id = call_.request_id;
    submission.traceparent = call_.traceparent;
    return submission;
  }

  static Json Describe(const Submitted& done) {
    Json json;
    json["job_id"] = done.job.id;
    json["id"] = done.job.id;
    json["status"] = jobs::StatusSlug(done.job);
    json["message"] = done.replayed ? "This request was accepted before." : "Queued.";
    json["queue_job_id"] = done.job.id;
    json["user_id"] = done.job.owner;
    json["filename"] = done.job.media.filename;
    json["model"] = done.job.model;
    json["duplicate_of"] = done.duplicate_of.empty() ? Json() : Json(done.duplicate_of);
    return json;
  }

  Reply SubmitOne() {
    if (auto* error = std::get_if<ApiError>(&form_.files[0].outcome)) return std::move(*error);
    Submission submission = MakeSubmission();
    submission.idempotency_key = call_.request.headers.Find("Idempotency-Key").value_or("");
    if (submission.idempotency_key.size() > kIdempotencyKeyBytesMax) {
      DiscardStored();
      return Invalid({{"Idempotency-Key", "must have at most 255 bytes"}});
    }
    auto done = parts_.submitter->Submit(submission,
                                         std::get<uploads::AcceptedMedia>(form_.files[0].outcome));
    if (auto* error = std::get_if<ApiError>(&done)) return std::move(*error);
    return JsonResponse(200, Describe(std::get<Submitted>(done)));
  }

  /// Several files: each has an outcome of its own (spec ING-14).
  Reply SubmitAll() {
    Json jobs_made = Json::array();
    Json errors = Json::array();
    std::optional<ApiError> last;
    for (Received& file : form_.files) {
      std::optional<ApiError> error;
      if (auto* refused = std::get_if<ApiError>(&file.outcome)) {
        error = std::move(*refused);
      } else {
        auto done = parts_.submitter->Submit(MakeSubmission(),
                                             std::get<uploads::AcceptedMedia>(file.outcome));
        if (auto* failed = std::get_if<ApiError>(&done)) error = std::move(*failed);
        if (!error) jobs_made.push_back(Describe(std::get<Submitted>(done)));
      }
      if (!error) continue;
      errors.push_back({{"filename", file.filename},
                        {"error_code", error->error_code},
                        {"message", error->message}});
      last = std::move(error);
    }
    if (jobs_made.empty()) return *std::move(last);
    Json body = jobs_made[0];
    body["message"] = std::to_string(jobs_made.size()) + " queued, " +
                      std::to_string(errors.size()) + " refused.";
    body["jobs"] = std::move(jobs_made);
    body["errors"] = std::move(errors);
    return JsonResponse(200, body);
  }

  const SubmitRouteParts& parts_;
  Call& call_;
  Form form_;
};

}  // namespace

Status AddSubmitSchemas(Schemas* schemas) {
  // The form's other fields are the options of a transcription.
  Json properties;
  properties["file"] = {{"type", "string"}, {"format", "binary"}, {"description", "The recording"}};
  properties["priority"] = {{"type", "string"}, {"enum", {"low", "normal", "high", "urgent"}}};
  for (const worker::OptionDescription& option : worker::DescribeOptions()) {
    const bool plain = option.kind == "boolean" || option.kind == "integer" ||
                       option.kind == "number" || option.kind == "string";
    Json& property = properties[std::string(option.name)];
    property["type"] = plain ? std::string(option.kind) : "string";
    property["description"] = option.help;
    if (plain && option.minimum != option.maximum && option.kind != "string") {
      property["minimum"] = option.minimum;
      property["maximum"] = option.maximum;
    }
  }
  const Json form{{"type", "object"}, {"required", {"file"}}, {"properties", properties}};
  return schemas->Add("JobForm", base::JsonToText(form));
}

void AddSubmitRoutes(const SubmitRouteParts& parts, RouteTable* table) {
  Route route;
  route.method = http::Method::kPost;
  route.pattern = "/jobs";
  route.operation = "createJob";
  route.summary = "Send a recording and queue its transcription";
  route.tag = "jobs";
  route.permission = auth::Permission::kJobsCreate;
  route.body = BodyKind::kMultipart;
  route.body_bytes_max = parts.file_bytes_max * parts.files_max + kFormOverheadBytes;
  route.rate = RateClass::kUpload;
  route.cache = CachePolicy::kNoStore;
  route.audit_event = "file_upload";
  route.request_schema = "JobForm";
  route.response_schema = "JobCreated";
  route.errors = {409, 507};
  route.aliases = {"/upload", "/transcribe", "/uploads/single"};
  route.handler = [parts](Call& call) { return Submitter(parts, call).Run(); };
  table->Add(std::move(route));
}

}  // namespace wt::api
