#include "service/api/uploads/tus_routes.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "service/api/rest/job_routes.h"
#include "service/uploads/tus/tus_protocol.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using uploads::SessionState;
using uploads::TusReply;
using uploads::TusState;
using uploads::UploadStatus;

constexpr char kTusVersion[] = "1.0.0";
// What a client without file name gets is made by the cleaning of names.
constexpr std::string_view kNameKeys[] = {"filename", "name"};

http::Response ToResponse(TusReply reply) {
  http::Response response = http::Response::Text(reply.status, std::move(reply.body));
  for (auto& [name, value] : reply.headers) response.headers.Set(name, std::move(value));
  return response;
}

/// Header fields of a request. The body knows its length better than its header: it is 0 where
/// there is no body.
class TusHeaders {
 public:
  explicit TusHeaders(const http::Request& request) : request_(request) {
    const std::optional<std::int64_t> length = request.body->length();
    if (length) length_ = std::to_string(*length);
  }
  std::optional<std::string_view> operator()(std::string_view name) const {
    if (name == "Content-Length") return length_;
    return request_.headers.Find(name);
  }

 private:
  const http::Request& request_;
  std::optional<std::string> length_;
};

class TusHandler {
 public:
  TusHandler(const TusRouteParts& parts, Call& call)
      : parts_(parts), call_(call), headers_(call.request), owner_(OwnerOf(call.principal)) {}

  Reply Create() {
    const uploads::TusLimits limits{parts_.uploads->limits().bytes_max};
    auto decided = uploads::DecideTusCreation(Lookup(), limits);
    if (auto* reply = std::get_if<TusReply>(&decided)) return ToResponse(*std::move(reply));
    const auto& creation = std::get<uploads::TusCreation>(decided);
    uploads::NewUpload upload;
    if (std::optional<ApiError> error = Describe(creation, &upload)) return *std::move(error);
    auto session = parts_.uploads->Create(owner_, upload);
    if (!session.ok()) return Failed(session.failure());
    UploadStatus status;
    status.session = *session;
    if (creation.has_content) {
      uploads::TusBody body{0, creation.content_length, creation.checksum, BodyPull()};
      auto appended = AppendLocked(session->id, body);
      if (!appended.ok()) {
        // The client does not know the upload yet, so nobody could continue it.
        static_cast<void>(parts_.uploads->Cancel(owner_, session->id).ok());
        return Failed(appended.failure());
      }
      status = std::move(appended).value();
      if (std::optional<Reply> refused = Settle(&status)) return *std::move(refused);
    }
    std::string location = call_.request.path;
    while (location.ends_with('/')) location.pop_back();
    location += "/" + session->id;
    return Finish(uploads::ReplyTusCreated(location, StateOf(status)), status);
  }

  Reply Patch() {
    auto decided = uploads::DecideTusPatch(Lookup());
    if (auto* reply = std::get_if<TusReply>(&decided)) return ToResponse(*std::move(reply));
    const auto& patch = std::get<uploads::TusPatch>(decided);
    if (std::optional<Reply> reply = PatchAtTheEnd(patch)) return *std::move(reply);
    uploads::TusBody body{patch.offset, patch.content_length, patch.checksum, BodyPull()};
    auto appended = AppendLocked(Id(), body);
    if (!appended.ok()) return Failed(appended.failure());
    UploadStatus status = std::move(appended).value();
    if (std::optional<Reply> refused = Settle(&status)) return *std::move(refused);
    return Finish(uploads::ReplyTusPatched(StateOf(status)), status);
  }

  Reply Head() {
    if (auto reply = uploads::RefuseTusVersion(Lookup())) return ToResponse(*std::move(reply));
    auto found = Find();
    if (!found.ok()) return Failed(found.failure());
    UploadStatus status = std::move(found).value();
    if (std::optional<Reply> refused = Settle(&status)) return *std::move(refused);
    return Finish(uploads::ReplyTusHead(StateOf(status)), status);
  }

  Reply Delete() {
    if (auto reply = uploads::RefuseTusVersion(Lookup())) return ToResponse(*std::move(reply));
    auto found = Find();
    if (!found.ok()) return Failed(found.failure());
    auto session = parts_.uploads->Cancel(owner_, Id());
    if (!session.ok()) return Failed(session.failure());
    return ToResponse(uploads::ReplyTusTerminated());
  }

