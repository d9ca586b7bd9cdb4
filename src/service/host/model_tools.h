// What the model routes need of the whole server: measuring with the bundled recording, and weight
// files that are sent by the browser. Thread-safe as the parts are.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "service/host/core.h"
#include "service/http/message.h"
#include "service/worker/models/model_speed.h"
#include "service/worker/sync/sync_transcriber.h"
#include "whisper_transcriber/status.h"

namespace wt::host {

/// Both outlive what is returned.
std::unique_ptr<worker::ModelSpeeds> MakeModelSpeeds(Core* core, worker::SyncTranscriber* sync);

/// The body becomes the model of that name in the directory, unless it is not one that can be read.
Status BringInModel(const std::string& directory, const std::string& model,
                    const std::string& filename, std::int64_t bytes, http::BodySource* body);

}  // namespace wt::host
