#include "apps/transcriber/serve/migrate_command.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/help.h"
#include "apps/transcriber/options/service_options.h"
#include "apps/transcriber/serve/config_command.h"
#include "apps/transcriber/serve/data_directory.h"
#include "apps/transcriber/transcribe/transcribe_command.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/store/sqlite/migrations.h"

namespace wt::transcriber {
namespace {

using store::Database;

int Fail(Console& console, const Status& status) {
  PrintErrorMessage(console, status.message());
  return kExitFailed;
}

int UsageError(Console& console, std::string_view message) {
  PrintErrorMessage(console, message);
  console.PrintError("See: transcriber migrate --help\n");
  return kExitUsage;
}

Result<std::unique_ptr<Database>> OpenDatabase(const config::Settings& settings) {
  WT_TRY(EnsureDataDirectories(settings));
  store::DatabaseOptions options;
  options.path = settings.storage.database_file;
  return Database::Open(std::move(options));
}

Result<std::string> StatusText(Database& database) {
  WT_ASSIGN(const std::vector<store::MigrationState> states,
            store::MigrationStatus(database, store::EmbeddedMigrations()));
  std::string text;
  for (const store::MigrationState& state : states) {
    text += fmt::format("{:04} {:<24} {}\n", state.number, state.name,
                        state.applied_at ? base::FormatTime(*state.applied_at) : "pending");
  }
  return text;
}

int RunStatus(Database& database, Console& console) {
  const Result<std::string> text = StatusText(database);
  if (!text.ok()) return Fail(console, text.status());
  if (const Status printed = console.Print(*text); !printed.ok()) return kExitPipeClosed;
  const Status fits = store::CheckSchema(database, store::EmbeddedMigrations());
  return fits.ok() ? kExitDone : Fail(console, fits);
}

int RunUp(Database& database, Console& console) {
  const platform::SystemClock clock;
  const Result<int> steps = store::MigrateUp(database, store::EmbeddedMigrations(), clock);
  if (!steps.ok()) return Fail(console, steps.status());
  const Status printed = console.Print(fmt::format("{} steps applied\n", *steps));
  return printed.ok() ? kExitDone : kExitPipeClosed;
}

// Data of undone steps is lost, so the step to go back to must be given.
int RunDown(Database& database, std::string_view target, Console& console) {
  int number = -1;
  const char* end = target.data() + target.size();
  const auto [at, error] = std::from_chars(target.data(), end, number);
  if (error != std::errc() || at != end || number < 0) {
    return UsageError(console,
                      "migrate down: give the number of the last step to keep, 0 for none");
  }
  const Result<int> steps = store::MigrateDown(database, store::EmbeddedMigrations(), number);
  if (!steps.ok()) return Fail(console, steps.status());
  const Status printed = console.Print(fmt::format("{} steps undone\n", *steps));
  return printed.ok() ? kExitDone : kExitPipeClosed;
}

}  // namespace

int RunMigrateCommand(std::span<const std::string_view> arguments, const Environment& environment,
                      Console* console) {
  const Result<ServiceArguments> parsed = ParseServiceArguments(MigrateOptionSpecs(), arguments);
  if (!parsed.ok()) return UsageError(*console, parsed.status().message());
  if (parsed->help) {
    return console->Print(CommandHelp(*FindCommand("migrate"))).ok() ? kExitDone : kExitFailed;
  }
  const std::string_view verb = parsed->operands.empty() ? "" : parsed->operands[0];
  const std::size_t operands = verb == "down" ? 2 : 1;
  const bool known = verb == "up" || verb == "down" || verb == "status";
  if (!known || parsed->operands.size() != operands) {
    return UsageError(*console, "migrate: give up, down NUMBER or status");
  }
  const config::Configuration loaded = config::Load(MakeLoadInput(*parsed, environment));
  PrintProblems(loaded, *console);
  if (!loaded.ok()) return kExitFailed;
  const Result<std::unique_ptr<Database>> database = OpenDatabase(loaded.settings);
  if (!database.ok()) return Fail(*console, database.status());
  if (verb == "status") return RunStatus(**database, *console);
  // A server would find the schema changed under it.
  const Result<DataLock> lock = DataLock::Take(loaded.settings.general.data_dir);
  if (!lock.ok()) return Fail(*console, lock.status());
  return verb == "up" ? RunUp(**database, *console)
                      : RunDown(**database, parsed->operands[1], *console);
}

}  // namespace wt::transcriber
