#include "service/api/openai/openai_routes.h"

#include <nlohmann/json.hpp>

#include "base/strip.h"
#include "platform/system_clock.h"
#include "service/api/rest/job_routes.h"
#include "service/api/stop_when_gone.h"
#include "service/http/content/sse.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;
using transcripts::OpenAiStream;

// Base64 text, boundaries and fields around the audio.
constexpr std::int64_t kFormOverheadBytes = 2 << 20;
constexpr int kBusyRetrySeconds = 5;

std::optional<ApiError> ResolveModel(const OpenAiRouteParts& parts, AudioRequest* request) {
  std::optional<ApiError> error = request->options.Finish(parts.models->names());
  if (!error) {
    request->options.mutable_options()->model = request->options.model();
    return std::nullopt;
  }
  if (error->param == "diarize" && request->format == transcripts::OpenAiFormat::kDiarizedJson) {
    error->param = "response_format";
  }
  error->status = error->openai_code == "model_not_found" ? 404 : 400;
  return error;
}

worker::SyncRequest MakeSyncRequest(AudioRequest* request, const std::string& principal) {
  worker::SyncRequest sync;
  sync.descriptor = std::move(request->file);
  sync.filename = request->filename.empty() ? "recording" : request->filename;
  sync.options = request->options.options();
  sync.principal = principal;
  return sync;
}

/// Segments as they become final, into the stream of a client.
class DeltaObserver : public Observer {
 public:
  explicit DeltaObserver(std::shared_ptr<http::ByteSink> sink) : sink_(std::move(sink)) {}
  void OnSegment(const Segment& segment) override {
    const std::string delta = stream_.Delta(segment);
    if (!delta.empty()) Send(delta);
  }
  void Send(std::string data) {
    sink_->Write(
        http::FormatEvent({.id = "", .event = "", .data = std::move(data), .retry_millis = {}}));
  }
  OpenAiStream& stream() { return stream_; }

 private:
  std::shared_ptr<http::ByteSink> sink_;
  OpenAiStream stream_;
};

void RunStream(worker::SyncTranscriber* transcriber, worker::SyncRequest request,
               transcripts::OpenAiFormat format, const std::shared_ptr<http::ByteSink>& sink,
               const std::stop_token& server_stop) {
  std::stop_source source;
  const std::stop_callback with_server(server_stop, [&source] { source.request_stop(); });
  sink->OnClosed([source]() mutable { source.request_stop(); });
  DeltaObserver observer(sink);
  request.observer = &observer;
  const Result<Transcript> transcript =
      transcriber->Transcribe(std::move(request), source.get_token());
  if (transcript.ok()) {
    if (format == transcripts::OpenAiFormat::kDiarizedJson) {
      for (std::string& event : transcripts::SpeakerEvents(*transcript)) {
        observer.Send(std::move(event));
      }
    }
    observer.Send(observer.stream().Done(*transcript));
    sink->Write("data: [DONE]\n\n");
  } else {
    const ApiError error = TranscriptionError(transcript.status());
    const char* type = error.status >= 500 ? "server_error" : "invalid_request_error";
    observer.Send(OpenAiStream::Error(error.message, type, error.openai_code));
  }
  sink->Close();
}

Reply Stream(const OpenAiRouteParts& parts, AudioRequest request, const std::string& principal) {
  // Shared because the function that starts the stream must be copyable.
  auto sync = std::make_shared<worker::SyncRequest>(MakeSyncRequest(&request, principal));
  http::Response response =
      http::EventStream([streams = parts.streams, transcriber = parts.transcriber, sync,
                         format = request.format](std::shared_ptr<http::ByteSink> sink) {
        const bool started =
            streams->Run([transcriber, sync, sink, format](const std::stop_token& stop) {
              RunStream(transcriber, std::move(*sync), format, sink, stop);
            });
        if (started) return;
        sink->Write(http::FormatEvent({.id = "",
                                       .event = "",
                                       .data = OpenAiStream::Error("The server is busy. Try again.",
                                                                   "server_error", "queue_full"),
                                       .retry_millis = {}}));
        sink->Close();
      });
  return response;
}

