#include "models/import.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "models/file_lock.h"
#include "models/net/download.h"
#include "models/staging.h"
#include "platform/file.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 64;
constexpr std::size_t kPortionBytes = 4U << 20;
// What model directories hold besides weights: vocabularies, configuration, licences.
constexpr std::array<std::string_view, 6> kEndings = {".bin",  ".safetensors", ".pt",
                                                      ".json", ".txt",         ".model"};

bool IsModelFile(const std::string& name) {
  if (!IsPlainName(name) || name == kManifestFile) return false;
  if (name == "LICENSE") return true;
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

/// The files to bring, sorted by name. Other files of a directory are left where they are.
Result<std::vector<fs::path>> FilesOf(const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return std::vector<fs::path>{fs::path(path)};
  if (!fs::is_directory(path, error)) {
    return Status(StatusCode::kNotFound, path + ": there is no such file or directory");
  }
  std::vector<fs::path> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored) || !IsModelFile(it->path().filename().string())) continue;
    files.push_back(it->path());
    if (files.size() > kFilesMax) break;
  }
  if (error) return platform::ErrnoStatus(error.value(), path);
  if (files.empty() || files.size() > kFilesMax) {
    return Status(StatusCode::kInvalidArgument,
                  path + (files.empty() ? ": holds no model files (.bin, .safetensors, .pt)"
                                        : ": holds too many files to be a model"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<ManifestFile> CopyOne(const fs::path& from, const std::string& name,
                             const ImportOptions& options, const Staging& staging) {
  WT_ASSIGN(const platform::MappedFile source,
            platform::MappedFile::Open(from.string(), base::kModelFileBytesMax));
  const auto all = static_cast<std::int64_t>(source.bytes().size());
  WT_TRY(net::CheckDiskSpace(staging.directory(), all));
  WT_ASSIGN(HashingWriter writer, HashingWriter::Create(staging.PathOf(name)));
  for (std::span<const std::byte> rest = source.bytes(); !rest.empty();) {
    if (base::Cancelled(options.cancel)) return Status(StatusCode::kCancelled, "cancelled");
    const std::size_t portion = std::min(rest.size(), kPortionBytes);
    WT_TRY(writer.Write(rest.first(portion)));
    rest = rest.subspan(portion);
    if (options.progress) options.progress(name, all - static_cast<std::int64_t>(rest.size()), all);
  }
  return writer.Finish();
}

Result<ManifestFile> LinkOne(const fs::path& from, const std::string& name,
                             const ImportOptions& options, const Staging& staging) {
  std::error_code error;
  const fs::path target = fs::canonical(from, error);
  if (error) return platform::ErrnoStatus(error.value(), from.string());
  if (::symlink(target.c_str(), staging.PathOf(name).c_str()) != 0) {
    return platform::ErrnoStatus(errno, staging.PathOf(name));
  }
  ManifestFile file;
  file.name = name;
  file.bytes = static_cast<std::int64_t>(fs::file_size(target, error));
  if (error) return platform::ErrnoStatus(error.value(), target.string());
  WT_ASSIGN(file.sha256, net::FileSha256(target.string(), options.cancel));
  return file;
}

Status CheckName(const ModelStore& store, const ImportOptions& options) {
  if (!IsPlainName(options.name)) {
    return Status(StatusCode::kInvalidArgument,
                  "'" + options.name +
                      "' cannot be a model's name: use letters, digits, '.', '_' "
                      "and '-', at most 64, the first a letter or digit");
  }
  std::error_code error;
  if (!options.replace && fs::exists(store.DirectoryOf(options.name), error)) {
    return Status(StatusCode::kAlreadyExists,
                  "a model '" + options.name +
                      "' is installed already; choose another --name, or "
                      "replace it with --force");
  }
  return Status();
}

}  // namespace

Result<InstalledModel> ImportModel(const ModelStore& store, const std::string& path,
                                   const ImportOptions& options) {
  WT_ASSIGN(const std::vector<fs::path> files, FilesOf(path));
  WT_TRY(CheckName(store, options));
  WT_TRY(platform::EnsureDirectory(store.directory()));
  const auto wait = [&](std::chrono::milliseconds pause) {
    if (options.wait) return options.wait(pause);
    std::this_thread::sleep_for(pause);
    return !base::Cancelled(options.cancel);
  };
  WT_ASSIGN(const FileLock lock,
            FileLock::Acquire(store.DirectoryOf(".lock-" + options.name), wait));
  WT_TRY(CheckName(store, options));
  WT_ASSIGN(Staging staging, Staging::Begin(store, options.name));
  Manifest manifest;
  manifest.name = options.name;
  manifest.licence = options.licence.empty() ? "unknown" : options.licence;
  manifest.source = "imported: " + path;
  for (const fs::path& file : files) {
    std::string name = file.filename().string();
    // A single file may have any name at its old place.
    if (!IsPlainName(name)) name = "weights";
    WT_ASSIGN(ManifestFile row, options.mode == ImportMode::kCopy
                                    ? CopyOne(file, name, options, staging)
                                    : LinkOne(file, name, options, staging));
    manifest.files.push_back(std::move(row));
  }
  std::error_code error;
  if (fs::is_regular_file(path, error)) manifest.weights = manifest.files[0].name;
  const std::string opened =
      manifest.weights.empty() ? staging.directory() : staging.PathOf(manifest.weights);
  if (options.check) WT_TRY(options.check(opened));
  WT_TRY(staging.Publish(manifest));
  return store.Find(options.name);
}

}  // namespace wt::models
