#include "service/api/models/model_routes.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/limits.h"
#include "models/catalogue.h"
#include "service/api/rest/job_routes.h"
#include "service/api/stop_when_gone.h"
#include "service/http/content/sse.h"

namespace wt::api {
namespace {

using audit::EventType;
using auth::Permission;
using http::Method;
using worker::ModelDownload;
using worker::ModelEntry;
using Json = nlohmann::ordered_json;

/// From how many processors on a model is worth its time, and what it needs in memory: twice the
/// bytes of its weights as floats (they are packed once more while loading) and 1 GiB to work in.
struct Step {
  std::string_view model;
  int cores_min;
};
constexpr Step kSteps[] = {{"large-v3-turbo", 8}, {"small", 4}, {"base", 1}};
constexpr std::int64_t kBytesPerParameter = 8;
constexpr std::int64_t kWorkingBytes = std::int64_t{1} << 30;

std::int64_t MemoryNeeded(const models::CatalogueEntry& entry) {
  return entry.parameters * kBytesPerParameter + kWorkingBytes;
}

Json SpeedJson(const worker::ModelSpeed& speed) {
  return {{"times", std::nearbyint(speed.times() * 100) / 100},
          {"audio_seconds", speed.audio_s},
          {"seconds", speed.took_s},
          {"measured_at", base::FormatTime(speed.measured_at)}};
}

Json EntryJson(const ModelRouteParts& parts, const ModelEntry& entry) {
  const std::optional<worker::ModelSpeed> speed = parts.speeds->Find(entry.name);
  const models::CatalogueEntry* const known = models::FindModel(entry.name);
  return {{"name", entry.name},
          {"aliases", entry.aliases},
          {"state", worker::ModelStateName(entry.state)},
          {"installed", entry.installed},
          {"default", entry.is_default},
          {"bytes", entry.bytes},
          {"parameters", known == nullptr ? Json() : Json(known->parameters)},
          {"memory_bytes", known == nullptr ? Json() : Json(MemoryNeeded(*known))},
          {"languages", entry.languages},
          {"translates", entry.translates},
          {"licence", known == nullptr ? Json() : Json(known->licence)},
          {"speed", speed && entry.installed ? SpeedJson(*speed) : Json()}};
}

Json DownloadJson(const ModelDownload& download) {
  return {{"model", download.model},
          {"state", worker::DownloadStateName(download.state)},
          {"bytes_done", download.bytes_done},
          {"bytes_total", download.bytes_total < 0 ? Json() : Json(download.bytes_total)},
          {"message", download.message}};
}

Json ModelList(const ModelRouteParts& parts) {
  Json list = Json::array();
  for (const ModelEntry& entry : parts.registry->List()) list.push_back(EntryJson(parts, entry));
  return list;
}

Reply ListModels(const ModelRouteParts& parts, Call&) {
  return JsonResponse(
      200, Json{{"models", ModelList(parts)}, {"default", parts.registry->names().DefaultName()}});
}

/// What transcription uses beside the model of the speech.
Json HelperList(const ModelRouteParts& parts) {
  const worker::ModelNames& names = parts.registry->names();
  Json list = Json::array();
  for (const models::CatalogueEntry& entry : models::Catalogue()) {
    const bool speakers = entry.family == models::Family::kSpeaker;
    if (!speakers && entry.family != models::Family::kVad) continue;
    list.push_back({{"name", entry.name},
                    {"kind", speakers ? "speakers" : "voice_activity"},
                    {"installed", speakers ? names.SpeakerDir().ok() : !names.VadPath().empty()},
                    {"bytes", entry.about_bytes},
                    {"licence", entry.licence}});
  }
  return list;
}

Json DownloadOf(std::string_view model, const std::vector<ModelDownload>& downloads) {
  for (const ModelDownload& download : downloads) {
    if (download.model == model) return DownloadJson(download);
  }
  return {};
}

Reply ListForAdmin(const ModelRouteParts& parts, Call&) {
  const std::vector<ModelDownload> downloads = parts.downloads->List();
  Json list = Json::array();
  for (const ModelEntry& entry : parts.registry->List()) {
    Json model = EntryJson(parts, entry);
    model["reason"] = entry.reason;
    model["download"] = DownloadOf(entry.name, downloads);
    list.push_back(std::move(model));
  }
  Json helpers = HelperList(parts);
  for (Json& helper : helpers) {
    helper["download"] = DownloadOf(helper["name"].get<std::string>(), downloads);
  }
  return JsonResponse(200, Json{{"models", std::move(list)}, {"helpers", std::move(helpers)}});
}

Reply GetHardware(const ModelRouteParts& parts, Call&) {
  const Recommendation recommended = RecommendModel(parts.machine);
  Json list = Json::array();
  for (const ModelEntry& entry : parts.registry->List()) {
    Json model = EntryJson(parts, entry);
    const models::CatalogueEntry* const known = models::FindModel(entry.name);
    const bool unknown = known == nullptr || parts.machine.memory_bytes == 0;
    model["fits"] = unknown ? Json() : Json(MemoryNeeded(*known) <= parts.machine.memory_bytes);
    model["recommended"] = entry.name == recommended.model;
    list.push_back(std::move(model));
  }
  return JsonResponse(
      200, Json{{"cores", parts.machine.cores},
                {"memory_bytes", parts.machine.memory_bytes},
                {"instruction_sets", parts.machine.instruction_sets},
                {"models", std::move(list)},
                {"helpers", HelperList(parts)},
                {"recommended", {{"model", recommended.model}, {"reason", recommended.reason}}}});
}

ApiError ModelError(const Status& status) {
  if (status.code() == StatusCode::kNotFound) {
    ApiError error = NotFound("Model");
    error.message = status.message();
    error.error_code = "MODEL_NOT_FOUND";
    return error;
  }
  if (status.code() == StatusCode::kFailedPrecondition) {
    return Conflict("MODEL_NOT_MANAGED", status.message());
  }
  return FromStatus(status);
}

Reply StartDownload(const ModelRouteParts& parts, Call& call) {
  const Result<ModelDownload> started = parts.downloads->Start(call.Parameter("model"));
  if (!started.ok()) return ModelError(started.status());
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "model.download", started->model));
  return JsonResponse(202, DownloadJson(*started));
}

