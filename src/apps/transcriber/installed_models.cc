#include "apps/transcriber/installed_models.h"

#include <iostream>

#if __has_include("models/store.h")
#include "models/store.h"
#endif

namespace wt::transcriber {

ModelShelves OpenModelShelves(const std::vector<std::string>&) { return {}; }

int RunInstalledModelsCommand(std::span<const std::string_view>, const Environment&) {
  std::cerr << "error: not built\n";
  return 1;
}

}  // namespace wt::transcriber
