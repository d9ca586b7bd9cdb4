// Brings weight files that are already on this machine into the store, with a manifest.
//
// The files are copied into a staging directory, opened there by the caller's check, and appear
// only when that succeeds. Takes the model's lock. Blocking.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
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

/// Bytes written to the span; 0 at the end.
using ModelBytes = std::function<Result<std::size_t>(std::span<std::byte>)>;

/// The same for one weight file that comes as a stream of exactly `bytes` bytes: it is written and
/// hashed as it comes, so that there is never a second copy. `filename` is what it is called where
/// it comes from; its ending says what it is. kInvalidArgument for an ending that single files do
/// not have or another number of bytes.
Result<InstalledModel> ReceiveModel(const ModelStore& store, const std::string& filename,
                                    std::int64_t bytes, const ModelBytes& read,
                                    const ImportOptions& options);

}  // namespace wt::models
