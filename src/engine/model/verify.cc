#include "engine/model/verify.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "platform/file.h"
#include "platform/sha256.h"

namespace wt::model {
namespace {

namespace fs = std::filesystem;

// A model's directory holds a dozen files.
constexpr std::size_t kFilesMax = 1'000;

Result<FileDigest> DigestFile(const fs::path& path) {
  WT_ASSIGN(const platform::MappedFile file,
            platform::MappedFile::Open(path.string(), base::kModelFileBytesMax));
  FileDigest digest;
  digest.name = path.filename().string();
  digest.sha256 = platform::Sha256Hex(file.bytes());
  digest.bytes = static_cast<std::int64_t>(file.bytes().size());
  return digest;
}

bool IsDirectory(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Sum of x - x: 0 when all are finite, NaN otherwise. Vectorises, unlike a search.
bool AllFinite(std::span<const float> values) {
  float sum = 0.0f;
  for (const float x : values) sum += x - x;
  return sum == 0.0f;
}

}  // namespace

Result<std::vector<FileDigest>> DigestModel(const std::string& path) {
  std::vector<FileDigest> digests;
  if (!IsDirectory(path)) {
    WT_ASSIGN(FileDigest digest, DigestFile(path));
    digests.push_back(std::move(digest));
    return digests;
  }
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) files.push_back(it->path());
    if (files.size() > kFilesMax) {
      return Status(StatusCode::kResourceExhausted, path + ": has too many files");
    }
  }
  if (error) return platform::ErrnoStatus(error.value(), path);
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    WT_ASSIGN(FileDigest digest, DigestFile(file));
    digests.push_back(std::move(digest));
  }
  return digests;
}

Status VerifyModel(const std::string& path, std::span<const FileDigest> expected) {
  const bool directory = IsDirectory(path);
  for (const FileDigest& want : expected) {
    const fs::path file = directory ? fs::path(path) / want.name : fs::path(path);
    WT_ASSIGN(const FileDigest have, DigestFile(file));
    if (want.bytes != 0 && want.bytes != have.bytes) {
      return Corrupt(file.string() + ": has " + std::to_string(have.bytes) + " bytes, " +
                     std::to_string(want.bytes) + " expected");
    }
    if (want.sha256 != have.sha256) {
      return Corrupt(file.string() + ": SHA-256 is " + have.sha256 + ", " + Printable(want.sha256) +
                     " expected; fetch the model again");
    }
  }
  return Status();
}

Status CheckFinite(const WeightMap& weights) {
  // 64 rows at a time: 1.3 MB of the widest matrix, which stays in the cache.
  constexpr std::int64_t kRows = 64;
  std::vector<float> values;
  for (const auto& [name, view] : weights.tensors()) {
    const std::int64_t row = view.elements() / view.shape[0];
    for (std::int64_t at = 0; at < view.shape[0]; at += kRows) {
      const std::int64_t rows = std::min(kRows, view.shape[0] - at);
      values.resize(static_cast<std::size_t>(rows * row));
      weights.RowsToFloat(name, at, rows, values);
      if (!AllFinite(values)) return CorruptTensor(name, "holds a NaN or an infinity");
    }
  }
  return Status();
}

}  // namespace wt::model
