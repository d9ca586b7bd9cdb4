// The real shelves of models and the real `models` command, for main().
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/transcriber/environment.h"
#include "apps/transcriber/model_choice.h"

namespace wt::transcriber {

ModelShelves OpenModelShelves(const std::vector<std::string>& directories);

/// `arguments` begin after "models". Returns the exit status.
int RunInstalledModelsCommand(std::span<const std::string_view> arguments,
                              const Environment& environment);

}  // namespace wt::transcriber
