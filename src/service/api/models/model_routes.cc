#include "service/api/models/model_routes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "models/catalogue.h"
#include "service/api/rest/job_routes.h"
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

Json EntryJson(const ModelEntry& entry) {
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
          {"licence", known == nullptr ? Json() : Json(known->licence)}};
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
  for (const ModelEntry& entry : parts.registry->List()) list.push_back(EntryJson(entry));
  return list;
}

Reply ListModels(const ModelRouteParts& parts, Call&) {
  return JsonResponse(
      200, Json{{"models", ModelList(parts)}, {"default", parts.registry->names().DefaultName()}});
}

Reply ListForAdmin(const ModelRouteParts& parts, Call&) {
  const std::vector<ModelDownload> downloads = parts.downloads->List();
  Json list = Json::array();
  for (const ModelEntry& entry : parts.registry->List()) {
    Json model = EntryJson(entry);
    model["reason"] = entry.reason;
    model["download"] = Json();
    for (const ModelDownload& download : downloads) {
      if (download.model == entry.name) model["download"] = DownloadJson(download);
    }
    list.push_back(std::move(model));
  }
  return JsonResponse(200, Json{{"models", std::move(list)}});
}

Reply GetHardware(const ModelRouteParts& parts, Call&) {
  const Recommendation recommended = RecommendModel(parts.machine);
  Json list = Json::array();
  for (const ModelEntry& entry : parts.registry->List()) {
    Json model = EntryJson(entry);
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
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "model.remove", model));
  return http::Response::Text(204, "");
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
    {"ModelInfo", R"({"type":"object","required":["name","state","installed","bytes"],
      "properties":{"name":{"type":"string"},"aliases":{"type":"array","items":{"type":"string"}},
      "state":{"enum":["absent","unloaded","loading","ready","failed"]},
      "installed":{"type":"boolean"},"default":{"type":"boolean"},"bytes":{"type":"integer"},
      "parameters":{"type":["integer","null"]},"memory_bytes":{"type":["integer","null"]},
      "languages":{"type":"integer"},"translates":{"type":"boolean"},
      "licence":{"type":["string","null"]},"fits":{"type":["boolean","null"]},
      "recommended":{"type":"boolean"},"reason":{"type":"string"},
      "download":{"type":["object","null"]}}})"},
    {"ModelInfoList", R"({"type":"object","required":["models"],"properties":{"models":{
      "type":"array","items":{"$ref":"#/components/schemas/ModelInfo"}},
      "default":{"type":"string"}}})"},
    {"ModelDownload", R"({"type":"object","required":["model","state"],"properties":{
      "model":{"type":"string"},"state":{"enum":["queued","running","done","failed","cancelled"]},
      "bytes_done":{"type":"integer"},"bytes_total":{"type":["integer","null"]},
      "message":{"type":"string"}}})"},
    {"Hardware", R"({"type":"object","required":["cores","memory_bytes","models","recommended"],
      "properties":{"cores":{"type":"integer"},"memory_bytes":{"type":"integer"},
      "instruction_sets":{"type":"array","items":{"type":"string"}},
      "models":{"type":"array","items":{"$ref":"#/components/schemas/ModelInfo"}},
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
}

}  // namespace wt::api
