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
// Of a stream, which comes in smaller pieces anyway.
constexpr std::size_t kStreamBytes = 256U << 10;
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

/// What a model that is being brought in holds on to. The lock outlives the staging.
struct Place {
  FileLock lock;
  Staging staging;
};

Result<Place> TakePlace(const ModelStore& store, const ImportOptions& options) {
  WT_TRY(CheckName(store, options));
  WT_TRY(platform::EnsureDirectory(store.directory()));
  const auto wait = [&](std::chrono::milliseconds pause) {
    if (options.wait) return options.wait(pause);
    std::this_thread::sleep_for(pause);
    return !base::Cancelled(options.cancel);
  };
  WT_ASSIGN(FileLock lock, FileLock::Acquire(store.DirectoryOf(".lock-" + options.name), wait));
  // Somebody else may have brought it in meanwhile.
  WT_TRY(CheckName(store, options));
  WT_ASSIGN(Staging staging, Staging::Begin(store, options.name));
  return Place{std::move(lock), std::move(staging)};
}

Manifest ManifestOf(const ImportOptions& options, const std::string& source) {
  Manifest manifest;
  manifest.name = options.name;
  manifest.licence = options.licence.empty() ? "unknown" : options.licence;
  manifest.source = "imported: " + source;
  return manifest;
}

/// "ggml.bin", "weights.pt" or "weights.safetensors": what a single file is told by its ending.
Result<std::string> SingleFileName(const std::string& filename) {
  if (filename.ends_with(".bin")) return std::string("ggml.bin");
  for (const char* ending : {".pt", ".safetensors"}) {
    if (filename.ends_with(ending)) return std::string("weights") + ending;
  }
  return Status(StatusCode::kInvalidArgument,
                "A model in one file ends with .pt (OpenAI), .bin (ggml) or .safetensors. Models "
                "of several files are brought in on the server: transcriber models import.");
}

Result<ManifestFile> WriteStream(const std::string& path, std::int64_t bytes,
                                 const ModelBytes& read, const ImportOptions& options) {
  WT_ASSIGN(HashingWriter writer, HashingWriter::Create(path));
  std::vector<std::byte> portion(kStreamBytes);
  std::int64_t done = 0;
  while (true) {
    if (base::Cancelled(options.cancel)) return Status(StatusCode::kCancelled, "cancelled");
    WT_ASSIGN(const std::size_t got, read(portion));
    if (got == 0) break;
    done += static_cast<std::int64_t>(got);
    if (done > bytes) break;
    WT_TRY(writer.Write(std::span(portion).first(got)));
  }
  if (done != bytes) {
    return Status(StatusCode::kInvalidArgument,
                  "The file did not come whole; nothing was added. Send it again.");
  }
  return writer.Finish();
}

}  // namespace

Result<InstalledModel> ImportModel(const ModelStore& store, const std::string& path,
                                   const ImportOptions& options) {
  WT_ASSIGN(const std::vector<fs::path> files, FilesOf(path));
  WT_ASSIGN(Place place, TakePlace(store, options));
  Staging& staging = place.staging;
  Manifest manifest = ManifestOf(options, path);
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

Result<InstalledModel> ReceiveModel(const ModelStore& store, const std::string& filename,
                                    std::int64_t bytes, const ModelBytes& read,
                                    const ImportOptions& options) {
  WT_ASSIGN(const std::string name, SingleFileName(filename));
  if (bytes <= 0 || bytes > base::kModelFileBytesMax) {
    return Status(StatusCode::kInvalidArgument, "A model's file has 1 byte to 16 GiB.");
  }
  WT_ASSIGN(Place place, TakePlace(store, options));
  const std::string path = place.staging.PathOf(name);
  WT_TRY(net::CheckDiskSpace(place.staging.directory(), bytes));
  Manifest manifest = ManifestOf(options, filename);
  WT_ASSIGN(ManifestFile row, WriteStream(path, bytes, read, options));
  manifest.files.push_back(std::move(row));
  manifest.weights = name;
  if (options.check) WT_TRY(options.check(path));
  WT_TRY(place.staging.Publish(manifest));
  return store.Find(options.name);
}

}  // namespace wt::models
