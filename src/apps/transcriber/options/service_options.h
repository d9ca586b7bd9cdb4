// The options of `serve`, `worker`, `migrate` and `config`: flags that stand for settings.
//
// Each flag is a variable of the configuration; ranges are checked there, with those of the other
// sources. Static data: thread-safe.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/transcriber/options/option_spec.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

std::span<const OptionSpec> ServeOptionSpecs();
std::span<const OptionSpec> WorkerOptionSpecs();
std::span<const OptionSpec> MigrateOptionSpecs();
std::span<const OptionSpec> ConfigOptionSpecs();

struct ServiceArguments {
  /// Variable to value, for config::LoadInput::flags.
  std::map<std::string, std::string> variables;
  /// --port 0: whichever port is free.
  bool any_port = false;
  bool json = false;
  /// --check: say how things stand, start nothing.
  bool check = false;
  bool help = false;
  std::vector<std::string_view> operands;
};

/// kInvalidArgument: an option that is not in `table`, or without its value.
Result<ServiceArguments> ParseServiceArguments(std::span<const OptionSpec> table,
                                               std::span<const std::string_view> arguments);

}  // namespace wt::transcriber
