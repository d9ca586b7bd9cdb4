// Transcription while the client waits: the path of /v1 and the other synchronous interfaces.
//
//   Result<Transcript> transcript = sync.Transcribe({.descriptor = ..., .filename = "a.mp3",
//                                                    .options = options, .principal = user}, stop);
//
// The same options, models, media and engine as jobs, before them in the engine's order, and fair
// between principals. Bounded: so many at work, so many waiting, the others are refused at once.
// `stop` is the client's connection: when it is requested the work stops within a decoder step.
// Blocks its caller. No files: what cannot seek must be spooled by the caller. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/log.h"
#include "media/open_audio.h"
#include "platform/file.h"
#include "service/worker/models/model_registry.h"
#include "service/worker/options/request_options.h"
#include "service/worker/sync/fair_gate.h"
#include "whisper_transcriber/engine.h"

namespace wt::worker {

struct SyncOptions {
  /// At work at the same time; decoders of media are processes.
  int active_max = 8;
  /// Waiting at most; more are kResourceExhausted.
  int waiting_max = 64;
  /// From the call to the answer, waiting included (OPENAI_REQUEST_TIMEOUT); 0: no limit.
  std::int64_t timeout_ms = 600'000;
  /// Helper, temporary directory and limits.
  media::MediaOptions media;
  /// Told how long inference took; may be null. Outlives the transcriber.
  observe::Metrics* metrics = nullptr;
};

struct SyncRequest {
  /// The recording: a descriptor of a regular file, or of memory (MemoryDescriptor()).
  platform::FileDescriptor descriptor;
  /// The client's name of it, for messages.
  std::string filename;
  RequestOptions options;
  /// Who asks.
  std::string principal;
  /// Told what happens, on engine threads; may be null. Outlives the call.
  Observer* observer = nullptr;
};

/// Bytes as a sealed descriptor in memory. kResourceExhausted when there is none left.
Result<platform::FileDescriptor> MemoryDescriptor(std::string_view bytes);

class SyncTranscriber {
 public:
  /// Both outlive this.
  SyncTranscriber(Engine* engine, ModelRegistry* models, SyncOptions options);

  /// Errors besides those of media and engine: kNotFound and kFailedPrecondition (model),
  /// kResourceExhausted (too many wait), kDeadlineExceeded, kCancelled (`stop`).
  Result<Transcript> Transcribe(SyncRequest request, const std::stop_token& stop);

  /// Probabilities of languages, most probable first. The same bounds.
  Result<std::vector<LanguageProbability>> DetectLanguage(SyncRequest request,
                                                          const std::stop_token& stop);

  int active() const { return gate_.active(); }
  int waiting() const { return gate_.waiting(); }

 private:
  struct Admitted;
  Result<std::unique_ptr<Admitted>> Admit(SyncRequest* request, const std::stop_token& stop);

  Engine* const engine_;
  ModelRegistry* const models_;
  const SyncOptions options_;
  FairGate gate_;
};

}  // namespace wt::worker
