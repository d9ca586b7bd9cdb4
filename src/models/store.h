// The directory of installed models: MODELS/<name>/ with the files and a manifest.
//
// Also found, but never changed: weight files that somebody put there under a model's name
// (base.pt, ggml-base.bin, base.safetensors, or a directory of them without a manifest). Names
// starting with a dot are work in progress. Every call looks at the disk anew, so processes see
// each other's models. Thread-compatible; changes are made under a FileLock by pull.h and import.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "models/manifest.h"
#include "whisper_transcriber/status.h"

namespace wt::models {

struct InstalledModel {
  std::string name;
  /// The directory, or the file that lies directly in the store.
  std::string location;
  /// What Engine::LoadModel and OpenModel take.
  std::string path;
  /// Of a model with a manifest; only then it may be removed or verified against it.
  bool managed = false;
  Manifest manifest;
  std::int64_t bytes = 0;
};

/// One file whose bytes are not those of the manifest, or "" for the model as a whole.
struct Damage {
  std::string file;
  std::string reason;
};

using ModelProgress =
    std::function<void(std::string_view what, std::int64_t done, std::int64_t total)>;

class ModelStore {
 public:
  explicit ModelStore(std::string directory) : directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }

  /// Best first by the catalogue, then others by name; the voice activity network last. A missing
  /// directory is an empty store.
  std::vector<InstalledModel> List() const;

  /// By name or alias. kNotFound says how to get it.
  Result<InstalledModel> Find(std::string_view name_or_alias) const;

  /// The best installed Whisper model. kNotFound when there is none.
  Result<InstalledModel> Default() const;

  /// Weights of the voice activity network, or empty when they are not installed.
  std::string VadPath() const;
  /// Directory of the networks that tell speakers apart; empty when one of them is missing.
  std::string SpeakerDir() const;

  /// Compares every file with the manifest, and with the catalogue's checksums when the model came
  /// from there. Empty: all is right. An unmanaged file is compared with the catalogue only;
  /// kFailedPrecondition when nothing is known to compare with.
  Result<std::vector<Damage>> Verify(const InstalledModel& model, const base::CancelFlag* cancel,
                                     const ModelProgress& progress) const;

  /// Removes a managed model. kFailedPrecondition for one that is not ours.
  Status Remove(std::string_view name_or_alias) const;

  /// Where a model of that name is or would be.
  std::string DirectoryOf(std::string_view name) const;

 private:
  std::string directory_;
};

}  // namespace wt::models
