#include "apps/transcriber/program.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/transcriber/bench_command.h"
#include "apps/transcriber/doctor_command.h"
#include "apps/transcriber/options/arguments.h"
#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/completions.h"
#include "apps/transcriber/options/help.h"
#include "apps/transcriber/serve/config_command.h"
#include "apps/transcriber/serve/migrate_command.h"
#include "apps/transcriber/transcribe/transcribe_command.h"
#include "apps/transcriber/version.h"

namespace wt::transcriber {
namespace {

using Texts = std::span<const std::string_view>;

int PrintResult(Console& console, std::string_view text) {
  const Status printed = console.Print(text);
  if (printed.ok()) return kExitDone;
  if (printed.code() == StatusCode::kAborted) return kExitPipeClosed;
  PrintErrorMessage(console, printed.message());
  return kExitFailed;
}

int UsageError(Console& console, std::string_view message) {
  PrintErrorMessage(console, message);
  console.PrintError("See: transcriber --help\n");
  return kExitUsage;
}

int UnknownCommand(Console& console, std::string_view name) {
  std::error_code error;
  if (std::filesystem::exists(std::string(name), error)) {
    return UsageError(console, fmt::format("{} is a file, not a command; did you mean: transcriber "
                                           "transcribe {}",
                                           name, name));
  }
  std::vector<std::string_view> names;
  for (const CommandSpec& command : Commands()) names.push_back(command.name);
  const std::string_view nearest = NearestName(name, names);
  const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest);
  return UsageError(console, fmt::format("{} is not a command{}", name, hint));
}

int RunHelp(Texts arguments, Console& console) {
  if (arguments.empty()) return PrintResult(console, ProgramHelp());
  const CommandSpec* command = FindCommand(arguments[0]);
  if (command == nullptr) return UnknownCommand(console, arguments[0]);
  return PrintResult(console, CommandHelp(*command));
}

int RunVersion(Texts arguments, Console& console) {
  const Result<Arguments> parsed = ParseArguments(JsonOnlyOptionSpecs(), arguments);
  if (!parsed.ok()) return UsageError(console, parsed.status().message());
  if (parsed->help) return PrintResult(console, CommandHelp(*FindCommand("version")));
  if (!parsed->operands.empty()) return UsageError(console, "version takes no operands");
  const bool json = !parsed->options.empty() && parsed->options.back().value.on;
  return PrintResult(console, json ? fmt::format("{{\"version\":\"{}\"}}\n", kVersion)
                                   : fmt::format("transcriber {}\n", kVersion));
}

int RunCompletions(Texts arguments, Console& console) {
  const Result<Arguments> parsed = ParseArguments({}, arguments);
  if (!parsed.ok()) return UsageError(console, parsed.status().message());
  if (parsed->help) return PrintResult(console, CommandHelp(*FindCommand("completions")));
  if (parsed->operands.size() == 1) {
    const std::optional<std::string> script = CompletionsFor(parsed->operands[0]);
    if (script) return PrintResult(console, *script);
  }
  return UsageError(console, "completions: give bash, zsh or fish");
}

}  // namespace

int RunProgram(std::span<const std::string_view> arguments, const Environment& environment,
               const Services& services, const ModelsCommand& models, const ServiceCommand& service,
               Console* console) {
  if (arguments.empty()) {
    console->PrintError(ProgramHelp());
    return kExitUsage;
  }
  const std::string_view name = arguments[0];
  const Texts rest = arguments.subspan(1);
  if (name == "transcribe") return RunTranscribeCommand(rest, environment, services, console);
  if (name == "models") return models(rest);
  if (name == "doctor") return RunDoctorCommand(rest, environment, services, console);
  if (name == "bench") return RunBenchCommand(rest, environment, services, console);
  if (name == "serve" || name == "worker") return service(name, rest);
  if (name == "config") return RunConfigCommand(rest, environment, console);
  if (name == "migrate") return RunMigrateCommand(rest, environment, console);
  if (name == "completions") return RunCompletions(rest, *console);
  if (name == "version") return RunVersion(rest, *console);
  if (name == "--version" || name == "-V") return RunVersion({}, *console);
  if (name == "help" || name == "--help" || name == "-h") return RunHelp(rest, *console);
  return UnknownCommand(*console, name);
}

}  // namespace wt::transcriber
