#include "service/worker/models/model_registry.h"

#include <pthread.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "models/catalogue.h"

namespace wt::worker {

std::string_view ModelStateName(ModelState state) {
  switch (state) {
    case ModelState::kAbsent: return "absent";
    case ModelState::kUnloaded: return "unloaded";
    case ModelState::kLoading: return "loading";
    case ModelState::kReady: return "ready";
    case ModelState::kFailed: return "failed";
  }
  return "unknown";
}

ModelRegistry::ModelRegistry(Engine* engine, ModelRegistryOptions options)
    : engine_(engine),
      options_(std::move(options)),
      names_(options_.names),
      state_(std::make_shared<State>()) {
  loader_ = std::jthread([this](const std::stop_token& stop) { LoadLoop(stop); });
  pthread_setname_np(loader_.native_handle(), "wt-models");
}

ModelRegistry::~ModelRegistry() {
  loader_.request_stop();
  loader_.join();
  std::map<std::string, Slot> slots;
  const std::lock_guard lock(state_->mutex);
  slots.swap(state_->slots);
}

// A handle that counts itself. It keeps the real one alive and tells the state when it goes, so
// that a load waiting for room goes on. REQUIRES: the state's mutex is held.
ModelHandle ModelRegistry::MakeHandle(const std::string& name, Slot* slot) {
  ++slot->uses;
  slot->used_at = ++state_->uses_count;
  return {slot->model.get(), [state = state_, name, model = slot->model](const Model*) mutable {
            model.reset();
            const std::lock_guard lock(state->mutex);
            if (const auto found = state->slots.find(name); found != state->slots.end()) {
              --found->second.uses;
            }
            state->changed.notify_all();
          }};
}

// REQUIRES: the state's mutex is held.
void ModelRegistry::Enqueue(const std::string& name, Slot* slot) {
  if (slot->state == ModelState::kLoading) return;
  slot->state = ModelState::kLoading;
  state_->to_load.push_back(name);
  state_->changed.notify_all();
}

Result<ModelHandle> ModelRegistry::Acquire(const std::string& name, const std::stop_token& stop,
                                           Clock::time_point deadline) {
  // A loaded model whose files are gone would still work; it is refused for new work, because what
  // is listed as unavailable must not be used.
  WT_TRY(names_.Find(name));
  std::unique_lock lock(state_->mutex);
  Slot& slot = state_->slots[name];
  const bool loaded = slot.state == ModelState::kReady;
  if (options_.metrics != nullptr) options_.metrics->ModelRequested(loaded);
  if (loaded) {
    ++state_->counters.hits;
    return MakeHandle(name, &slot);
  }
  Enqueue(name, &slot);
  const std::uint64_t failures = slot.failures;
  const auto settled = [&] {
    // Loaded, and unloaded for another model before this call woke up.
    if (slot.state == ModelState::kUnloaded) Enqueue(name, &slot);
    return slot.state == ModelState::kReady || slot.failures != failures;
  };
  // time_point::max() overflows inside wait_until.
  const auto until = std::min(deadline, Clock::now() + std::chrono::hours(24 * 7));
  if (!state_->changed.wait_until(lock, stop, until, settled)) {
    if (stop.stop_requested()) return Status(StatusCode::kCancelled, "stopped");
    return Status(StatusCode::kDeadlineExceeded,
                  "model " + name + " could not be loaded in time; try again");
  }
  if (slot.state != ModelState::kReady) return slot.failure;
  return MakeHandle(name, &slot);
}

void ModelRegistry::Preload() {
  for (const std::string& wanted : options_.preload) {
    const Result<std::string> name = names_.Resolve(wanted);
    if (!name.ok()) continue;  // CheckReadiness names it.
    const std::lock_guard lock(state_->mutex);
    Slot& slot = state_->slots[*name];
    if (slot.state != ModelState::kReady) Enqueue(*name, &slot);
  }
}

Readiness ModelRegistry::CheckReadiness() const {
  Readiness readiness;
  for (const std::string& wanted : options_.preload) {
    const Result<std::string> name = names_.Resolve(wanted);
    if (!name.ok()) {
      readiness.waiting_for.push_back(name.status().message());
      continue;
    }
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->slots.find(*name);
    const bool asked = found != state_->slots.end();
    const ModelState state = asked ? found->second.state : ModelState::kUnloaded;
    // One that was loaded and has made room for another is ready all the same.
    const bool was_loaded = asked && found->second.bytes > 0;
    if (state == ModelState::kReady || (state == ModelState::kUnloaded && was_loaded)) continue;
    std::string text = "model " + *name + ": " + std::string(ModelStateName(state));
    if (state == ModelState::kFailed) text += " (" + found->second.failure.message() + ")";
    readiness.waiting_for.push_back(std::move(text));
  }
  readiness.ready = readiness.waiting_for.empty();
  return readiness;
}

void ModelRegistry::LoadLoop(const std::stop_token& stop) {
  while (true) {
    std::string name;
    {
      std::unique_lock lock(state_->mutex);
      if (!state_->changed.wait(lock, stop, [this] { return !state_->to_load.empty(); })) return;
      name = std::move(state_->to_load.front());
      state_->to_load.pop_front();
    }
    Publish(name, LoadOne(name, stop));
  }
}

// Unloads the least recently used model that nobody holds. False when all are in use. The model is
// handed out, to be freed without the lock. REQUIRES: the mutex is held.
bool ModelRegistry::UnloadOne(const std::string& except, std::vector<ModelHandle>* unloaded) {
  Slot* oldest = nullptr;
  for (auto& [name, slot] : state_->slots) {
    if (slot.state != ModelState::kReady || slot.uses > 0 || name == except) continue;
    if (oldest == nullptr || slot.used_at < oldest->used_at) oldest = &slot;
  }
  if (oldest == nullptr) return false;
  unloaded->push_back(std::exchange(oldest->model, nullptr));
  oldest->state = ModelState::kUnloaded;
  state_->counters.loaded_bytes -= oldest->bytes;
  --state_->counters.loaded;
  ++state_->counters.unloads;
  return true;
}

// True when the model may be loaded now. REQUIRES: the mutex is held.
bool ModelRegistry::MakeRoom(const std::string& name, std::int64_t disk_bytes,
                             std::vector<ModelHandle>* unloaded) {
  // What it took the last time is known better than what its file has.
  const std::int64_t bytes = std::max(disk_bytes, state_->slots[name].bytes);
  const RegistryCounters& counters = state_->counters;
  const auto fits = [&] {
    const bool bytes_fit = options_.weight_bytes_max <= 0 || counters.loaded == 0 ||
                           counters.loaded_bytes + bytes <= options_.weight_bytes_max;
    return counters.loaded < std::max(options_.models_max, 1) && bytes_fit;
  };
  while (!fits()) {
    if (!UnloadOne(name, unloaded)) return false;
  }
  return true;
}

/// Where the speaker model is, or will be once it is fetched: it is read when it is first needed.
static std::string SpeakerDirectory(const ModelNames& names) {
  const Result<std::string> found = names.SpeakerDir();
  if (found.ok()) return *found;
  const std::vector<std::string>& directories = names.options().directories;
  return directories.empty() ? std::string()
                             : directories.front() + "/" + std::string(models::kSpeakerModelName);
}

Result<ModelHandle> ModelRegistry::LoadOne(const std::string& name, const std::stop_token& stop) {
  WT_ASSIGN(const models::InstalledModel installed, names_.Find(name));
  if (options_.weight_bytes_max > 0 && installed.bytes > options_.weight_bytes_max) {
    return Status(StatusCode::kResourceExhausted,
                  "model " + name + " has " + std::to_string(installed.bytes >> 20) +
                      " MiB, the limit for loaded models is " +
                      std::to_string(options_.weight_bytes_max >> 20) +
                      " MiB; use a smaller model or raise the limit");
  }
  std::vector<ModelHandle> unloaded;
  {
    std::unique_lock lock(state_->mutex);
    const auto room = [&] { return MakeRoom(name, installed.bytes, &unloaded); };
    if (!state_->changed.wait(lock, stop, room)) return Status(StatusCode::kCancelled, "stopped");
  }
  unloaded.clear();
  base::Log(options_.log, base::LogLevel::kInfo, "loading model " + name);
  const Clock::time_point begin = Clock::now();
  Result<ModelHandle> model = engine_->LoadModel({.path = installed.path,
                                                  .name = name,
                                                  .compute_type = options_.compute_type,
                                                  .cache_dir = options_.cache_dir,
                                                  .vad_path = names_.VadPath(),
                                                  .speaker_dir = SpeakerDirectory(names_)});
  if (model.ok() && options_.metrics != nullptr) {
    const std::chrono::duration<double> took = Clock::now() - begin;
    options_.metrics->ModelLoaded(name, took.count());
  }
  return model;
}

void ModelRegistry::Publish(const std::string& name, Result<ModelHandle> loaded) {
  std::vector<ModelHandle> unloaded;  // Freed after the lock is gone.
  const std::lock_guard lock(state_->mutex);
  Slot& slot = state_->slots[name];
  RegistryCounters& counters = state_->counters;
  if (loaded.ok()) {
    slot.model = *std::move(loaded);
    slot.bytes = slot.model->info().weight_bytes;
    slot.state = ModelState::kReady;
    slot.used_at = ++state_->uses_count;
    slot.failure = Status();
    counters.loaded_bytes += slot.bytes;
    ++counters.loaded;
    ++counters.loads;
    // Loaded weights may be larger than their file (float16 becomes float32).
    while (options_.weight_bytes_max > 0 && counters.loaded_bytes > options_.weight_bytes_max) {
      if (!UnloadOne(name, &unloaded)) break;
    }
  } else {
    slot.failure = loaded.status();
    slot.state = ModelState::kFailed;
    ++slot.failures;
    ++counters.failed_loads;
    base::Log(options_.log, base::LogLevel::kError,
              "model " + name + " could not be loaded: " + loaded.status().message());
  }
  state_->changed.notify_all();
}

std::vector<ModelEntry> ModelRegistry::List() const {
  const std::vector<models::InstalledModel> installed = names_.Installed();
  const std::string default_name = names_.DefaultName();
  std::vector<ModelEntry> list;
  for (const std::string& name : names_.AllowedNames()) {
    ModelEntry entry{.name = name,
                     .aliases = names_.AliasesOf(name),
                     .state = ModelState::kAbsent,
                     .reason = {},
                     .is_default = name == default_name};
    const auto found = std::find_if(installed.begin(), installed.end(),
                                    [&](const auto& model) { return model.name == name; });
    const models::CatalogueEntry* published = models::FindModel(name);
    if (published != nullptr) {
      entry.bytes = published->about_bytes;
      entry.languages = published->languages;
      entry.translates = published->translates;
    }
    if (found != installed.end()) {
      entry.installed = true;
      entry.bytes = found->bytes;
      entry.state = ModelState::kUnloaded;
    }
    const std::lock_guard lock(state_->mutex);
    const auto slot = state_->slots.find(name);
    if (entry.installed && slot != state_->slots.end()) {
      entry.state = slot->second.state;
      entry.reason = slot->second.failure.message();
    }
    list.push_back(std::move(entry));
  }
  return list;
}

RegistryCounters ModelRegistry::counters() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counters;
}

}  // namespace wt::worker
