#include "service/api/uploads/session_routes.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "service/api/rest/job_routes.h"
#include "service/http/content/multipart.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using uploads::Session;
using uploads::SessionState;
using Json = nlohmann::ordered_json;

// Boundaries and part heads around one chunk.
constexpr std::int64_t kFormOverheadBytes = 64 << 10;
constexpr std::int64_t kDescriptionBytesMax = 256 << 10;
constexpr int kListMax = 1'000;

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

double Percent(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return 0;
  // Hundredths, cut: 100 is said only when everything is there.
  return static_cast<double>(part * 10'000 / whole) / 100;
}

Json SessionToJson(const Session& session) {
  Json json;
  json["session_id"] = session.id;
  json["status"] = uploads::SessionStateName(session.state);
  json["kind"] = uploads::SessionKindName(session.kind);
  json["filename"] = session.filename;
  json["file_size"] = session.bytes;
  json["file_hash"] =
      OrNull(session.content_sha256.empty() ? session.sha256 : session.content_sha256);
  json["chunk_size"] = session.chunk_bytes;
  json["total_chunks"] = uploads::ChunkCount(session);
  json["model_name"] = session.model;
  json["language"] = OrNull(session.language);
  json["job_id"] = OrNull(session.job_id);
  json["error_code"] = OrNull(session.error_code);
  json["error_message"] = OrNull(session.error_message);
  json["created_at"] = base::FormatTime(session.created_at);
  json["updated_at"] = base::FormatTime(session.updated_at);
  json["expires_at"] = base::FormatTime(session.expires_at);
  return json;
}

/// A JSON value as the text that a form would have.
std::string FieldText(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : base::JsonToText(value);
}

Reply Initialize(const SessionRouteParts& parts, Call& call) {
  const nlohmann::json& body = *call.json;
  uploads::NewUpload upload;
  upload.filename = body["filename"].get<std::string>();
  upload.bytes = body["file_size"].get<std::int64_t>();
  if (body.contains("file_hash") && body["file_hash"].is_string()) {
    upload.sha256 = body["file_hash"].get<std::string>();
  }
  UploadFields fields;
  for (const auto& [name, value] : body.items()) {
    if (name == "filename" || name == "file_size" || name == "file_hash") continue;
    if (value.is_null() || value.is_object() || value.is_array()) continue;
    if (std::optional<ApiError> error = fields.Take(name, FieldText(value))) {
      return *std::move(error);
    }
  }
  if (std::optional<ApiError> error = fields.Finish(*parts.models, &upload)) {
    return *std::move(error);
  }
  auto session = parts.uploads->Create(OwnerOf(call.principal), upload);
  if (!session.ok()) return SessionError(session.failure());
  Json json = SessionToJson(*session);
  json["parallel_chunks"] = parts.parallel_chunks;
  json["uploaded_chunks"] = 0;
  return JsonResponse(200, json);
}

std::optional<std::int64_t> ParseIndex(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

Reply DescribeChunk(const uploads::ChunkReceipt& receipt) {
  return JsonResponse(
      200, Json{{"chunk_number", receipt.index},
                {"status", receipt.repeated ? "already_uploaded" : "uploaded"},
                {"chunk_hash", receipt.sha256},
                {"uploaded_chunks", receipt.chunks_stored},
                {"total_chunks", receipt.chunks_total},
                {"progress_percent", Percent(receipt.chunks_stored, receipt.chunks_total)}});
}

/// The part of the form that holds the chunk; empty when it has none.
Result<bool> FindChunkPart(http::MultipartReader* reader) {
  while (true) {
    const Result<std::optional<http::PartHead>> part = reader->NextPart();
    if (!part.ok()) return part.status();
    if (!*part) return false;
    if ((*part)->name == "chunk_data" || (*part)->file_name) return true;
  }
}

Reply PutChunk(const SessionRouteParts& parts, Call& call) {
  const std::optional<std::int64_t> index = ParseIndex(call.Parameter("chunk_number"));
  if (!index) {
    return BadRequest(uploads::InfoOf(uploads::UploadError::kChunkIndex).slug,
                      "A chunk's number is a whole number from 0.");
  }
  const std::string& id = call.Parameter("session_id");
  http::BodySource* body = call.request.body;
  uploads::Pull pull = [body](std::span<std::byte> out) { return body->Read(out); };
  const Result<std::string> boundary =
      http::MultipartBoundary(call.request.headers.Find("Content-Type").value_or(""));
  if (boundary.status().code() == StatusCode::kInvalidArgument) {
    return Invalid({{"body", boundary.status().message()}});
  }
  std::optional<http::MultipartReader> reader;
  if (boundary.ok()) {
    reader.emplace(body, *boundary, http::MultipartLimits{});
    const Result<bool> found = FindChunkPart(&*reader);
    if (found.status().code() == StatusCode::kDataCorrupt ||
        found.status().code() == StatusCode::kResourceExhausted) {
      return Invalid({{"body", found.status().message()}});
    }
    if (!found.ok()) return found.status();
    if (!*found) return Invalid({{"chunk_data", "is missing: send the chunk as a file"}});
    pull = [&reader](std::span<std::byte> out) { return reader->ReadPart(out); };
  }
  auto receipt = parts.uploads->PutChunk(OwnerOf(call.principal), id, *index, pull);
  if (!receipt.ok()) return SessionError(receipt.failure());
  return DescribeChunk(*receipt);
}

/// The caller's session; 410 once it has expired.
std::variant<uploads::UploadStatus, ApiError> FindSession(const SessionRouteParts& parts,
                                                          const Call& call) {
  auto status = parts.uploads->Get(OwnerOf(call.principal), call.Parameter("session_id"));
  if (!status.ok()) return SessionError(status.failure());
  if (status->session.state == SessionState::kExpired) {
    return SessionError(uploads::MakeFailure(uploads::UploadError::kExpired,
                                             "The upload has expired. Begin a new one."));
  }
  return std::move(status).value();
}

Reply GetStatus(const SessionRouteParts& parts, Call& call) {
  auto found = FindSession(parts, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const auto& status = std::get<uploads::UploadStatus>(found);
  Json json = SessionToJson(status.session);
  json["uploaded_chunks"] = status.chunks_stored;
  json["missing_chunks"] = status.missing_chunks;
  json["offset"] = status.offset;
  json["progress_percent"] = status.session.chunk_bytes > 0
                                 ? Percent(status.chunks_stored, status.chunks_total)
                                 : Percent(status.offset, status.session.bytes);
  return JsonResponse(200, json);
}

Reply GetResume(const SessionRouteParts& parts, Call& call) {
  auto found = FindSession(parts, call);
  if (auto* error = std::get_if<ApiError>(&found)) return std::move(*error);
  const auto& status = std::get<uploads::UploadStatus>(found);
  return JsonResponse(200, Json{{"session_id", status.session.id},
                                {"status", uploads::SessionStateName(status.session.state)},
                                {"missing_chunks", status.missing_chunks},
                                {"uploaded_chunks", status.chunks_stored},
                                {"total_chunks", status.chunks_total},
                                {"chunk_size", status.session.chunk_bytes},
                                {"resumable", status.session.state == SessionState::kActive}});
}

Reply Finalize(const SessionRouteParts& parts, Call& call) {
  const std::string& id = call.Parameter("session_id");
  auto done = parts.jobs->Finish(OwnerOf(call.principal), id, call.request_id, call.traceparent);
  if (auto* refused = std::get_if<UploadJobs::Refused>(&done)) return refused->ToError();
  const auto& finalized = std::get<uploads::Finalized>(done);
  Json json;
  json["session_id"] = id;
  json["status"] = finalized.complete ? "completed" : "incomplete";
  json["job_id"] = OrNull(finalized.session.job_id);
  json["file_hash"] = OrNull(finalized.session.content_sha256);
  json["final_filename"] = finalized.session.filename;
  if (!finalized.complete) json["missing_chunks"] = finalized.missing_chunks;
  return JsonResponse(200, json);
}

Reply Cancel(const SessionRouteParts& parts, Call& call) {
  auto session = parts.uploads->Cancel(OwnerOf(call.principal), call.Parameter("session_id"));
  if (!session.ok()) return SessionError(session.failure());
  return JsonResponse(200, Json{{"session_id", session->id}, {"status", "cancelled"}});
}

Reply ListSessions(const SessionRouteParts& parts, Call& call) {
  const std::string active = call.Query("active_only");
  auto found =
      parts.uploads->List(OwnerOf(call.principal), active == "true" || active == "1", kListMax);
  if (!found.ok()) return SessionError(found.failure());
  Json list = Json::array();
  for (const Session& session : *found) list.push_back(SessionToJson(session));
  const std::size_t total = list.size();
  return JsonResponse(200, Json{{"sessions", std::move(list)}, {"total", total}});
}

Reply GetMetrics(const SessionRouteParts& parts) {
  const Result<uploads::SessionCounts> counts = parts.sessions->Counts();
  if (!counts.ok()) return counts.status();
  Json states;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counts->sessions.size(); ++i) {
    states[std::string(uploads::SessionStateName(static_cast<SessionState>(i)))] =
        counts->sessions[i];
    total += counts->sessions[i];
  }
  return JsonResponse(200, Json{{"sessions", std::move(states)},
                                {"total_sessions", total},
                                {"stored_chunks", counts->parts},
                                {"stored_bytes", counts->part_bytes}});
}

Reply CleanUp(const SessionRouteParts& parts) {
  const uploads::CleanerReport report = parts.clean();
  if (!report.status.ok()) return report.status;
  return JsonResponse(200, Json{{"expired_sessions", report.expired},
                                {"cleaned_sessions", report.dropped},
                                {"purged_sessions", report.purged},
                                {"orphans_removed", report.orphans_removed},
                                {"clock_jumped", report.clock_jumped}});
}

Route UploadRoute(Method method, std::string pattern, std::string operation, std::string summary,
                  HandlerFunction handler) {
  return PlainRoute(method, std::move(pattern), std::move(operation), std::move(summary), "uploads",
                    Permission::kJobsCreate, std::move(handler));
}

void AddSending(const SessionRouteParts& parts, RouteTable* table) {
  Route begin =
      UploadRoute(Method::kPost, "/uploads/initialize", "beginUpload", "Begin an upload in chunks",
                  [parts](Call& call) { return Initialize(parts, call); });
  begin.body = BodyKind::kJson;
  begin.body_bytes_max = kDescriptionBytesMax;
  begin.rate = RateClass::kUpload;
  begin.request_schema = "UploadBegin";
  begin.response_schema = "UploadSession";
  begin.errors = {413, 507};
  begin.audit_event = "file_upload";
  begin.aliases = {"/uploads/init", "/chunked-uploads/initialize", "/uploads/chunked/start"};
  table->Add(std::move(begin));

  Route chunk = UploadRoute(Method::kPost, "/uploads/{session_id}/chunks/{chunk_number}",
                            "sendChunk", "Send one chunk: field chunk_data of a form, or the body",
                            [parts](Call& call) { return PutChunk(parts, call); });
  chunk.body = BodyKind::kRaw;
  chunk.body_bytes_max = parts.uploads->limits().chunk_bytes + kFormOverheadBytes;
  chunk.rate = RateClass::kUploadChunk;
  chunk.response_schema = "UploadChunk";
  chunk.errors = {409, 410, 507};
  chunk.aliases = {"/uploads/{session_id}/chunk/{chunk_number}",
                   "/chunked-uploads/{session_id}/chunks/{chunk_number}"};
  table->Add(std::move(chunk));

  Route finalize = UploadRoute(Method::kPost, "/uploads/{session_id}/finalize", "finishUpload",
                               "Put the chunks together and queue the transcription",
                               [parts](Call& call) { return Finalize(parts, call); });
  finalize.response_schema = "UploadFinished";
  finalize.errors = {409, 410, 422, 503};
  finalize.audit_event = "file_upload";
  finalize.aliases = {"/chunked-uploads/{session_id}/finalize"};
  table->Add(std::move(finalize));
}

void AddAdministration(const SessionRouteParts& parts, RouteTable* table) {
  Route metrics =
      UploadRoute(Method::kGet, "/uploads/metrics", "getUploadMetrics",
                  "Counts of all users' uploads", [parts](Call&) { return GetMetrics(parts); });
  metrics.permission = Permission::kUploadAdmin;
  metrics.response_schema = "UploadMetrics";
  table->Add(std::move(metrics));
  Route clean = UploadRoute(Method::kPost, "/uploads/cleanup", "cleanUploads",
                            "End what is overdue and delete its bytes now",
                            [parts](Call&) { return CleanUp(parts); });
  clean.permission = Permission::kUploadAdmin;
  clean.response_schema = "UploadCleanup";
  clean.audit_event = "admin_action";
  table->Add(std::move(clean));
}

}  // namespace

Status AddSessionSchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"UploadBegin", R"({"type":"object","required":["filename","file_size"],"properties":{
        "filename":{"type":"string","maxLength":4096},
        "file_size":{"type":"integer"},"file_hash":{"type":["string","null"],"maxLength":128},
        "model_name":{"type":["string","null"]},"model":{"type":["string","null"]},
        "language":{"type":["string","null"]},"priority":{"type":["string","null"]}}})"},
      {"UploadSession", R"({"type":"object","required":["session_id","status"],"properties":{
        "session_id":{"type":"string"},"status":{"type":"string","enum":["active","assembling",
        "completed","failed","cancelled","expired"]},"kind":{"type":"string"},
        "filename":{"type":"string"},"file_size":{"type":"integer"},
        "file_hash":{"type":["string","null"]},"chunk_size":{"type":"integer"},
        "total_chunks":{"type":"integer"},"uploaded_chunks":{"type":"integer"},
        "missing_chunks":{"type":"array","items":{"type":"integer"}},
        "parallel_chunks":{"type":"integer"},"progress_percent":{"type":"number"},
        "job_id":{"type":["string","null"]},
        "expires_at":{"type":"string","format":"date-time"}}})"},
      {"UploadChunk", R"({"type":"object","required":["chunk_number","status","chunk_hash",
        "uploaded_chunks","total_chunks","progress_percent"],"properties":{
        "chunk_number":{"type":"integer"},
        "status":{"type":"string","enum":["uploaded","already_uploaded"]},
        "chunk_hash":{"type":"string"},"uploaded_chunks":{"type":"integer"},
        "total_chunks":{"type":"integer"},"progress_percent":{"type":"number"}}})"},
      {"UploadResume", R"({"type":"object","required":["missing_chunks","uploaded_chunks",
        "total_chunks","resumable"],"properties":{
        "missing_chunks":{"type":"array","items":{"type":"integer"}},
        "uploaded_chunks":{"type":"integer"},"total_chunks":{"type":"integer"},
        "resumable":{"type":"boolean"}}})"},
      {"UploadFinished", R"({"type":"object","required":["status","job_id","file_hash",
        "final_filename"],"properties":{"status":{"type":"string","enum":["completed",
        "incomplete"]},"job_id":{"type":["string","null"]},"file_hash":{"type":["string","null"]},
        "final_filename":{"type":"string"},
        "missing_chunks":{"type":"array","items":{"type":"integer"}}}})"},
      {"UploadList", R"({"type":"object","required":["sessions","total"],"properties":{
        "sessions":{"type":"array","items":{"$ref":"#/components/schemas/UploadSession"}},
        "total":{"type":"integer"}}})"},
      {"UploadMetrics", R"({"type":"object","required":["sessions","total_sessions"],"properties":{
        "sessions":{"type":"object"},"total_sessions":{"type":"integer"}}})"},
      {"UploadCleanup", R"({"type":"object","required":["cleaned_sessions"],"properties":{
        "cleaned_sessions":{"type":"integer"}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddSessionRoutes(const SessionRouteParts& parts, RouteTable* table) {
  AddSending(parts, table);
  AddAdministration(parts, table);

  Route status = UploadRoute(Method::kGet, "/uploads/{session_id}/status", "getUpload",
                             "What has arrived, and every chunk that is missing",
                             [parts](Call& call) { return GetStatus(parts, call); });
  status.response_schema = "UploadSession";
  status.errors = {410};
  status.aliases = {"/uploads/{session_id}", "/chunked-uploads/{session_id}/status"};
  table->Add(std::move(status));
  Route resume = UploadRoute(Method::kGet, "/uploads/{session_id}/resume", "resumeUpload",
                             "What to send after an interruption",
                             [parts](Call& call) { return GetResume(parts, call); });
  resume.response_schema = "UploadResume";
  resume.errors = {410};
  resume.aliases = {"/chunked-uploads/{session_id}/resume"};
  table->Add(std::move(resume));
  Route cancel = UploadRoute(Method::kDelete, "/uploads/{session_id}", "cancelUpload",
                             "Give an upload up and delete what has arrived",
                             [parts](Call& call) { return Cancel(parts, call); });
  cancel.response_schema = "UploadSession";
  cancel.errors = {409};
  cancel.audit_event = "api_access";
  cancel.aliases = {"/chunked-uploads/{session_id}"};
  table->Add(std::move(cancel));
  Route list = UploadRoute(Method::kGet, "/uploads", "listUploads", "The caller's uploads",
                           [parts](Call& call) { return ListSessions(parts, call); });
  list.query = {{"active_only", R"({"type":"boolean"})", "Only those that take content"}};
  list.response_schema = "UploadList";
  list.aliases = {"/chunked-uploads"};
  table->Add(std::move(list));
}

}  // namespace wt::api
