// The real `serve` and `worker` commands, for main().
#pragma once

#include <span>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"

namespace wt::transcriber {

/// `name` is "serve" or "worker"; `arguments` begin after it. Returns the exit status.
int RunInstalledServiceCommand(std::string_view name, std::span<const std::string_view> arguments,
                               const Environment& environment, Console* console);

}  // namespace wt::transcriber
