#include "apps/transcriber/model_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "apps/transcriber/options/arguments.h"
#include "base/utf8.h"

namespace wt::transcriber {
namespace {

bool ExistsOnDisk(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

std::string LookedIn(const ModelShelves& shelves) {
  std::string text;
  for (const auto& shelf : shelves.shelves) {
    text += fmt::format("{}{}", text.empty() ? "looked in " : ", ", shelf->directory());
  }
  return text;
}

Status NoModelAtAll(const ModelShelves& shelves) {
  return Status(StatusCode::kNotFound,
                fmt::format("no model is installed ({}); fetch one: transcriber models pull base",
                            LookedIn(shelves)));
}

Status NoSuchModel(const ModelShelves& shelves, const std::string& model) {
  const std::string shown = base::ReplaceInvalidUtf8(model);
  const std::vector<std::string_view> names(shelves.published_names.begin(),
                                            shelves.published_names.end());
  if (std::find(names.begin(), names.end(), model) != names.end()) {
    return Status(
        StatusCode::kNotFound,
        fmt::format("model {} is not installed ({}); fetch it: transcriber models pull {}", shown,
                    LookedIn(shelves), shown));
  }
  const std::string_view nearest = NearestName(model, names);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest);
  return Status(StatusCode::kNotFound,
                fmt::format("there is no model \"{}\" ({}){} See: transcriber models list", shown,
                            LookedIn(shelves), hint.empty() ? "." : hint));
}

}  // namespace

Result<FoundModel> ChooseModel(const ModelShelves& shelves, const std::string& model) {
  if (model.empty()) {
    for (const auto& shelf : shelves.shelves) {
      const std::vector<FoundModel> models = shelf->List();
      if (!models.empty()) return models.front();
    }
    return NoModelAtAll(shelves);
  }
  const bool is_path = model.find('/') != std::string::npos;
  if (!is_path) {
    for (const auto& shelf : shelves.shelves) {
      if (std::optional<FoundModel> found = shelf->Find(model)) return *found;
    }
  }
  if (ExistsOnDisk(model)) return FoundModel{"", model};
  if (is_path) {
    return Status(StatusCode::kNotFound, fmt::format("{}: there is no model file or directory",
                                                     base::ReplaceInvalidUtf8(model)));
  }
  return NoSuchModel(shelves, model);
}

Result<std::string> ChooseSpeakerModel(const ModelShelves& shelves) {
  for (const auto& shelf : shelves.shelves) {
    std::string directory = shelf->SpeakerDir();
    if (!directory.empty()) return directory;
  }
  return Status(StatusCode::kNotFound,
                fmt::format("--diarize: speakers cannot be told apart, because the model 'speaker' "
                            "is not installed ({}); fetch it: transcriber models pull "
                            "speaker",
                            LookedIn(shelves)));
}

std::string ChooseVadWeights(const ModelShelves& shelves) {
  for (const auto& shelf : shelves.shelves) {
    std::string path = shelf->VadPath();
    if (!path.empty()) return path;
  }
  return "";
}

}  // namespace wt::transcriber
