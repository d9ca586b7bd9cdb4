// What commands reach the outside by: the engine, media files, model directories. main() fills it
// with the real ones, tests with their own. Values of functions: as thread-safe as those.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/transcriber/model_choice.h"
#include "base/cancel.h"
#include "whisper_transcriber/benchmark.h"
#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

struct AudioInput {
  /// A path, or "-" for standard input.
  std::string path;
  /// From 0; -1: the default.
  int track = -1;
  int channel = -1;
  /// Ends blocking reads. Outlives the source.
  const base::CancelFlag* cancel = nullptr;
};

struct Services {
  std::function<Result<std::unique_ptr<Engine>>(const EngineOptions&)> create_engine;
  /// Thread-safe.
  std::function<Result<std::unique_ptr<AudioSource>>(const AudioInput&)> open_audio;
  std::function<Result<BenchmarkReport>(const EngineOptions&, const ModelOptions&,
                                        std::unique_ptr<AudioSource>)>
      benchmark;
  /// The recording that is part of this program.
  std::function<Result<std::unique_ptr<AudioSource>>()> open_sample;
  /// Shelves for the directories given.
  std::function<ModelShelves(const std::vector<std::string>& directories)> model_shelves;
};

}  // namespace wt::transcriber
