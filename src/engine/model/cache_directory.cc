// What lies in the cache directory besides a packed file's inside: which files go when room is
// needed, and the remembered hashes of weight files. Declared in packed_cache.h.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "engine/model/packed_cache.h"
#include "platform/sha256.h"

namespace wt::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPackedSuffix = ".wtpack";
constexpr std::string_view kSourceSuffix = ".source";
constexpr std::string_view kTemporaryMark = ".tmp.";
constexpr auto kTemporaryAgeMax = std::chrono::hours(24);
// Each has 200 bytes; so many model files were never on one machine.
constexpr std::size_t kSourcesMax = 256;
constexpr std::int64_t kSourceBytesMax = 64 * 1024;

struct CacheFile {
  fs::path path;
  fs::file_time_type used;
  std::int64_t bytes;
};

/// Oldest first. Files that vanish meanwhile are left out.
std::vector<CacheFile> FilesWith(const std::string& directory, std::string_view part) {
  std::vector<CacheFile> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().find(part) == std::string::npos) continue;
    std::error_code file_error;
    CacheFile file{it->path(), it->last_write_time(file_error), 0};
    if (file_error) continue;
    file.bytes = static_cast<std::int64_t>(it->file_size(file_error));
    if (!file_error) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const CacheFile& a, const CacheFile& b) {
    return std::pair(a.used, a.path) < std::pair(b.used, b.path);
  });
  return files;
}

void Remove(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

bool IsTemporary(const fs::path& path) {
  return path.filename().string().find(kTemporaryMark) != std::string::npos;
}

}  // namespace

void RemoveOldPackedFiles(const std::string& directory, std::int64_t bytes_max,
                          const std::string& keep) {
  const auto now = fs::file_time_type::clock::now();
  for (const CacheFile& file : FilesWith(directory, kTemporaryMark)) {
    if (now - file.used > kTemporaryAgeMax) Remove(file.path);
  }
  std::vector<CacheFile> sources = FilesWith(directory, kSourceSuffix);
  for (std::size_t i = 0; i + kSourcesMax < sources.size(); ++i) Remove(sources[i].path);
  std::int64_t total = 0;
  const std::vector<CacheFile> packed = FilesWith(directory, kPackedSuffix);
  for (const CacheFile& file : packed) {
    if (!IsTemporary(file.path)) total += file.bytes;
  }
  for (const CacheFile& file : packed) {
    if (total <= bytes_max) return;
    if (IsTemporary(file.path) || file.path == fs::path(keep)) continue;
    Remove(file.path);
    total -= file.bytes;
  }
}

PackedFilesCheck CheckPackedFiles(const std::string& directory) {
  PackedFilesCheck check;
  for (const CacheFile& file : FilesWith(directory, kPackedSuffix)) {
    if (IsTemporary(file.path)) continue;
    const auto cache = PackedCache::OpenAny(file.path.string());
    const Status status =
        cache.ok() ? (*cache)->VerifyData().WithContext(file.path.string()) : cache.status();
    if (status.code() == StatusCode::kDataCorrupt) {
      check.damaged.emplace_back(status.message());
      Remove(file.path);
    } else if (status.ok()) {
      ++check.files;
      check.bytes += file.bytes;
    }
  }
  return check;
}

std::string CachedSourceHash(const WeightMap& weights, const std::string& directory) {
  const std::string& identity = weights.source_identity();
  if (identity.empty()) return weights.source_hash();
  const std::string name =
      platform::Sha256Hex(std::as_bytes(std::span<const char>(identity))).substr(0, 32);
  const std::string path = directory + "/" + name + std::string(kSourceSuffix);
  constexpr std::size_t kHashBytes = 64;
  const Result<std::string> text = platform::ReadWholeFile(path, kSourceBytesMax);
  if (text.ok() && text->size() == identity.size() + 1 + kHashBytes + 1 &&
      text->starts_with(identity + "\n")) {
    return text->substr(identity.size() + 1, kHashBytes);
  }
  const std::string line = identity + "\n" + weights.source_hash() + "\n";
  if (platform::EnsureDirectory(directory).ok()) {
    // Failing to remember costs time at the next start only; see the contract.
    static_cast<void>(
        platform::WriteFileAtomically(path, std::as_bytes(std::span<const char>(line))));
  }
  return weights.source_hash();
}

}  // namespace wt::model