  /// POST to an upload: the method that a client behind a narrow proxy means.
  Reply Override() {
    const std::string method = uploads::TusMethod("POST", Lookup());
    if (method == "PATCH") return Patch();
    if (method == "HEAD") return Head();
    if (method == "DELETE") return Delete();
    ApiError error = BadRequest("METHOD_NOT_ALLOWED",
                                "POST here needs X-HTTP-Method-Override: PATCH, HEAD or DELETE.");
    error.status = 405;
    return error;
  }

 private:
  uploads::HeaderLookup Lookup() const { return std::cref(headers_); }
  const std::string& Id() const { return call_.Parameter("upload_id"); }
  uploads::Pull BodyPull() {
    return [body = call_.request.body](std::span<std::byte> out) { return body->Read(out); };
  }

  static Reply Failed(const uploads::Failure& failure) {
    http::Response response = ToResponse(uploads::ReplyTusFailure(
        failure.error == uploads::UploadError::kNotFound
            ? uploads::MakeFailure(failure.error, "There is no such upload.")
            : failure));
    const ApiError error = SessionError(failure);
    // The body is text for people: programs read the code that other routes have in theirs.
    response.headers.Set("X-Error-Code", error.error_code);
    if (error.retry_after_s) {
      response.headers.Set("Retry-After", std::to_string(*error.retry_after_s));
    }
    return response;
  }

  std::optional<ApiError> Describe(const uploads::TusCreation& creation,
                                   uploads::NewUpload* upload) const {
    upload->kind = uploads::SessionKind::kTus;
    upload->bytes = creation.length;
    UploadFields fields;
    for (const auto& [key, value] : creation.metadata) {
      if (std::find(std::begin(kNameKeys), std::end(kNameKeys), key) != std::end(kNameKeys)) {
        continue;
      }
      if (std::optional<ApiError> error = fields.Take(key, value)) return error;
    }
    for (const std::string_view key : kNameKeys) {
      if (upload->filename.empty()) upload->filename = creation.Meta(key);
    }
    fields.intent.tus_metadata =
        std::string(call_.request.headers.Find("Upload-Metadata").value_or(""));
    return fields.Finish(*parts_.models, upload);
  }

  /// The caller's tus upload.
  uploads::Outcome<UploadStatus> Find() const {
    auto found = parts_.uploads->Get(owner_, Id());
    if (!found.ok()) return found;
    if (found->session.kind != uploads::SessionKind::kTus) {
      return uploads::MakeFailure(uploads::UploadError::kNotFound, "There is no such upload.");
    }
    switch (found->session.state) {
      case SessionState::kExpired:
        return uploads::MakeFailure(uploads::UploadError::kExpired,
                                    "The upload has expired. Begin a new one.");
      case SessionState::kCancelled:
        return uploads::MakeFailure(uploads::UploadError::kWrongState, "The upload is cancelled.");
      default: return found;
    }
  }

  uploads::Outcome<UploadStatus> AppendLocked(const std::string& id, const uploads::TusBody& body) {
    // A blocked read cannot be ended from here; it is overtaken after a while, and its connection
    // ends by the server's minimum rate.
    const uploads::UploadLocks::Lease lease =
        parts_.locks->Acquire(id, parts_.patience, std::function<void()>());
    return parts_.uploads->Append(owner_, id, body, lease);
  }

  /// A PATCH that repeats the end of an upload whose bytes are all there: it only wants its job.
  std::optional<Reply> PatchAtTheEnd(const uploads::TusPatch& patch) {
    if (patch.content_length != std::int64_t{0}) return std::nullopt;
    auto found = Find();
    if (!found.ok()) return Failed(found.failure());
    UploadStatus status = std::move(found).value();
    if (patch.offset != status.session.bytes || status.offset != status.session.bytes) {
      return std::nullopt;
    }
    if (std::optional<Reply> refused = Settle(&status)) return refused;
    return Finish(uploads::ReplyTusPatched(StateOf(status)), status);
  }

