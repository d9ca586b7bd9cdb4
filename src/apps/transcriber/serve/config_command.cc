#include "apps/transcriber/serve/config_command.h"

#include <fmt/format.h>

#include <string>

#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/help.h"
#include "apps/transcriber/transcribe/transcribe_command.h"
#include "service/config/printout.h"

namespace wt::transcriber {
namespace {

int Print(Console& console, const std::string& text, int status) {
  const Status printed = console.Print(text);
  if (printed.ok()) return status;
  if (printed.code() == StatusCode::kAborted) return kExitPipeClosed;
  PrintErrorMessage(console, printed.message());
  return kExitFailed;
}

int UsageError(Console& console, std::string_view message) {
  PrintErrorMessage(console, message);
  console.PrintError("See: transcriber config --help\n");
  return kExitUsage;
}

int Check(const config::Configuration& loaded, bool json, Console& console) {
  const int status = loaded.ok() ? kExitDone : kExitFailed;
  if (json) return Print(console, config::PrintSettingsJson(loaded), status);
  PrintProblems(loaded, console);
  return loaded.ok() ? Print(console, "The settings are fine.\n", status) : status;
}

int PrintAll(const config::Configuration& loaded, bool json, Console& console) {
  const int status = loaded.ok() ? kExitDone : kExitFailed;
  if (json) return Print(console, config::PrintSettingsJson(loaded), status);
  PrintProblems(loaded, console);
  return Print(console, config::PrintSettings(loaded), status);
}

}  // namespace

config::LoadInput MakeLoadInput(const ServiceArguments& arguments, const Environment& environment) {
  config::LoadInput input;
  input.flags = arguments.variables;
  input.environment = environment.variables;
  input.default_data_dir = environment.data_dir;
  input.default_cache_dir = environment.cache_dir;
  return input;
}

void PrintProblems(const config::Configuration& configuration, Console& console) {
  for (const config::Problem& problem : configuration.problems) {
    console.PrintError(ForTerminal(config::FormatProblem(problem)) + "\n");
  }
}

int RunConfigCommand(std::span<const std::string_view> arguments, const Environment& environment,
                     Console* console) {
  const Result<ServiceArguments> parsed = ParseServiceArguments(ConfigOptionSpecs(), arguments);
  if (!parsed.ok()) return UsageError(*console, parsed.status().message());
  if (parsed->help) return Print(*console, CommandHelp(*FindCommand("config")), kExitDone);
  if (parsed->operands.size() != 1) {
    return UsageError(*console, "config: give print, check, template or reference");
  }
  const std::string_view verb = parsed->operands[0];
  if (verb == "template") return Print(*console, config::EnvTemplate(), kExitDone);
  if (verb == "reference") return Print(*console, config::ReferenceTables(), kExitDone);
  if (verb != "print" && verb != "check") {
    return UsageError(*console, fmt::format("config has no {}; it has print, check, template and "
                                            "reference",
                                            verb));
  }
  const config::Configuration loaded = config::Load(MakeLoadInput(*parsed, environment));
  return verb == "check" ? Check(loaded, parsed->json, *console)
                         : PrintAll(loaded, parsed->json, *console);
}

}  // namespace wt::transcriber