Reply CancelDownload(const ModelRouteParts& parts, Call& call) {
  const Status cancelled = parts.downloads->Cancel(call.Parameter("model"));
  if (!cancelled.ok()) return ModelError(cancelled);
  return http::Response::Text(204, "");
}

Reply RemoveModel(const ModelRouteParts& parts, Call& call) {
  const std::string& model = call.Parameter("model");
  const Status removed = parts.downloads->Remove(model);
  if (!removed.ok()) return ModelError(removed);
  parts.speeds->Forget(std::string(models::CanonicalName(model)), call.principal.username);
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "model.remove", model));
  return http::Response::Text(204, "");
}

Reply MeasureSpeed(const ModelRouteParts& parts, Call& call) {
  const Result<std::string> model = parts.registry->names().Resolve(call.Parameter("model"));
  if (!model.ok()) return ModelError(model.status());
  if (parts.busy()) {
    return Conflict("SERVER_BUSY",
                    "Recordings are being transcribed now, so the model would seem slower than it "
                    "is. Measure it when they are done.");
  }
  std::stop_source stop;
  const StopWhenGone leaving(call.request.peer, stop);
  const Result<worker::ModelSpeed> speed =
      parts.speeds->Measure(*model, call.principal.username, stop.get_token());
  if (speed.status().code() == StatusCode::kFailedPrecondition) {
    return Conflict("SERVER_BUSY", speed.status().message());
  }
  if (!speed.ok()) return FromStatus(speed.status());
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "model.measure", *model));
  return JsonResponse(200, SpeedJson(*speed));
}

