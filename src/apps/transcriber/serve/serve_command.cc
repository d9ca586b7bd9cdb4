#include "apps/transcriber/serve/serve_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "apps/transcriber/interrupt.h"
#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/help.h"
#include "apps/transcriber/options/service_options.h"
#include "apps/transcriber/serve/config_command.h"
#include "apps/transcriber/serve/data_directory.h"
#include "apps/transcriber/serve/service_manager.h"
#include "apps/transcriber/serve/tracing.h"
#include "apps/transcriber/transcribe/transcribe_command.h"
#include "apps/transcriber/version.h"
#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/config/generated_secrets.h"
#include "service/config/setting_table.h"

namespace wt::transcriber {
namespace {

using std::chrono::milliseconds;

// What is left of stopping after the grace: results of work that was cut off are written.
constexpr milliseconds kStopSlack{10'000};
constexpr milliseconds kWatchInterval{100};
constexpr milliseconds kIdleInterval{60'000};

std::string_view NameOf(ServiceKind kind) {
  return kind == ServiceKind::kServer ? "serve" : "worker";
}

Result<std::unique_ptr<observe::Logger>> OpenLog(const config::Settings& settings, ServiceKind kind,
                                                 const base::Clock& clock) {
  const config::LogSettings& log = settings.log;
  observe::LoggerOptions options;
  options.level = kind == ServiceKind::kWorker ? log.worker_level.value_or(log.level) : log.level;
  if (settings.general.debug) options.level = base::LogLevel::kDebug;
  options.format = log.format == config::LogFormat::kJson ? observe::LogFormat::kJson
                                                          : observe::LogFormat::kPlain;
  options.descriptor = log.to_stdout ? 1 : -1;
  options.directory = log.dir;
  options.file_bytes_max = log.file_bytes_max;
  options.files_kept = log.files_kept;
  options.name = log.service_name;
  options.secrets = config::SecretTexts(settings);
  return observe::Logger::Create(options, &clock);
}

// Ends the process when stopping hangs, or when somebody asks a second time.
class StopWatch {
 public:
  StopWatch(ServiceSignals* signals, milliseconds limit, const ServiceParts& parts)
      : thread_([this, signals, limit, &parts] {
          const auto end = std::chrono::steady_clock::now() + limit;
          while (!done_.load()) {
            const bool again = signals->Wait(kWatchInterval) == ServiceEvent::kStop;
            if (done_.load()) return;
            if (again || std::chrono::steady_clock::now() >= end) {
              parts.end_process(again ? kExitInterrupted : kExitFailed);
              return;
            }
          }
        }) {}
  ~StopWatch() {
    done_.store(true);
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

class ServiceRun {
 public:
  ServiceRun(const ServiceArguments& arguments, const Environment& environment,
             const ServiceParts& parts, Console* console)
      : arguments_(arguments),
        environment_(environment),
        parts_(parts),
        kind_(parts.kind),
        console_(*console),
        manager_(environment.variables) {}

  int Run() {
    configuration_ = config::Load(MakeLoadInput(arguments_, environment_));
    PrintProblems(configuration_, console_);
    if (!configuration_.ok()) {
      console_.PrintError("The service does not start with these settings.\n");
      return kExitFailed;
    }
    if (arguments_.check) return Check();
    if (configuration_.settings.general.service_type == config::ServiceType::kWorker) {
      kind_ = ServiceKind::kWorker;
    }
    const Status prepared = Prepare();
    if (!prepared.ok()) return Fail(prepared);
    Result<std::unique_ptr<RunningService>> service = Start();
    if (!service.ok()) return Fail(service.status());
    Announce(**service);
    Serve(service->get());
    Stop(service->get());
    return kExitDone;
  }

  /// Somebody asked for a new start.
  bool again() const { return again_.load(); }

 private:
  // For containers and service managers that ask from outside (OBS-23).
  int Check() {
    const Result<std::string> found = parts_.check(configuration_.settings, clock_);
    if (!found.ok()) {
      PrintErrorMessage(console_, found.status().message());
      return kExitFailed;
    }
    return console_.Print(*found + "\n").ok() ? kExitDone : kExitFailed;
  }

  int Fail(const Status& status) {
    PrintErrorMessage(console_, status.message());
    if (logger_ != nullptr) {
      logger_->LogStatus(base::LogLevel::kError, NameOf(kind_), status);
      logger_->Flush(1'000);
    }
    return kExitFailed;
  }

  Status Prepare() {
    const config::Settings& settings = configuration_.settings;
    // Signals first: threads inherit what is blocked.
    WT_ASSIGN(signals_, parts_.catch_signals());
    WT_TRY(EnsureDataDirectories(settings));
    if (kind_ == ServiceKind::kServer) {
      WT_ASSIGN(DataLock lock, DataLock::Take(settings.general.data_dir));
      lock_.emplace(std::move(lock));
    }
    WT_TRY(config::EnsureSecrets(&configuration_));
    WT_ASSIGN(logger_, OpenLog(settings, kind_, clock_));
    for (const config::Problem& problem : configuration_.problems) {
      logger_->Log(base::LogLevel::kWarning, "config", config::FormatProblem(problem));
    }
    observe::MetricsOptions metrics;
    metrics.version = kVersion;
    metrics.data_dir = settings.general.data_dir;
    metrics.legacy_names = settings.metrics.legacy_names;
    metrics_ = observe::Metrics::Create(metrics, &clock_);
    WT_ASSIGN(observe::TracerOptions tracer, MakeTracerOptions(settings, logger_.get()));
    tracer_ = observe::Tracer::Create(std::move(tracer));
    return Status();
  }

  Result<std::unique_ptr<RunningService>> Start() {
    ServiceSetup setup;
    setup.configuration = &configuration_;
    setup.environment = &environment_;
    setup.clock = &clock_;
    setup.logger = logger_.get();
    setup.metrics = metrics_.get();
    setup.tracer = tracer_.get();
    setup.any_port = arguments_.any_port;
    setup.kind = kind_;
    setup.end_service = [this](bool restart) {
      again_ = restart;
      parts_.wake();
    };
    return parts_.start(setup);
  }

  void Announce(const RunningService& service) {
    const std::string what = service.description();
    logger_->Log(base::LogLevel::kInfo, NameOf(kind_), fmt::format("ready: {}", what),
                 {{"version", std::string(kVersion)}});
    console_.PrintError(fmt::format("Ready: {}\n", what));
    for (const std::string& notice : service.notices()) console_.PrintError(notice + "\n");
    manager_.Ready(what);
  }

  // Until somebody asks to stop.
  void Serve(RunningService* service) {
    const milliseconds interval = manager_.alive_interval().value_or(kIdleInterval);
    for (;;) {
      if (manager_.alive_interval() && service->alive()) manager_.Alive();
      const ServiceEvent event = signals_->Wait(interval);
      if (event == ServiceEvent::kStop) return;
      if (event == ServiceEvent::kReload) Reload(service);
    }
  }

  void Reload(RunningService* service) {
    manager_.Reloading();
    logger_->Reopen();
    const Status reloaded = service->Reload();
    if (reloaded.ok()) {
      logger_->Log(base::LogLevel::kInfo, NameOf(kind_), "reloaded");
    } else {
      // What was loaded before stays in use.
      logger_->LogStatus(base::LogLevel::kError, NameOf(kind_), reloaded);
    }
    manager_.Ready(service->description());
  }

  void Stop(RunningService* service) {
    const milliseconds grace = configuration_.settings.jobs.shutdown_grace;
    manager_.Stopping();
    logger_->Log(base::LogLevel::kInfo, NameOf(kind_), "stopping");
    {
      const StopWatch watch(signals_.get(), grace + kStopSlack, parts_);
      service->Stop(grace);
    }
    logger_->Log(base::LogLevel::kInfo, NameOf(kind_), "stopped");
  }

  const ServiceArguments& arguments_;
  const Environment& environment_;
  const ServiceParts& parts_;
  ServiceKind kind_;
  std::atomic<bool> again_{false};
  Console& console_;
  const ServiceManager manager_;
  const platform::SystemClock clock_;
  config::Configuration configuration_;
  std::unique_ptr<ServiceSignals> signals_;
  std::optional<DataLock> lock_;
  std::unique_ptr<observe::Logger> logger_;
  std::unique_ptr<observe::Metrics> metrics_;
  std::unique_ptr<observe::Tracer> tracer_;
};

}  // namespace

int RunServiceCommand(std::span<const std::string_view> arguments, const Environment& environment,
                      const ServiceParts& parts, Console* console) {
  const bool server = parts.kind == ServiceKind::kServer;
  const Result<ServiceArguments> parsed =
      ParseServiceArguments(server ? ServeOptionSpecs() : WorkerOptionSpecs(), arguments);
  if (!parsed.ok() || !parsed->operands.empty()) {
    PrintErrorMessage(*console, parsed.ok()
                                    ? fmt::format("{} takes no operands", NameOf(parts.kind))
                                    : parsed.status().message());
    console->PrintError(fmt::format("See: transcriber {} --help\n", NameOf(parts.kind)));
    return kExitUsage;
  }
  if (parsed->help) {
    const CommandSpec& spec = *FindCommand(NameOf(parts.kind));
    return console->Print(CommandHelp(spec)).ok() ? kExitDone : kExitFailed;
  }
  while (true) {
    ServiceRun run(*parsed, environment, parts, console);
    const int status = run.Run();
    if (status != kExitDone || !run.again()) return status;
  }
}

}  // namespace wt::transcriber
