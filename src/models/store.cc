#include "models/store.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/status_macros.h"
#include "models/catalogue.h"
#include "models/net/download.h"
#include "platform/file.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;

// A store holds tens of models; more entries than this are not looked at.
constexpr int kEntriesMax = 10'000;

/// Position in the catalogue; models that are not in it come after it, the voice activity network
/// last of all.
std::ptrdiff_t Rank(std::string_view name) {
  const CatalogueEntry* entry = FindModel(name);
  const auto size = static_cast<std::ptrdiff_t>(Catalogue().size());
  if (entry == nullptr) return size;
  if (IsHelper(entry->name)) return size + 1 + (entry - Catalogue().data());
  return entry - Catalogue().data();
}

std::int64_t SizeOrZero(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

/// The model's name that a loose weight file stands for: "base.pt", "ggml-base.bin" and
/// "base.safetensors" are base. Only names of the catalogue count: any file may end in .bin.
std::optional<std::string> NameOfLooseFile(const std::string& file) {
  for (const std::string_view ending : {".pt", ".bin", ".safetensors"}) {
    if (!file.ends_with(ending)) continue;
    std::string_view stem = std::string_view(file).substr(0, file.size() - ending.size());
    if (stem.starts_with("ggml-")) stem.remove_prefix(5);
    const CatalogueEntry* entry = FindModel(stem);
    if (entry != nullptr && !IsHelper(entry->name)) return std::string(entry->name);
  }
  return std::nullopt;
}

std::optional<InstalledModel> FromDirectory(const fs::path& path) {
  InstalledModel model;
  model.location = path.string();
  Result<Manifest> manifest = ReadManifest(model.location);
  if (manifest.ok()) {
    model.managed = true;
    model.manifest = std::move(manifest).value();
    // The directory's name counts: it is what the user sees and can rename.
    model.name = path.filename().string();
    model.path = model.manifest.weights.empty() ? model.location
                                                : model.location + "/" + model.manifest.weights;
    model.bytes = model.manifest.bytes();
    return model;
  }
  if (manifest.status().code() != StatusCode::kNotFound) return std::nullopt;
  for (const char* weights : {"model.bin", "model.safetensors"}) {
    std::error_code error;
    if (!fs::is_regular_file(path / weights, error)) continue;
    model.name = std::string(CanonicalName(path.filename().string()));
    model.path = model.location;
    model.bytes = SizeOrZero(path / weights);
    return model;
  }
  return std::nullopt;
}

std::optional<InstalledModel> FromEntry(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (!IsPlainName(name)) return std::nullopt;
  std::error_code error;
  if (entry.is_directory(error)) return FromDirectory(entry.path());
  const std::optional<std::string> loose = NameOfLooseFile(name);
  if (!loose || !entry.is_regular_file(error)) return std::nullopt;
  InstalledModel model;
  model.name = *loose;
  model.location = model.path = entry.path().string();
  model.bytes = SizeOrZero(entry.path());
  return model;
}

/// Rows to compare a model's files with: those of its manifest, or for a loose file the
/// catalogue's row of the same file name.
std::vector<ManifestFile> ExpectedFiles(const InstalledModel& model) {
  if (model.managed) return model.manifest.files;
  const std::string file = fs::path(model.path).filename().string();
  const CatalogueEntry* entry = FindModel(model.name);
  if (entry == nullptr || model.path != model.location) return {};
  for (const Variant& variant : entry->variants) {
    for (const PinnedFile& pinned : variant.files) {
      if (pinned.name == file) {
        return {{std::string(pinned.name), pinned.bytes, std::string(pinned.sha256)}};
      }
    }
  }
  return {};
}

/// True when the catalogue pins a file of that name, but no variant with this checksum. A manifest
/// that was changed together with the file is found so.
bool ContradictsCatalogue(const Manifest& manifest, const ManifestFile& file) {
  const CatalogueEntry* entry = FindModel(manifest.name);
  if (entry == nullptr || !manifest.source.starts_with(kCatalogueSourcePrefix)) return false;
  bool pinned_name = false;
  for (const Variant& variant : entry->variants) {
    for (const PinnedFile& pinned : variant.files) {
      if (pinned.name != file.name) continue;
      if (pinned.sha256 == file.sha256) return false;
      pinned_name = true;
    }
  }
  return pinned_name;
}

}  // namespace