Reply BringIn(const ModelRouteParts& parts, Call& call) {
  const std::string& model = call.Parameter("model");
  const std::optional<std::int64_t> bytes = call.request.body->length();
  if (!bytes || *bytes == 0)
    return Invalid({{"body", "is missing: send the weight file as it is"}});
  const Status done = parts.bring_in(model, call.Query("filename"), *bytes, call.request.body);
  if (done.code() == StatusCode::kAlreadyExists) {
    return Conflict("MODEL_EXISTS",
                    "A model of this name is installed already. Remove it first, or choose "
                    "another name.");
  }
  if (done.code() == StatusCode::kDataCorrupt || done.code() == StatusCode::kUnsupported) {
    return BadRequest("NOT_A_MODEL",
                      "This is no model that can be read; nothing was added. " + done.message());
  }
  if (done.code() == StatusCode::kInvalidArgument) {
    return BadRequest("NOT_A_MODEL", done.message());
  }
  if (!done.ok()) return FromStatus(done);
  parts.speeds->Forget(model, call.principal.username);
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "model.import", model));
  return JsonResponse(201, Json{{"message", "The model is installed."}});
}

Reply StreamDownloads(const ModelRouteParts& parts, Call&) {
  return http::EventStream([downloads = parts.downloads](std::shared_ptr<http::ByteSink> sink) {
    downloads->Listen([sink](const ModelDownload& download) {
      return sink->Write(http::FormatEvent({.id = "",
                                            .event = "download",
                                            .data = base::JsonToText(DownloadJson(download)),
                                            .retry_millis = {}}));
    });
  });
}

constexpr std::pair<const char*, const char*> kSchemas[] = {
    {"ModelSpeed", R"({"type":"object","required":["times","audio_seconds","seconds",
      "measured_at"],"properties":{"times":{"type":"number"},"audio_seconds":{"type":"number"},
      "seconds":{"type":"number"},"measured_at":{"type":"string","format":"date-time"}}})"},
    {"ModelInfo", R"({"type":"object","required":["name","state","installed","bytes"],
      "properties":{"name":{"type":"string"},"aliases":{"type":"array","items":{"type":"string"}},
      "state":{"enum":["absent","unloaded","loading","ready","failed"]},
      "installed":{"type":"boolean"},"default":{"type":"boolean"},"bytes":{"type":"integer"},
      "parameters":{"type":["integer","null"]},"memory_bytes":{"type":["integer","null"]},
      "languages":{"type":"integer"},"translates":{"type":"boolean"},
      "licence":{"type":["string","null"]},"fits":{"type":["boolean","null"]},
      "recommended":{"type":"boolean"},"reason":{"type":"string"},
      "download":{"type":["object","null"]},
      "speed":{"type":["object","null"],"required":["times","audio_seconds","seconds",
      "measured_at"],"properties":{"times":{"type":"number"},"audio_seconds":{"type":"number"},
      "seconds":{"type":"number"},"measured_at":{"type":"string","format":"date-time"}}}}})"},
    {"ModelHelper", R"({"type":"object","required":["name","kind","installed","bytes"],
      "properties":{"name":{"type":"string"},"kind":{"enum":["voice_activity","speakers"]},
      "installed":{"type":"boolean"},"bytes":{"type":"integer"},"licence":{"type":"string"},
      "download":{"type":["object","null"]}}})"},
    {"ModelInfoList", R"({"type":"object","required":["models"],"properties":{"models":{
      "type":"array","items":{"$ref":"#/components/schemas/ModelInfo"}},
      "helpers":{"type":"array","items":{"$ref":"#/components/schemas/ModelHelper"}},
      "default":{"type":"string"}}})"},
    {"ModelDownload", R"({"type":"object","required":["model","state"],"properties":{
      "model":{"type":"string"},"state":{"enum":["queued","running","done","failed","cancelled"]},
      "bytes_done":{"type":"integer"},"bytes_total":{"type":["integer","null"]},
      "message":{"type":"string"}}})"},
    {"Hardware", R"({"type":"object","required":["cores","memory_bytes","models","recommended"],
      "properties":{"cores":{"type":"integer"},"memory_bytes":{"type":"integer"},
      "instruction_sets":{"type":"array","items":{"type":"string"}},
      "models":{"type":"array","items":{"$ref":"#/components/schemas/ModelInfo"}},
      "helpers":{"type":"array","items":{"$ref":"#/components/schemas/ModelHelper"}},
      "recommended":{"type":"object","properties":{"model":{"type":"string"},
      "reason":{"type":"string"}}}}})"},
};

}  // namespace