Reply Transcribe(const OpenAiRouteParts& parts, Call& call, bool translate) {
  auto read = ReadAudioRequest(call, parts.limits, translate);
  if (auto* error = std::get_if<ApiError>(&read)) return std::move(*error);
  auto& request = std::get<AudioRequest>(read);
  if (std::optional<ApiError> error = ResolveModel(parts, &request)) return *std::move(error);
  if (request.stream) return Stream(parts, std::move(request), call.principal.user_id);

  const base::BootMillis start = parts.clock->Boot();
  std::stop_source source;
  const StopWhenGone watch(call.request.peer, source);
  const std::string model = request.options.model();
  Result<Transcript> transcript = parts.transcriber->Transcribe(
      MakeSyncRequest(&request, call.principal.user_id), source.get_token());
  if (!transcript.ok()) return TranscriptionError(transcript.status());
  if (transcript->duration_s <= 0) return BadField("file", "The file has no audio in it.");
  if (request.json_body && request.format == transcripts::OpenAiFormat::kJson) {
    const double seconds = static_cast<double>(parts.clock->Boot() - start) / 1e3;
    return JsonResponse(200, Json{{"text", base::StripWhiteSpace(transcript->text)},
                                  {"processing_time", seconds},
                                  {"model", model},
                                  {"format", "json"}});
  }
  transcripts::OpenAiBody body =
      transcripts::RenderOpenAi(request.format, request.granularities, *transcript);
  return http::Response::Text(200, std::move(body.bytes), body.content_type);
}

Reply Chat(const OpenAiRouteParts& parts, Call& call) {
  auto read = ReadChatRequest(call, parts.limits);
  if (auto* error = std::get_if<ApiError>(&read)) return std::move(*error);
  auto& request = std::get<AudioRequest>(read);
  if (std::optional<ApiError> error = ResolveModel(parts, &request)) return *std::move(error);
  std::stop_source source;
  const StopWhenGone watch(call.request.peer, source);
  const std::string model = request.options.model();
  const Result<Transcript> transcript = parts.transcriber->Transcribe(
      MakeSyncRequest(&request, call.principal.user_id), source.get_token());
  if (!transcript.ok()) return TranscriptionError(transcript.status());
  Json choice;
  choice["index"] = 0;
  choice["message"] = {{"role", "assistant"}, {"content", base::StripWhiteSpace(transcript->text)}};
  choice["finish_reason"] = "stop";
  Json body;
  body["id"] = "chatcmpl-" + platform::NewToken(18);
  body["object"] = "chat.completion";
  body["created"] = parts.clock->Now() / 1'000;
  body["model"] = model;
  body["choices"] = Json::array({std::move(choice)});
  return JsonResponse(200, body);
}

Json ModelJson(const std::string& id, std::int64_t created) {
  return Json{{"id", id}, {"object", "model"}, {"created", created}, {"owned_by", "local"}};
}

/// Installed models under all of their names.
std::vector<std::string> ModelIds(const worker::ModelRegistry& models) {
  std::vector<std::string> ids;
  for (const worker::ModelEntry& entry : models.List()) {
    if (!entry.installed) continue;
    ids.push_back(entry.name);
    ids.insert(ids.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return ids;
}

Reply ListModels(const OpenAiRouteParts& parts) {
  Json data = Json::array();
  for (const std::string& id : ModelIds(*parts.models)) data.push_back(ModelJson(id, 0));
  return JsonResponse(200, Json{{"object", "list"}, {"data", std::move(data)}});
}

Reply GetModel(const OpenAiRouteParts& parts, Call& call) {
  const std::string& id = call.Parameter("model");
  for (const std::string& known : ModelIds(*parts.models)) {
    if (known == id) return JsonResponse(200, ModelJson(id, 0));
  }
  ApiError error = NotFound("The model was");
  error.param = "model";
  error.openai_code = "model_not_found";
  return error;
}

Route OpenAiRoute(Method method, std::string pattern, std::string operation, std::string summary,
                  HandlerFunction handler) {
  Route route = PlainRoute(
      method, std::move(pattern), std::move(operation), std::move(summary), "openai",
      method == Method::kGet ? Permission::kJobsRead : Permission::kJobsCreate, std::move(handler));
  route.dialect = Dialect::kOpenAi;
  route.rate = RateClass::kOpenAi;
  route.audit_event = "api_access";
  return route;
}

}  // namespace

ApiError TranscriptionError(const Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kDataCorrupt:
    case StatusCode::kUnsupported: return BadField("file", status.message());
    default: break;
  }
  ApiError error = FromStatus(status);
  if (status.code() == StatusCode::kResourceExhausted) {
    error.openai_code = "queue_full";
    error.retry_after_s = kBusyRetrySeconds;
  }
  // The model was there when the request was checked; what is missing now is the server's.
  if (status.code() == StatusCode::kNotFound || status.code() == StatusCode::kFailedPrecondition) {
    error.status = 503;
    error.error_code = "UNAVAILABLE";
    error.openai_code = "unavailable";
  }
  return error;
}

