// The OpenAI-compatible API: /v1/audio/transcriptions, /v1/audio/translations, /v1/models and the
// audio form of /v1/chat/completions (50-api-dialects.md, sections 1 to 4). The client waits; when
// it leaves, the work stops. Handlers are called from many threads.
#pragma once

#include "base/clock.h"
#include "service/api/openai/audio_request.h"
#include "service/api/openai/stream_pool.h"
#include "service/api/route.h"
#include "service/worker/models/model_registry.h"
#include "service/worker/sync/sync_transcriber.h"

namespace wt::api {

struct OpenAiRouteParts {
  worker::SyncTranscriber* transcriber = nullptr;
  worker::ModelRegistry* models = nullptr;
  StreamPool* streams = nullptr;
  const base::Clock* clock = nullptr;
  AudioLimits limits;
};

void AddOpenAiRoutes(const OpenAiRouteParts& parts, RouteTable* table);
Status AddOpenAiSchemas(Schemas* schemas);

/// What a failed transcription is to the client: 400 unsupported_audio for the file's fault.
ApiError TranscriptionError(const Status& status);

}  // namespace wt::api
