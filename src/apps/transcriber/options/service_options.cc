#include "apps/transcriber/options/service_options.h"

#include <array>

#include "apps/transcriber/options/arguments.h"
#include "base/status_macros.h"

namespace wt::transcriber {
namespace {

constexpr std::string_view kGroup = "Settings";

constexpr OptionSpec kHost = {.name = "host",
                              .kind = ValueKind::kText,
                              .value_name = "ADDRESS",
                              .default_text = "127.0.0.1",
                              .help = "Address to listen on (HOST).",
                              .group = kGroup};
constexpr OptionSpec kPort = {.name = "port",
                              .kind = ValueKind::kText,
                              .value_name = "PORT",
                              .default_text = "8001",
                              .help = "TCP port (PORT). 0: whichever is free.",
                              .group = kGroup};
constexpr OptionSpec kDataDir = {.name = "data-dir",
                                 .kind = ValueKind::kDirectory,
                                 .value_name = "DIR",
                                 .default_text = "XDG_DATA_HOME/whisper-transcriber",
                                 .help =
                                     "Database, recordings, transcripts, generated secrets "
                                     "(DATA_DIR).",
                                 .group = kGroup};
constexpr OptionSpec kModelDir = {.name = "model-dir",
                                  .kind = ValueKind::kDirectory,
                                  .value_name = "DIR",
                                  .default_text = "DATA_DIR/models",
                                  .help = "Directory of the models (MODEL_DIR).",
                                  .group = kGroup};
constexpr OptionSpec kSingleUser = {
    .name = "single-user",
    .default_text = "False",
    .help =
        "No accounts: whoever reaches the port, which must be on this machine, is the "
        "administrator (SINGLE_USER_MODE).",
    .group = kGroup};
constexpr OptionSpec kConfigFile = {.name = "config",
                                    .kind = ValueKind::kFile,
                                    .value_name = "FILE",
                                    .default_text = "none",
                                    .help = "TOML file of settings (SETTINGS_CONFIG_FILE).",
                                    .group = kGroup};
constexpr OptionSpec kEnvFile = {.name = "env-file",
                                 .kind = ValueKind::kFile,
                                 .value_name = "FILE",
                                 .default_text = ".env, if there is one",
                                 .help = "File of NAME=VALUE lines (SETTINGS_ENV_FILE).",
                                 .group = kGroup};
constexpr OptionSpec kJson = {
    .name = "json", .default_text = "False", .help = "Print JSON.", .group = "Output"};

constexpr OptionSpec kCheck = {
    .name = "check",
    .default_text = "False",
    .help = "Start nothing: say whether a worker of this machine is alive. Exit status 0 or 1.",
    .group = "Output"};

constexpr std::array kServe = {kHost,       kPort,       kDataDir, kModelDir,
                               kSingleUser, kConfigFile, kEnvFile};
constexpr std::array kMigrate = {kDataDir, kModelDir, kConfigFile, kEnvFile};
constexpr std::array kWorker = {kDataDir, kModelDir, kConfigFile, kEnvFile, kCheck};
constexpr std::array kConfig = {kHost,       kPort,       kDataDir, kModelDir,
                                kSingleUser, kConfigFile, kEnvFile, kJson};

void Store(std::string_view name, const OptionValue& value, ServiceArguments* out) {
  struct Pair {
    std::string_view option;
    std::string_view variable;
  };
  constexpr std::array<Pair, 6> kVariables = {{{"host", "HOST"},
                                               {"port", "PORT"},
                                               {"data-dir", "DATA_DIR"},
                                               {"model-dir", "MODEL_DIR"},
                                               {"config", "SETTINGS_CONFIG_FILE"},
                                               {"env-file", "SETTINGS_ENV_FILE"}}};
  if (name == "check") {
    out->check = value.on;
  } else if (name == "json") {
    out->json = value.on;
  } else if (name == "single-user") {
    out->variables["SINGLE_USER_MODE"] = value.on ? "true" : "false";
  } else {
    for (const Pair& pair : kVariables) {
      if (pair.option == name) out->variables[std::string(pair.variable)] = value.text;
    }
  }
}

}  // namespace

std::span<const OptionSpec> ServeOptionSpecs() { return kServe; }
std::span<const OptionSpec> WorkerOptionSpecs() { return kWorker; }
std::span<const OptionSpec> MigrateOptionSpecs() { return kMigrate; }
std::span<const OptionSpec> ConfigOptionSpecs() { return kConfig; }

Result<ServiceArguments> ParseServiceArguments(std::span<const OptionSpec> table,
                                               std::span<const std::string_view> arguments) {
  WT_ASSIGN(const Arguments parsed, ParseArguments(table, arguments));
  ServiceArguments out;
  out.help = parsed.help;
  out.operands = parsed.operands;
  for (const Occurrence& occurrence : parsed.options) {
    Store(table[occurrence.option].name, occurrence.value, &out);
  }
  const auto port = out.variables.find("PORT");
  if (port != out.variables.end() && port->second == "0") {
    out.any_port = true;
    out.variables.erase(port);
  }
  return out;
}

}  // namespace wt::transcriber
