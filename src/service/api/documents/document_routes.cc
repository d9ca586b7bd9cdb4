#include "service/api/documents/document_routes.h"

#include <charconv>
#include <span>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "platform/sha256.h"
#include "service/api/rest/job_routes.h"
#include "service/api/rest/result_routes.h"
#include "service/documents/document_json.h"
#include "service/http/content/body_limit.h"
#include "service/http/content/conditional.h"

namespace wt::api {
namespace {

using auth::Permission;
using documents::Applied;
using documents::ChangeSet;
using documents::Delta;
using documents::Document;
using documents::Version;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kLabelBodyBytesMax = 4 << 10;

ApiError DocumentError(const Status& status) {
  switch (status.code()) {
    case StatusCode::kResourceExhausted: {
      ApiError error = BadRequest("DOCUMENT_TOO_LARGE", status.message());
      error.status = 413;
      return error;
    }
    case StatusCode::kInvalidArgument: return BadRequest("INVALID_CHANGE", status.message());
    case StatusCode::kAlreadyExists: return Conflict("CHANGE_ID_TAKEN", status.message());
    case StatusCode::kNotFound: {
      ApiError error = NotFound("Version");
      error.error_code = "VERSION_NOT_FOUND";
      return error;
    }
    default: return TranscriptError(status);
  }
}

/// Who made a version, for people.
const std::string& AuthorOf(const auth::Principal& principal) {
  return principal.username.empty() ? principal.user_id : principal.username;
}

http::Response JsonText(std::string json) {
  return http::Response::Text(200, std::move(json), "application/json");
}

/// The document with its ETag, or 304.
Reply DocumentReply(const Call& call, const Document& document, const std::string& etag) {
  const http::Validators validators{http::StrongETag(etag), std::nullopt};
  http::Response response;
  const auto condition =
      http::EvaluatePreconditions(call.request.method, call.request.headers, validators);
  if (condition == http::Precondition::kNotModified) {
    response.status = 304;
  } else {
    response = JsonText(documents::WriteDocument(document));
  }
  http::AddValidators(validators, &response.headers);
  return response;
}

Reply GetDocument(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const Result<Document> document = parts.documents->Get(std::get<jobs::Job>(found));
  if (!document.ok()) return DocumentError(document.status());
  return DocumentReply(call, *document, "r" + std::to_string(document->revision));
}

Reply ConflictReply(const Applied& applied) {
  ApiError error = Conflict("EDIT_CONFLICT",
                            "Some of what you changed was changed by somebody else meanwhile; "
                            "nothing was applied. Merge and send it again.");
  error.extra_json = {{"revision", std::to_string(applied.revision)},
                      {"conflicts", documents::WriteConflicts(applied.conflicts)}};
  return error;
}

Reply PostChanges(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const auto& job = std::get<jobs::Job>(found);
  Result<std::string> body = http::ReadAll(call.request.body, documents::kChangesJsonBytesMax);
  if (!body.ok()) return FromStatus(body.status());
  Result<ChangeSet> set = documents::ReadChanges(*body);
  if (!set.ok()) return DocumentError(set.status());
  set->digest = platform::Sha256Hex(std::as_bytes(std::span(*body)));
  set->author = AuthorOf(call.principal);
  std::string().swap(*body);
  const Result<Applied> applied = parts.documents->Apply(job, *set);
  if (!applied.ok()) return DocumentError(applied.status());
  if (!applied->conflicts.empty()) return ConflictReply(*applied);
  if (!applied->replayed) parts.hints->JobChanged(job.id);
  return JsonText(documents::WriteApplied(*applied, *set));
}

Reply GetChanges(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string text = call.Query("since");
  if (text.empty()) return Invalid({{"query.since", "is required"}});
  const Result<Delta> delta = parts.documents->Since(std::get<jobs::Job>(found), std::stoll(text));
  if (!delta.ok()) return DocumentError(delta.status());
  if (!delta->too_old) return JsonText(documents::WriteDelta(*delta));
  ApiError error;
  error.status = 410;
  error.error_code = "CHANGES_GONE";
  error.message = "The changes since then are not known any more; read the whole document.";
  error.extra_json = {{"revision", std::to_string(delta->revision)}};
  return error;
}

Json VersionJson(const Version& version) {
  return {{"version", version.version},
          {"kind", documents::VersionKindName(version.kind)},
          {"label", version.label},
          {"created_at", base::FormatTime(version.created_at)},
          {"words", version.words},
          {"author", version.author.empty() ? Json() : Json(version.author)},
          {"result_id", version.result_id.empty() ? Json() : Json(version.result_id)}};
}

Reply ListVersions(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const Result<std::vector<Version>> versions =
      parts.documents->Versions(std::get<jobs::Job>(found));
  if (!versions.ok()) return DocumentError(versions.status());
  Json list = Json::array();
  for (const Version& version : *versions) list.push_back(VersionJson(version));
  return JsonResponse(200, list);
}

/// The number in the path; 0, which no version has, for anything else.
std::int64_t VersionOf(const Call& call) {
  const std::string& text = call.Parameter("version");
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? number : 0;
}

Reply GetVersionDocument(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::int64_t version = VersionOf(call);
  const Result<Document> document =
      parts.documents->GetVersion(std::get<jobs::Job>(found), version);
  if (!document.ok()) return DocumentError(document.status());
  return DocumentReply(call, *document, "v" + std::to_string(version));
}

Reply PostVersion(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const std::string label = call.json->value("label", "");
  const Result<Version> version =
      parts.documents->Snapshot(std::get<jobs::Job>(found), label, AuthorOf(call.principal));
  if (version.status().code() == StatusCode::kResourceExhausted) {
    return Conflict("TOO_MANY_VERSIONS", version.status().message());
  }
  if (!version.ok()) return DocumentError(version.status());
  return JsonResponse(201, VersionJson(*version));
}

Reply PostRestore(const DocumentRouteParts& parts, Call& call) {
  auto found = FindJob(parts.jobs, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const auto& job = std::get<jobs::Job>(found);
  const Result<Version> version =
      parts.documents->Restore(job, VersionOf(call), AuthorOf(call.principal));
  if (version.status().code() == StatusCode::kResourceExhausted) {
    return Conflict("TOO_MANY_VERSIONS", version.status().message());
  }
  if (!version.ok()) return DocumentError(version.status());
  parts.hints->JobChanged(job.id);
  Json body = VersionJson(*version);
  body["revision"] = version->revision;
  return JsonResponse(200, body);
}

constexpr std::pair<const char*, const char*> kSchemas[] = {
    {"DocumentWord", R"({"type":"object","required":["t","s","e"],"properties":{
      "t":{"type":"string","minLength":1,"maxLength":64},"s":{"type":"number","minimum":0},
      "e":{"type":"number","minimum":0},"p":{"type":["number","null"],"minimum":0,"maximum":1},
      "x":{"type":"integer","minimum":0,"maximum":1},
      "i":{"type":"integer","minimum":0,"maximum":1}}})"},
    {"DocumentTurn", R"({"type":"object","required":["id","pos","start","end","words"],
      "properties":{"id":{"type":"string","minLength":1,"maxLength":40},
      "pos":{"type":"string","minLength":1,"maxLength":128},"rev":{"type":"integer"},
      "speaker":{"type":["string","null"],"maxLength":40},
      "start":{"type":"number","minimum":0},"end":{"type":"number","minimum":0},
      "note":{"type":"string","maxLength":4000},"words":{"type":"array","maxItems":5000,
      "items":{"$ref":"#/components/schemas/DocumentWord"}}}})"},
    {"DocumentSpeaker", R"({"type":"object","required":["id","name"],"properties":{
      "id":{"type":"string","minLength":1,"maxLength":40},
      "name":{"type":"string","minLength":1,"maxLength":200},
      "color":{"type":"integer","minimum":0,"maximum":63},"rev":{"type":"integer"}}})"},
    {"Document", R"({"type":"object","required":["revision","job_id","speakers","turns"],
      "properties":{"revision":{"type":"integer","minimum":1},"job_id":{"type":"string"},
      "language":{"type":"string"},"duration":{"type":"number"},
      "speakers":{"type":"array","items":{"$ref":"#/components/schemas/DocumentSpeaker"}},
      "turns":{"type":"array","items":{"$ref":"#/components/schemas/DocumentTurn"}}}})"},
    {"DocumentChange", R"({"type":"object","required":["op","if_rev"],"properties":{
      "op":{"enum":["put_turn","delete_turn","put_speaker","delete_speaker"]},
      "if_rev":{"type":"integer","minimum":0},"id":{"type":"string","maxLength":40},
      "turn":{"$ref":"#/components/schemas/DocumentTurn"},
      "speaker":{"$ref":"#/components/schemas/DocumentSpeaker"}}})"},
    {"DocumentChanges", R"({"type":"object","required":["change_id","changes"],"properties":{
      "change_id":{"type":"string","minLength":1,"maxLength":64},"changes":{"type":"array",
      "minItems":1,"maxItems":2000,"items":{"$ref":"#/components/schemas/DocumentChange"}}}})"},
    {"DocumentApplied", R"({"type":"object","required":["revision","revs"],"properties":{
      "revision":{"type":"integer"},"revs":{"type":"object"}}})"},
    {"DocumentDelta", R"({"type":"object","required":["revision","turns","speakers",
      "deleted_turns","deleted_speakers"],"properties":{"revision":{"type":"integer"},
      "turns":{"type":"array","items":{"$ref":"#/components/schemas/DocumentTurn"}},
      "speakers":{"type":"array","items":{"$ref":"#/components/schemas/DocumentSpeaker"}},
      "deleted_turns":{"type":"array","items":{"type":"string"}},
      "deleted_speakers":{"type":"array","items":{"type":"string"}}}})"},
    {"TranscriptVersion", R"({"type":"object","required":["version","kind","created_at","words"],
      "properties":{"version":{"type":"integer","minimum":1},
      "kind":{"enum":["machine","edit","restore"]},"label":{"type":"string"},
      "created_at":{"type":"string","format":"date-time"},"words":{"type":"integer"},
      "author":{"type":["string","null"]},"result_id":{"type":["string","null"]},
      "revision":{"type":"integer"}}})"},
    {"TranscriptVersions",
     R"({"type":"array","items":{"$ref":"#/components/schemas/TranscriptVersion"}})"},
    {"NewVersion", R"({"type":"object","additionalProperties":false,"properties":{
      "label":{"type":"string","maxLength":50}}})"},
};

