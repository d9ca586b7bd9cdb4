#include "apps/transcriber/serve/installed_service.h"

#include <signal.h>
#include <unistd.h>

#include <utility>

#include "apps/transcriber/serve/serve_command.h"
#include "apps/transcriber/version.h"
#include "base/status_macros.h"
#include "service/host/server_host.h"

namespace wt::transcriber {
namespace {

host::HostOptions MakeHostOptions(const ServiceSetup& setup) {
  const Environment& environment = *setup.environment;
  const config::Settings& settings = setup.configuration->settings;
  host::HostOptions options;
  options.settings = &settings;
  options.clock = setup.clock;
  options.logger = setup.logger;
  options.metrics = setup.metrics;
  options.tracer = setup.tracer;
  options.version = kVersion;
  options.build_sha = kBuildSha;
  options.build_date = kBuildDate;
  options.any_port = setup.any_port;
  options.media.search_path = environment.search_path;
  options.media.temp_dir = environment.temp_dir;
  options.media.log = setup.logger;
  options.instruction_set = environment.instruction_set;
  options.more_model_dirs = ModelDirectories(environment, "");
  options.end_service = setup.end_service;
  options.create_engine = Engine::Create;
  return options;
}

class RunningServer : public RunningService {
 public:
  explicit RunningServer(std::unique_ptr<host::ServerHost> host) : host_(std::move(host)) {}
  std::string description() const override { return host_->url(); }
  bool alive() override { return host_->alive(); }
  Status Reload() override { return host_->Reload(); }
  void Stop(std::chrono::milliseconds grace) override { host_->Stop(grace); }

 private:
  std::unique_ptr<host::ServerHost> host_;
};

class RunningWorker : public RunningService {
 public:
  RunningWorker(std::unique_ptr<host::WorkerHost> host, std::string data_dir)
      : host_(std::move(host)), data_dir_(std::move(data_dir)) {}
  std::string description() const override { return "working on the jobs of " + data_dir_; }
  bool alive() override { return host_->alive(); }
  Status Reload() override { return {}; }
  void Stop(std::chrono::milliseconds grace) override { host_->Stop(grace); }

 private:
  std::unique_ptr<host::WorkerHost> host_;
  std::string data_dir_;
};

Result<std::unique_ptr<RunningService>> StartServer(const ServiceSetup& setup, Console* console) {
  WT_ASSIGN(std::unique_ptr<host::ServerHost> host,
            host::ServerHost::Start(MakeHostOptions(setup)));
  if (const std::string token = host->setup_token(); !token.empty()) {
    console->PrintError("There is no administrator yet. Make the first account on " + host->url() +
                        "/setup with this set-up code: " + token + "\n");
  }
  return std::unique_ptr<RunningService>(std::make_unique<RunningServer>(std::move(host)));
}

Result<std::unique_ptr<RunningService>> StartWorker(const ServiceSetup& setup) {
  WT_ASSIGN(std::unique_ptr<host::WorkerHost> host,
            host::WorkerHost::Start(MakeHostOptions(setup)));
  return std::unique_ptr<RunningService>(std::make_unique<RunningWorker>(
      std::move(host), setup.configuration->settings.general.data_dir));
}

}  // namespace

int RunInstalledServiceCommand(std::string_view name, std::span<const std::string_view> arguments,
                               const Environment& environment, Console* console) {
  ServiceParts parts;
  parts.kind = name == "serve" ? ServiceKind::kServer : ServiceKind::kWorker;
  parts.start = [console](const ServiceSetup& setup) {
    return setup.kind == ServiceKind::kServer ? StartServer(setup, console) : StartWorker(setup);
  };
  parts.check = host::CheckWorkers;
  parts.wake = [] { ::kill(::getpid(), SIGTERM); };
  parts.catch_signals = CatchServiceSignals;
  parts.end_process = [](int status) { ::_exit(status); };
  return RunServiceCommand(arguments, environment, parts, console);
}

}  // namespace wt::transcriber
