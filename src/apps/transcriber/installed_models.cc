#include "apps/transcriber/installed_models.h"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <utility>

#include "apps/transcriber/interrupt.h"
#include "apps/transcriber/models/models_command.h"
#include "models/catalogue.h"
#include "models/store.h"

namespace wt::transcriber {
namespace {

class StoreShelf final : public ModelShelf {
 public:
  explicit StoreShelf(const std::string& directory) : store_(directory) {}

  const std::string& directory() const override { return store_.directory(); }

  std::vector<FoundModel> List() const override {
    std::vector<FoundModel> found;
    for (const models::InstalledModel& model : store_.List()) {
      if (!models::IsHelper(model.name)) found.push_back({model.name, model.path});
    }
    return found;
  }

  std::optional<FoundModel> Find(std::string_view name) const override {
    Result<models::InstalledModel> model = store_.Find(name);
    if (!model.ok() || models::IsHelper(model->name)) return std::nullopt;
    return FoundModel{model->name, model->path};
  }

  std::string VadPath() const override { return store_.VadPath(); }
  std::string SpeakerDir() const override { return store_.SpeakerDir(); }

 private:
  models::ModelStore store_;
};

}  // namespace

ModelShelves OpenModelShelves(const std::vector<std::string>& directories) {
  ModelShelves shelves;
  for (const std::string& directory : directories) {
    shelves.shelves.push_back(std::make_unique<StoreShelf>(directory));
  }
  for (const models::CatalogueEntry& entry : models::Catalogue()) {
    if (models::IsHelper(entry.name)) continue;
    shelves.published_names.emplace_back(entry.name);
    shelves.published_names.insert(shelves.published_names.end(), entry.aliases.begin(),
                                   entry.aliases.end());
  }
  return shelves;
}

int RunInstalledModelsCommand(std::span<const std::string_view> arguments,
                              const Environment& environment) {
  base::CancelFlag cancel;
  const InterruptGuard guard([&cancel] { cancel.Request(); });
  ModelsContext context;
  // Models are kept where the user says; the service's directory is for looking only.
  const std::vector<std::string> directories = ModelDirectories(environment, "");
  context.models_directory = directories.front();
  context.mirror_directory = environment.model_mirror;
  context.python = environment.python;
  context.cache_directory = environment.cache_dir;
  context.tools = {InspectModel, ConvertModel, VerifyPackedWeights};
  context.out = &std::cout;
  context.err = &std::cerr;
  context.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
  context.cancel = &cancel;
  const int status = RunModelsCommand(arguments, context);
  return guard.interrupted() ? kExitInterrupted : status;
}

}  // namespace wt::transcriber