Recommendation RecommendModel(const MachineFacts& machine) {
  constexpr std::int64_t kGib = std::int64_t{1} << 30;
  for (const Step& step : kSteps) {
    const models::CatalogueEntry* const entry = models::FindModel(step.model);
    const std::int64_t needed = MemoryNeeded(*entry);
    // Half of the memory is for everything else on the machine.
    if (machine.cores < step.cores_min || 2 * needed > machine.memory_bytes) continue;
    return {std::string(step.model),
            fmt::format("The largest of the usual models for {} processors and {} GiB of memory: "
                        "it takes about {:.1f} GiB, and at most half is taken.",
                        machine.cores, machine.memory_bytes / kGib,
                        static_cast<double>(needed) / static_cast<double>(kGib))};
  }
  return {"tiny", "The smallest model: for everything else this machine has little memory."};
}

Status AddModelSchemas(Schemas* schemas) {
  for (const auto& [name, schema] : kSchemas) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddModelRoutes(const ModelRouteParts& parts, RouteTable* table) {
  const auto make = [&parts](Method method, const char* pattern, const char* operation,
                             const char* summary, const char* schema, Permission permission,
                             Reply (*function)(const ModelRouteParts&, Call&)) {
    Route route = PlainRoute(method, pattern, operation, summary, "models", permission,
                             [parts, function](Call& call) { return function(parts, call); });
    route.response_schema = schema;
    return route;
  };
  table->Add(make(Method::kGet, "/models", "listModelStates", "Models, their sizes and states",
                  "ModelInfoList", Permission::kJobsRead, ListModels));
  table->Add(make(Method::kGet, "/system/hardware", "getHardware",
                  "What this machine can run, and the model that suits it", "Hardware",
                  Permission::kSignedIn, GetHardware));
  table->Add(make(Method::kGet, "/admin/models", "adminListModels",
                  "Models with downloads and reasons of failure", "ModelInfoList",
                  Permission::kAdmin, ListForAdmin));
  Route events =
      make(Method::kGet, "/admin/models/events", "streamModelDownloads",
           "Downloads as they go on (server-sent events)", "", Permission::kAdmin, StreamDownloads);
  events.response_type = "text/event-stream";
  table->Add(std::move(events));
  Route start = make(Method::kPost, "/admin/models/{model}/download", "downloadModel",
                     "Fetch a published model", "ModelDownload", Permission::kAdmin, StartDownload);
  start.success_status = 202;
  start.errors = {404, 409};
  table->Add(std::move(start));
  Route cancel = make(Method::kDelete, "/admin/models/{model}/download", "cancelModelDownload",
                      "Stop fetching; what is there is kept for the next time", "",
                      Permission::kAdmin, CancelDownload);
  cancel.success_status = 204;
  cancel.errors = {404};
  table->Add(std::move(cancel));
  Route remove = make(Method::kDelete, "/admin/models/{model}", "removeModel",
                      "Remove an installed model", "", Permission::kAdmin, RemoveModel);
  remove.success_status = 204;
  remove.errors = {404, 409};
  table->Add(std::move(remove));
  Route measure = make(Method::kPost, "/admin/models/{model}/speed", "measureModel",
                       "Measure how fast a model is on this machine, with the bundled recording",
                       "ModelSpeed", Permission::kAdmin, MeasureSpeed);
  measure.errors = {404, 409};
  table->Add(std::move(measure));
  Route bring_in = make(Method::kPut, "/admin/models/{model}/file", "bringInModel",
                        "Install a model from its weight file (.pt, ggml .bin, .safetensors)",
                        "Message", Permission::kAdmin, BringIn);
  bring_in.body = BodyKind::kRaw;
  bring_in.body_bytes_max = base::kModelFileBytesMax;
  bring_in.success_status = 201;
  bring_in.errors = {400, 409};
  bring_in.query = {{"filename", R"({"type":"string","minLength":1,"maxLength":255})",
                     "The file's name; its ending says what it is"}};
  table->Add(std::move(bring_in));
}

}  // namespace wt::api
