// `transcriber migrate`: brings the database to a version, and says which one it has.
//
// One thread.
#pragma once

#include <span>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"

namespace wt::transcriber {

/// `arguments` begin after "migrate". kExitFailed when the database could not be changed, or when
/// `status` finds that it does not fit this program.
int RunMigrateCommand(std::span<const std::string_view> arguments, const Environment& environment,
                      Console* console);

}  // namespace wt::transcriber
