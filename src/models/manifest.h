// What is known of an installed model: manifest.json in its directory, written last.
//
//   {"format": 1, "name": "base", "licence": "MIT", "source": "...", "weights": "",
//    "files": [{"name": "model.bin", "bytes": 145217532, "sha256": "..."}]}
//
// A directory without it is not an installed model. Values: thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::models {

inline constexpr std::string_view kManifestFile = "manifest.json";
/// Sources of models whose checksums are the catalogue's begin with this.
inline constexpr std::string_view kCatalogueSourcePrefix = "published: ";

struct ManifestFile {
  std::string name;
  std::int64_t bytes = 0;
  std::string sha256;
  bool operator==(const ManifestFile&) const = default;
};

struct Manifest {
  std::string name;
  std::string licence;
  /// Where it came from, in words for people.
  std::string source;
  /// The file to open, or empty for the directory.
  std::string weights;
  std::vector<ManifestFile> files;
  bool operator==(const Manifest&) const = default;

  std::int64_t bytes() const;
};

std::string ManifestToJson(const Manifest& manifest);

/// kDataCorrupt with the reason. File names with a slash, and names of hidden files, are refused.
Result<Manifest> ManifestFromJson(const std::string& json);

/// kNotFound when the directory has none.
Result<Manifest> ReadManifest(const std::string& directory);
Status WriteManifest(const std::string& directory, const Manifest& manifest);

/// A name that is safe as one part of a path: 1 to 64 letters, digits, '.', '_', '-', the first a
/// letter or digit.
bool IsPlainName(std::string_view name);

}  // namespace wt::models
