// Fetches published models in the background, one after the other, and tells how far each is.
//
// The downloads themselves are models/pull.h: pinned by checksum, continued after an interruption,
// complete or not there. Listeners are called from the downloading thread and must not block.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/cancel.h"
#include "models/catalogue.h"
#include "models/pull.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

enum class DownloadState : std::uint8_t { kQueued, kRunning, kDone, kFailed, kCancelled };
/// "queued", "running", "done", "failed", "cancelled".
std::string_view DownloadStateName(DownloadState state);

struct ModelDownload {
  std::string model;
  DownloadState state = DownloadState::kQueued;
  std::int64_t bytes_done = 0;
  /// -1 while unknown.
  std::int64_t bytes_total = -1;
  /// Why it failed.
  std::string message = {};
};

class ModelDownloads {
 public:
  /// False ends the listening.
  using Listener = std::function<bool(const ModelDownload&)>;
  /// Replaces models::PullModel, for tests.
  using PullFunction = std::function<Result<models::PullOutcome>(
      const models::ModelStore&, const models::CatalogueEntry&, const models::PullOptions&,
      models::PullObserver*)>;

  /// `directory` is where models appear.
  explicit ModelDownloads(std::string directory, PullFunction pull = models::PullModel);
  ~ModelDownloads() { Stop(); }
  ModelDownloads(const ModelDownloads&) = delete;
  ModelDownloads& operator=(const ModelDownloads&) = delete;

  /// Does nothing when it is queued or running. kNotFound for a model that nobody publishes;
  /// kFailedPrecondition for one whose checksums are not known.
  Result<ModelDownload> Start(std::string_view name);
  /// kNotFound when it is neither queued nor running.
  Status Cancel(std::string_view name);
  /// Kept in the directory, or kNotFound, or kFailedPrecondition (somebody else put it there).
  Status Remove(std::string_view name);
  /// Since the start of the process, by name.
  std::vector<ModelDownload> List() const;
  /// Called at once with what is known, then with every change.
  void Listen(const Listener& listener);
  /// Stops what is under way (the part that is there is kept) and lets the listeners go.
  /// Idempotent; one thread.
  void Stop();

 private:
  class Observer;
  void Run();
  void Fetch(const std::string& name);
  void Change(const std::string& name, const std::function<void(ModelDownload*)>& change);

  const models::ModelStore store_;
  const PullFunction pull_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<std::string> queue_;
  std::map<std::string, ModelDownload> downloads_;
  std::vector<Listener> listeners_;
  /// Of the running one.
  std::unique_ptr<base::CancelFlag> cancel_;
  std::thread thread_;
};

}  // namespace wt::worker
