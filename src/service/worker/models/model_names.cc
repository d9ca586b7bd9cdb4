#include "service/worker/models/model_names.h"

#include <algorithm>

#include "base/utf8.h"
#include "models/catalogue.h"

namespace wt::worker {
namespace {

// Aliases of aliases are followed this far: more is a circle.
constexpr int kAliasStepsMax = 4;
constexpr std::size_t kNameShownMax = 64;

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

ModelNames::ModelNames(ModelNamesOptions options) : options_(std::move(options)) {
  for (const std::string& directory : options_.directories) stores_.emplace_back(directory);
}

std::string ModelNames::Canonical(std::string_view name) const {
  std::string current(name.substr(0, 256));
  for (int i = 0; i < kAliasStepsMax; ++i) {
    const auto alias = options_.aliases.find(current);
    if (alias == options_.aliases.end()) break;
    current = alias->second;
  }
  return std::string(models::CanonicalName(current));
}

bool ModelNames::MayBeUsed(std::string_view canonical) const {
  if (models::IsHelper(canonical)) return false;
  const std::vector<std::string>& list = options_.available;
  return list.empty() || std::any_of(list.begin(), list.end(), [&](const std::string& name) {
           return Canonical(name) == canonical;
         });
}

Result<std::string> ModelNames::Resolve(std::string_view name) const {
  const std::string_view asked = name.empty() ? options_.default_model : name;
  if (asked.empty()) {
    const std::vector<models::InstalledModel> installed = Installed();
    if (!installed.empty()) return installed.front().name;
    return Status(StatusCode::kFailedPrecondition,
                  "no model is installed; fetch one: transcriber models pull base");
  }
  const std::string canonical = Canonical(asked);
  const bool usable = MayBeUsed(canonical);
  if (usable && Find(canonical).ok()) return canonical;
  const std::string shown = base::ReplaceInvalidUtf8(asked.substr(0, kNameShownMax));
  if (const models::CatalogueEntry* entry = models::FindModel(canonical);
      entry != nullptr && usable) {
    return Status(StatusCode::kFailedPrecondition, "model '" + shown +
                                                       "' is not installed; fetch it: transcriber "
                                                       "models pull " +
                                                       canonical);
  }
  return Status(StatusCode::kNotFound,
                "model '" + shown + "' does not exist; use one of: " + Joined(AllowedNames()));
}

Result<models::InstalledModel> ModelNames::Find(std::string_view canonical) const {
  for (const models::ModelStore& store : stores_) {
    Result<models::InstalledModel> found = store.Find(canonical);
    if (found.ok()) return found;
  }
  return Status(StatusCode::kFailedPrecondition, "model '" + std::string(canonical) +
                                                     "' is not installed; fetch it: transcriber "
                                                     "models pull " +
                                                     std::string(canonical));
}

std::vector<models::InstalledModel> ModelNames::Installed() const {
  std::vector<models::InstalledModel> list;
  for (const models::ModelStore& store : stores_) {
    for (models::InstalledModel& model : store.List()) {
      const bool known = std::any_of(list.begin(), list.end(),
                                     [&](const auto& other) { return other.name == model.name; });
      if (!known && MayBeUsed(model.name)) list.push_back(std::move(model));
    }
  }
  return list;
}

std::vector<std::string> ModelNames::AllowedNames() const {
  std::vector<std::string> names;
  for (const models::CatalogueEntry& entry : models::Catalogue()) {
    if (MayBeUsed(entry.name)) names.emplace_back(entry.name);
  }
  for (const models::InstalledModel& model : Installed()) {
    if (std::find(names.begin(), names.end(), model.name) == names.end()) {
      names.push_back(model.name);
    }
  }
  return names;
}

std::vector<std::string> ModelNames::AliasesOf(std::string_view canonical) const {
  std::vector<std::string> aliases;
  for (const auto& [alias, target] : options_.aliases) {
    if (Canonical(alias) == canonical) aliases.push_back(alias);
  }
  const models::CatalogueEntry* entry = models::FindModel(canonical);
  if (entry == nullptr) return aliases;
  for (const std::string_view alias : entry->aliases) {
    if (options_.aliases.find(alias) == options_.aliases.end()) aliases.emplace_back(alias);
  }
  return aliases;
}

std::string ModelNames::DefaultName() const {
  const Result<std::string> name = Resolve("");
  return name.ok() ? *name : std::string();
}

Result<std::string> ModelNames::SpeakerDir() const {
  for (const models::ModelStore& store : stores_) {
    std::string directory = store.SpeakerDir();
    if (!directory.empty()) return directory;
  }
  return Status(StatusCode::kFailedPrecondition,
                "speakers cannot be told apart: the model 'speaker' is not installed. Fetch it: "
                "transcriber models pull speaker");
}

std::string ModelNames::VadPath() const {
  for (const models::ModelStore& store : stores_) {
    std::string path = store.VadPath();
    if (!path.empty()) return path;
  }
  return "";
}

}  // namespace wt::worker
