#include "service/host/model_tools.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "models/import.h"
#include "models/store.h"
#include "service/web/embedded_file.h"
#include "whisper_transcriber/models.h"

namespace wt::host {
namespace {

constexpr std::string_view kSample = "/sample.flac";
/// Whose work a measurement is, among those that wait.
constexpr const char* kPrincipal = "speed";

Result<double> TranscribeSample(worker::SyncTranscriber* sync, const std::string& model,
                                const std::stop_token& stop) {
  const std::span<const web::EmbeddedFile> files = web::EmbeddedSite();
  const auto sample = std::ranges::find(files, kSample, &web::EmbeddedFile::path);
  if (sample == files.end()) {
    return Status(StatusCode::kNotFound, "This program was built without the sample recording.");
  }
  worker::SyncRequest request;
  WT_ASSIGN(request.descriptor, worker::MemoryDescriptor(sample->plain));
  request.filename = "sample.flac";
  request.options.model = model;
  // As the web app asks for it.
  request.options.request.words.word_timestamps = true;
  request.principal = kPrincipal;
  WT_ASSIGN(const Transcript transcript, sync->Transcribe(std::move(request), stop));
  return transcript.duration_s;
}

}  // namespace

std::unique_ptr<worker::ModelSpeeds> MakeModelSpeeds(Core* core, worker::SyncTranscriber* sync) {
  return std::make_unique<worker::ModelSpeeds>(
      core->runtime_settings.get(), core->options.clock,
      [models = core->models.get()](const std::string& model, const std::stop_token& stop) {
        return models->Acquire(model, stop).status();
      },
      [sync](const std::string& model, const std::stop_token& stop) {
        return TranscribeSample(sync, model, stop);
      });
}

Status BringInModel(const std::string& directory, const std::string& model,
                    const std::string& filename, std::int64_t bytes, http::BodySource* body) {
  models::ImportOptions options;
  options.name = model;
  options.check = [](const std::string& path) {
    const Status read = InspectModel(path).status();
    const std::string where = path + ": ";
    // Where it lies for a moment says nothing to whoever sent it.
    if (!read.message().starts_with(where)) return read;
    return Status(read.code(), "The file " + read.message().substr(where.size()));
  };
  // Somebody else brings it in at this moment: told at once, not after the hours that may take.
  options.wait = [](std::chrono::milliseconds) { return false; };
  return models::ReceiveModel(
             models::ModelStore(directory), filename, bytes,
             [body](std::span<std::byte> out) { return body->Read(out); }, options)
      .status();
}

}  // namespace wt::host