Route DocumentRoute(Method method, std::string pattern, std::string operation, std::string summary,
                    std::string schema, HandlerFunction handler) {
  const Permission permission =
      method == Method::kGet ? Permission::kJobsRead : Permission::kJobsCreate;
  Route route = PlainRoute(method, std::move(pattern), std::move(operation), std::move(summary),
                           "documents", permission, std::move(handler));
  route.response_schema = std::move(schema);
  route.errors = {409};
  return route;
}

}  // namespace

Status AddDocumentSchemas(Schemas* schemas) {
  for (const auto& [name, schema] : kSchemas) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddDocumentRoutes(const DocumentRouteParts& parts, RouteTable* table) {
  const auto bind = [parts](Reply (*function)(const DocumentRouteParts&, Call&)) {
    return [parts, function](Call& call) { return function(parts, call); };
  };
  Route get = DocumentRoute(Method::kGet, "/jobs/{job_id}/document", "getDocument",
                            "The transcript as it can be edited", "Document", bind(GetDocument));
  get.cache = CachePolicy::kRevalidate;
  get.errors = {304, 409, 413};
  table->Add(std::move(get));

  Route post = DocumentRoute(Method::kPost, "/jobs/{job_id}/document/changes", "changeDocument",
                             "Change turns and speakers, all or nothing", "DocumentApplied",
                             bind(PostChanges));
  post.body = BodyKind::kJsonText;
  post.body_bytes_max = documents::kChangesJsonBytesMax;
  post.request_schema = "DocumentChanges";
  post.errors = {409, 413};
  table->Add(std::move(post));

  Route since = DocumentRoute(Method::kGet, "/jobs/{job_id}/document/changes", "getDocumentChanges",
                              "What changed since a revision", "DocumentDelta", bind(GetChanges));
  since.query = {{"since", R"({"type":"integer","minimum":0,"maximum":9007199254740991})",
                  "The revision that is known"}};
  since.errors = {409, 410};
  table->Add(std::move(since));

  Route versions = DocumentRoute(Method::kGet, "/jobs/{job_id}/versions", "listVersions",
                                 "All versions of a transcript, oldest first", "TranscriptVersions",
                                 bind(ListVersions));
  versions.aliases = {"/transcripts/{job_id}/versions"};
  table->Add(std::move(versions));

  Route version = DocumentRoute(Method::kGet, "/jobs/{job_id}/versions/{version}/document",
                                "getVersionDocument", "The transcript as it was in a version",
                                "Document", bind(GetVersionDocument));
  version.cache = CachePolicy::kRevalidate;
  version.errors = {304, 409, 413};
  table->Add(std::move(version));

  Route snapshot =
      DocumentRoute(Method::kPost, "/jobs/{job_id}/versions", "createVersion",
                    "Keep the transcript as it is now", "TranscriptVersion", bind(PostVersion));
  snapshot.body = BodyKind::kOptionalJson;
  snapshot.body_bytes_max = kLabelBodyBytesMax;
  snapshot.request_schema = "NewVersion";
  snapshot.success_status = 201;
  table->Add(std::move(snapshot));

  Route restore =
      DocumentRoute(Method::kPost, "/jobs/{job_id}/versions/{version}/restore", "restoreVersion",
                    "Make a version the transcript again", "TranscriptVersion", bind(PostRestore));
  restore.audit_event = "api_access";
  table->Add(std::move(restore));
}

}  // namespace wt::api
