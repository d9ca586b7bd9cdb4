// Brings weight files that are already on this machine into the store, with a manifest.
//
// The files are copied into a staging directory, opened there by the caller's check, and appear
// only when that succeeds. Takes the model's lock. Blocking.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/cancel.h"
#include "models/store.h"
#include "whisper_transcriber/status.h"

namespace wt::models {

enum class ImportMode : std::uint8_t {
  kCopy,
  /// Symbolic links to the files where they are: no second copy, and no protection against their
  /// being changed or moved (`verify` finds it).
  kLink,
};

struct ImportOptions {
  /// Name in the store.
  std::string name;
  ImportMode mode = ImportMode::kCopy;
  /// Replace a model of that name.
  bool replace = false;
  /// Shown in the manifest; empty: unknown.
  std::string licence;
  /// Opens the staged model; its error stops the import.
  std::function<Status(const std::string& path)> check;
  std::function<bool(std::chrono::milliseconds)> wait;
  const base::CancelFlag* cancel = nullptr;
  ModelProgress progress;
};

/// `path` is a weight file or a directory of them (CTranslate2, Hugging Face). kAlreadyExists when
/// the name is taken, kInvalidArgument for a name or path that cannot be, or the check's error.
Result<InstalledModel> ImportModel(const ModelStore& store, const std::string& path,
                                   const ImportOptions& options);

}  // namespace wt::models
