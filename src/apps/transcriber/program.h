// The program without its process: dispatches subcommands to their functions.
//
// Everything outside comes in by parameters, so tests run it with an engine of their own. One
// thread.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"
#include "apps/transcriber/services.h"

namespace wt::transcriber {

using ModelsCommand = std::function<int(std::span<const std::string_view> arguments)>;

/// Runs "serve" or "worker".
using ServiceCommand =
    std::function<int(std::string_view name, std::span<const std::string_view> arguments)>;

/// `arguments` begin after the program's name. Returns the exit status (transcribe_command.h).
int RunProgram(std::span<const std::string_view> arguments, const Environment& environment,
               const Services& services, const ModelsCommand& models, const ServiceCommand& service,
               Console* console);

}  // namespace wt::transcriber