  /// Makes the job once every byte is there. A reply when that failed.
  std::optional<Reply> Settle(UploadStatus* status) {
    const uploads::Session& session = status->session;
    const bool over = session.state == SessionState::kCompleted;
    const bool failed = session.state == SessionState::kFailed;
    if (over || (!failed && status->offset != session.bytes)) return std::nullopt;
    auto done = parts_.jobs->Finish(owner_, session.id, call_.request_id, call_.traceparent);
    if (auto* refused = std::get_if<UploadJobs::Refused>(&done)) {
      if (refused->no_job) return Reply(*std::move(refused->no_job));
      return Failed(refused->failure);
    }
    auto& finalized = std::get<uploads::Finalized>(done);
    status->session = std::move(finalized.session);
    if (finalized.complete) return std::nullopt;
    // A stored part was damaged: the client is told where to go on from.
    auto now = parts_.uploads->Get(owner_, session.id);
    if (!now.ok()) return Failed(now.failure());
    *status = std::move(now).value();
    return std::nullopt;
  }

  static TusState StateOf(const UploadStatus& status) {
    TusState state;
    state.offset = status.offset;
    state.length = status.session.bytes;
    state.expires_at = status.session.expires_at;
    const Result<UploadIntent> intent = ReadUploadIntent(status.session.options_json);
    if (intent.ok()) state.metadata = intent->tus_metadata;
    return state;
  }

  static Reply Finish(TusReply reply, const UploadStatus& status) {
    http::Response response = ToResponse(std::move(reply));
    if (!status.session.job_id.empty()) response.headers.Set("X-Job-ID", status.session.job_id);
    return response;
  }

  const TusRouteParts& parts_;
  Call& call_;
  const TusHeaders headers_;
  const std::string& owner_;
};

Route TusRoute(Method method, std::string pattern, std::string operation, std::string summary,
               HandlerFunction handler) {
  Route route = PlainRoute(method, std::move(pattern), std::move(operation), std::move(summary),
                           "uploads", Permission::kJobsCreate, std::move(handler));
  route.rate = RateClass::kUploadChunk;
  route.response_type = "text/plain";
  route.headers = {{"Tus-Resumable", kTusVersion}};
  return route;
}

}  // namespace

void AddTusRoutes(const TusRouteParts& parts, RouteTable* table) {
  const auto bind = [&parts](Reply (TusHandler::*function)()) {
    return [parts, function](Call& call) {
      TusHandler handler(parts, call);
      return (handler.*function)();
    };
  };
  const std::int64_t bytes_max = parts.uploads->limits().bytes_max;
  Route create = TusRoute(Method::kPost, "/files", "createTusUpload",
                          "Begin a tus upload; metadata: filename, model, language, options",
                          bind(&TusHandler::Create));
  create.body = BodyKind::kRaw;
  create.body_bytes_max = bytes_max;
  create.rate = RateClass::kUpload;
  create.success_status = 201;
  create.errors = {412, 413, 415, 460, 507};
  create.audit_event = "file_upload";
  table->Add(std::move(create));

  Route options = TusRoute(Method::kOptions, "/files", "getTusCapabilities",
                           "What this server can do of tus", [bytes_max](Call&) -> Reply {
                             http::Response response = ToResponse(
                                 uploads::TusCapabilities(uploads::TusLimits{bytes_max}));
                             response.headers.Set("Allow", "OPTIONS, POST");
                             return response;
                           });
  options.permission = Permission::kPublic;
  options.rate = RateClass::kGeneral;
  options.success_status = 204;
  table->Add(std::move(options));

  const std::string one = "/files/{upload_id}";
  Route head = TusRoute(Method::kHead, one, "getTusOffset", "Where a tus upload stands",
                        bind(&TusHandler::Head));
  head.errors = {410, 412};
  table->Add(std::move(head));
  Route patch =
      TusRoute(Method::kPatch, one, "continueTusUpload",
               "Append to a tus upload; the last byte makes the job", bind(&TusHandler::Patch));
  patch.body = BodyKind::kRaw;
  patch.body_bytes_max = bytes_max;
  patch.success_status = 204;
  patch.errors = {409, 410, 412, 413, 415, 423, 460, 507};
  patch.audit_event = "file_upload";
  Route post = patch;
  table->Add(std::move(patch));
  post.method = Method::kPost;
  post.operation = "overrideTusMethod";
  post.summary = "PATCH, HEAD or DELETE by X-HTTP-Method-Override";
  post.handler = bind(&TusHandler::Override);
  table->Add(std::move(post));
  Route remove = TusRoute(Method::kDelete, one, "endTusUpload", "Give a tus upload up",
                          bind(&TusHandler::Delete));
  remove.success_status = 204;
  remove.errors = {409, 410, 412};
  remove.audit_event = "api_access";
  table->Add(std::move(remove));
}

}  // namespace wt::api
