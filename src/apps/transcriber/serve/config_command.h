// `transcriber config`: what is set, from where, and whether a service would start with it.
//
// One thread.
#pragma once

#include <span>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"
#include "apps/transcriber/options/service_options.h"
#include "service/config/loader.h"

namespace wt::transcriber {

/// What the loader needs, from flags and environment.
config::LoadInput MakeLoadInput(const ServiceArguments& arguments, const Environment& environment);

/// Each problem in a line on standard error.
void PrintProblems(const config::Configuration& configuration, Console& console);

/// `arguments` begin after "config". kExitFailed when a service would not start.
int RunConfigCommand(std::span<const std::string_view> arguments, const Environment& environment,
                     Console* console);

}  // namespace wt::transcriber
