// Checks that take time and are made on demand (`models verify`), not at every opening: digests of
// a model's files, and numbers that no trained network holds.
//
// Opening accepts NaN and infinity: finding them means reading every weight. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/model/weight_map.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

struct FileDigest {
  /// Relative to the model's directory; the file's own name where the model is one file.
  std::string name;
  /// Lower-case hex.
  std::string sha256;
  std::int64_t bytes = 0;
};

/// Digests of the model file, or of every file in the model's directory (not below it), by name.
Result<std::vector<FileDigest>> DigestModel(const std::string& path);

/// Compares with what is expected: kNotFound for a missing file, kDataCorrupt naming the file whose
/// bytes differ. Files that are not listed, and sizes given as 0, are not looked at.
Status VerifyModel(const std::string& path, std::span<const FileDigest> expected);

/// kDataCorrupt naming the first tensor with a NaN or an infinity.
Status CheckFinite(const WeightMap& weights);

}  // namespace wt::model