std::vector<InstalledModel> ModelStore::List() const {
  std::vector<InstalledModel> models;
  std::error_code error;
  int seen = 0;
  for (fs::directory_iterator it(directory_, error), end; !error && it != end;
       it.increment(error)) {
    if (++seen > kEntriesMax) break;
    if (std::optional<InstalledModel> model = FromEntry(*it)) models.push_back(std::move(*model));
  }
  // A managed model comes before a loose one of the same name, so that Find takes it.
  std::sort(models.begin(), models.end(), [](const InstalledModel& a, const InstalledModel& b) {
    const std::ptrdiff_t rank_a = Rank(a.name);
    const std::ptrdiff_t rank_b = Rank(b.name);
    if (rank_a != rank_b) return rank_a < rank_b;
    if (a.name != b.name) return a.name < b.name;
    if (a.managed != b.managed) return a.managed;
    return a.location < b.location;
  });
  return models;
}

Result<InstalledModel> ModelStore::Find(std::string_view name_or_alias) const {
  const std::string_view name = CanonicalName(name_or_alias);
  for (InstalledModel& model : List()) {
    if (model.name == name || model.name == name_or_alias) return std::move(model);
  }
  const std::string shown(name_or_alias);
  if (FindModel(name_or_alias) == nullptr) {
    return Status(StatusCode::kNotFound,
                  "model '" + shown + "' is neither installed in " + directory_ +
                      " nor published; 'transcriber models list' shows what there is");
  }
  return Status(StatusCode::kNotFound, "model '" + shown + "' is not installed in " + directory_ +
                                           "; 'transcriber models pull " + shown + "' fetches it");
}

Result<InstalledModel> ModelStore::Default() const {
  std::vector<InstalledModel> models = List();
  if (models.empty() || IsHelper(models.front().name)) {
    return Status(StatusCode::kNotFound, "no model is installed in " + directory_ +
                                             "; 'transcriber models pull base' fetches one");
  }
  return std::move(models.front());
}

std::string ModelStore::VadPath() const {
  const std::string path = DirectoryOf(kVadModelName) + "/" + std::string(kVadWeightsFile);
  std::error_code error;
  return fs::is_regular_file(path, error) ? path : std::string();
}

std::string ModelStore::SpeakerDir() const {
  const std::string directory = DirectoryOf(kSpeakerModelName);
  std::error_code error;
  for (const std::string_view file : {kSegmentationWeightsFile, kVoiceWeightsFile}) {
    if (!fs::is_regular_file(directory + "/" + std::string(file), error)) return {};
  }
  return directory;
}

Result<std::vector<Damage>> ModelStore::Verify(const InstalledModel& model,
                                               const base::CancelFlag* cancel,
                                               const ModelProgress& progress) const {
  const std::vector<ManifestFile> expected = ExpectedFiles(model);
  if (expected.empty()) {
    return Status(StatusCode::kFailedPrecondition,
                  model.location +
                      ": no checksum is known of it; 'transcriber models import' "
                      "makes a copy whose bytes can be verified");
  }
  const std::string folder =
      model.managed ? model.location : fs::path(model.location).parent_path().string();
  std::vector<Damage> damages;
  std::int64_t done = 0;
  for (const ManifestFile& file : expected) {
    if (progress) progress(file.name, done, model.bytes);
    const Result<std::string> digest = net::FileSha256(folder + "/" + file.name, cancel);
    if (digest.status().code() == StatusCode::kCancelled) return digest.status();
    if (!digest.ok()) {
      damages.push_back({file.name, digest.status().message()});
    } else if (*digest != file.sha256) {
      damages.push_back({file.name, "the SHA-256 is " + *digest + ", expected " + file.sha256});
    } else if (ContradictsCatalogue(model.manifest, file)) {
      damages.push_back({file.name, "its checksum in the manifest is not the published one"});
    }
    done += std::max<std::int64_t>(file.bytes, 0);
  }
  if (progress) progress("", done, model.bytes);
  return damages;
}

Status ModelStore::Remove(std::string_view name_or_alias) const {
  WT_ASSIGN(const InstalledModel model, Find(name_or_alias));
  if (!model.managed) {
    return Status(StatusCode::kFailedPrecondition,
                  model.location + ": was not installed by this program; remove it yourself");
  }
  // Renamed first, so that no process finds half a model.
  const std::string doomed = DirectoryOf(".removed-" + model.name);
  std::error_code error;
  fs::remove_all(doomed, error);
  fs::rename(model.location, doomed, error);
  if (error) return platform::ErrnoStatus(error.value(), model.location);
  fs::remove_all(doomed, error);
  return error ? platform::ErrnoStatus(error.value(), doomed) : Status();
}

std::string ModelStore::DirectoryOf(std::string_view name) const {
  return directory_ + "/" + std::string(name);
}

}  // namespace wt::models