Status AddOpenAiSchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"TranscriptionForm", R"({"type":"object","required":["file","model"],"properties":{
        "file":{"type":"string","format":"binary"},"model":{"type":"string"},
        "language":{"type":"string"},"languages[]":{"type":"array","items":{"type":"string"}},
        "keywords[]":{"type":"array","items":{"type":"string"}},"prompt":{"type":"string"},
        "response_format":{"type":"string","enum":["json","text","srt","verbose_json","vtt",
          "diarized_json"]},
        "temperature":{"type":"number","minimum":0,"maximum":1},
        "timestamp_granularities[]":{"type":"array","items":{"enum":["word","segment"]}},
        "include[]":{"type":"array","items":{"enum":["logprobs"]}},
        "stream":{"type":"boolean"}}})"},
      {"TranslationForm", R"({"type":"object","required":["file","model"],"properties":{
        "file":{"type":"string","format":"binary"},"model":{"type":"string"},
        "prompt":{"type":"string"},
        "response_format":{"type":"string","enum":["json","text","srt","verbose_json","vtt"]},
        "temperature":{"type":"number","minimum":0,"maximum":1}}})"},
      {"Transcription", R"({"type":"object","required":["text"],"properties":{
        "text":{"type":"string"},"logprobs":{"type":"array","items":{"type":"object"}},
        "task":{"type":"string"},"language":{"type":"string"},
        "duration":{"type":"number"},"segments":{"type":"array","items":{"type":"object"}},
        "words":{"type":"array","items":{"type":"object"}},"usage":{"type":"object"}}})"},
      {"ChatBody", R"({"type":"object"})"},
      {"ChatCompletion", R"({"type":"object","required":["id","choices"],"properties":{
        "id":{"type":"string"},"object":{"const":"chat.completion"},"created":{"type":"integer"},
        "model":{"type":"string"},
        "choices":{"type":"array","items":{"type":"object"}}}})"},
      {"OpenAiModel", R"({"type":"object","required":["id","object","created","owned_by"],
        "properties":{"id":{"type":"string","examples":["base"]},"object":{"const":"model"},
        "created":{"type":"integer"},"owned_by":{"type":"string"}}})"},
      {"OpenAiModelList", R"({"type":"object","required":["object","data"],"properties":{
        "object":{"const":"list"},
        "data":{"type":"array","items":{"$ref":"#/components/schemas/OpenAiModel"}}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddOpenAiRoutes(const OpenAiRouteParts& parts, RouteTable* table) {
  const std::int64_t body_max = parts.limits.bytes_max / 3 * 4 + kFormOverheadBytes;
  for (const bool translate : {false, true}) {
    Route route = OpenAiRoute(
        Method::kPost, translate ? "/v1/audio/translations" : "/v1/audio/transcriptions",
        translate ? "createTranslation" : "createTranscription",
        translate ? "A recording into English text" : "A recording into text",
        [parts, translate](Call& call) { return Transcribe(parts, call, translate); });
    route.body = BodyKind::kMultipart;
    route.body_bytes_max = body_max;
    route.request_schema = translate ? "TranslationForm" : "TranscriptionForm";
    route.response_schema = "Transcription";
    route.other_response_types = {"text/plain", "application/x-subrip", "text/vtt"};
    if (!translate) route.other_response_types.emplace_back("text/event-stream");
    route.errors = {404};
    route.audit_event = "file_upload";
    table->Add(std::move(route));
  }
  Route chat = OpenAiRoute(Method::kPost, "/v1/chat/completions", "createChatCompletion",
                           "The audio of a chat message into text",
                           [parts](Call& call) { return Chat(parts, call); });
  // Read by the handler, because a base64 body is larger than any other JSON.
  chat.body = BodyKind::kRaw;
  chat.body_bytes_max = body_max;
  chat.request_schema = "ChatBody";
  chat.response_schema = "ChatCompletion";
  chat.errors = {404};
  table->Add(std::move(chat));

  Route list = OpenAiRoute(Method::kGet, "/v1/models", "listModels", "Models that can be used",
                           [parts](Call&) { return ListModels(parts); });
  list.response_schema = "OpenAiModelList";
  list.rate = RateClass::kGeneral;
  table->Add(std::move(list));
  Route get = OpenAiRoute(Method::kGet, "/v1/models/{model}", "getModel", "One model",
                          [parts](Call& call) { return GetModel(parts, call); });
  get.response_schema = "OpenAiModel";
  get.rate = RateClass::kGeneral;
  table->Add(std::move(get));
}

}  // namespace wt::api
