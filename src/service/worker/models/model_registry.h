// The loaded models of this process, over its one Engine.
//
//   WT_ASSIGN(const std::string name, registry.names()->Resolve("large"));
//   WT_ASSIGN(ModelHandle model, registry.Acquire(name, stop, deadline));
//   engine->Submit(model, ...);  // In use until the last copy of the handle goes.
//
// A model is loaded once, by one background thread, whoever asks and however many; it stays loaded
// until room is needed. Least recently used ones that nobody holds go first; one in use is never
// unloaded: a load that finds no room waits. A failed load is tried again by the next Acquire.
// Thread-safe. Handles may outlive the registry, not the engine.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "service/observe/metrics/metrics.h"
#include "service/worker/models/model_names.h"
#include "whisper_transcriber/engine.h"

namespace wt::worker {

using ModelHandle = std::shared_ptr<const Model>;

enum class ModelState : std::uint8_t { kAbsent, kUnloaded, kLoading, kReady, kFailed };
/// "absent", "unloaded", "loading", "ready", "failed".
std::string_view ModelStateName(ModelState state);

struct ModelRegistryOptions {
  ModelNamesOptions names;
  ComputeType compute_type = ComputeType::kAuto;
  /// Where packed weights are kept between runs; empty: nowhere.
  std::string cache_dir;
  /// Models kept loaded at most (MODEL_CACHE_SIZE).
  int models_max = 4;
  /// Weights kept loaded at most, in bytes; 0: only models_max counts.
  std::int64_t weight_bytes_max = 0;
  /// Loaded by Preload() and needed for readiness (WHISPER_PRELOAD_MODELS).
  std::vector<std::string> preload;
  base::LogSink* log = nullptr;
  /// Told of loads and hits; may be null. Outlives the registry.
  observe::Metrics* metrics = nullptr;
};

/// A row of the model list on every surface.
struct ModelEntry {
  std::string name;
  std::vector<std::string> aliases;
  ModelState state = ModelState::kAbsent;
  /// Why it failed; for administrators and readiness.
  std::string reason;
  bool is_default = false;
  bool installed = false;
  /// Bytes on disk, or to be downloaded.
  std::int64_t bytes = 0;
  int languages = 0;
  bool translates = false;
};

/// What preloading has come to.
struct Readiness {
  bool ready = true;
  /// "model base: loading", "model tiny: not installed ..."; empty when ready.
  std::vector<std::string> waiting_for;
};

struct RegistryCounters {
  std::int64_t loads = 0;
  std::int64_t failed_loads = 0;
  std::int64_t hits = 0;
  std::int64_t unloads = 0;
  int loaded = 0;
  std::int64_t loaded_bytes = 0;
};

class ModelRegistry {
 public:
  using Clock = std::chrono::steady_clock;

  /// `engine` must outlive this and all handles.
  ModelRegistry(Engine* engine, ModelRegistryOptions options);
  /// Ends the loader. REQUIRES: no call is in progress.
  ~ModelRegistry();
  ModelRegistry(const ModelRegistry&) = delete;
  ModelRegistry& operator=(const ModelRegistry&) = delete;

  const ModelNames& names() const { return names_; }

  /// The model by its canonical name, loaded if need be. kFailedPrecondition (not installed),
  /// kDataCorrupt and others of Engine::LoadModel, kResourceExhausted (larger than the limit),
  /// kCancelled, kDeadlineExceeded.
  Result<ModelHandle> Acquire(const std::string& name, const std::stop_token& stop,
                              Clock::time_point deadline = Clock::time_point::max());

  /// Begins to load the models of the preload list. Does not wait.
  void Preload();
  Readiness CheckReadiness() const;

  /// All allowed models with their states.
  std::vector<ModelEntry> List() const;
  RegistryCounters counters() const;

 private:
  struct Slot {
    ModelState state = ModelState::kUnloaded;
    Status failure;
    ModelHandle model;
    std::int64_t bytes = 0;
    /// Handles given out and not gone yet.
    int uses = 0;
    /// Order of the last Acquire.
    std::uint64_t used_at = 0;
    /// Failed loads, so that a waiting call knows its own one.
    std::uint64_t failures = 0;
  };
  /// Shared with the handles, which may outlive the registry.
  struct State {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::map<std::string, Slot> slots;
    std::deque<std::string> to_load;
    std::uint64_t uses_count = 0;
    RegistryCounters counters;
  };

  ModelHandle MakeHandle(const std::string& name, Slot* slot);
  void Enqueue(const std::string& name, Slot* slot);
  void LoadLoop(const std::stop_token& stop);
  Result<ModelHandle> LoadOne(const std::string& name, const std::stop_token& stop);
  bool MakeRoom(const std::string& name, std::int64_t disk_bytes,
                std::vector<ModelHandle>* unloaded);
  bool UnloadOne(const std::string& except, std::vector<ModelHandle>* unloaded);
  void Publish(const std::string& name, Result<ModelHandle> loaded);

  Engine* const engine_;
  const ModelRegistryOptions options_;
  const ModelNames names_;
  const std::shared_ptr<State> state_;
  std::jthread loader_;
};

}  // namespace wt::worker
