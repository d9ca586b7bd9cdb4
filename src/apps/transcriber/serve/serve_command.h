// `transcriber serve` and `transcriber worker`: from settings to a running service and its end.
//
//   settings -> data directory and lock -> secrets -> log -> start -> ready -> signals -> stop
//
// What is started is given by the program (ServiceParts::start), so that this order is tested
// without it. One thread; a second one watches for a second signal while the service stops.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"
#include "apps/transcriber/serve/service_signals.h"
#include "service/config/loader.h"
#include "service/observe/logs/logger.h"
#include "service/observe/metrics/metrics.h"
#include "service/observe/traces/tracer.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// A service that has started. Its destructor stops what still runs.
class RunningService {
 public:
  virtual ~RunningService() = default;
  /// "http://127.0.0.1:8001", or what a worker works on. For people.
  virtual std::string description() const = 0;
  /// Lines for whoever started it, such as the setup token; shown once and never logged.
  virtual std::vector<std::string> notices() const { return {}; }
  /// False keeps the sign of life from the service manager, which then starts it again.
  virtual bool alive() = 0;
  /// Certificates. The log files have been opened again before.
  virtual Status Reload() = 0;
  /// No new work; work in progress may end within `grace`.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
};

enum class ServiceKind : std::uint8_t { kServer, kWorker };

/// Everything that the start of a service needs; outlives the service.
struct ServiceSetup {
  const config::Configuration* configuration = nullptr;
  const Environment* environment = nullptr;
  const base::Clock* clock = nullptr;
  observe::Logger* logger = nullptr;
  observe::Metrics* metrics = nullptr;
  observe::Tracer* tracer = nullptr;
  /// --port 0: bind whichever port is free.
  bool any_port = false;
  ServiceKind kind = ServiceKind::kServer;
  /// Asks for the end, or for a new start with the settings read again; returns at once. From any
  /// thread.
  std::function<void(bool restart)> end_service;
};

struct ServiceParts {
  /// A server whose SERVICE_TYPE is worker is a worker.
  ServiceKind kind = ServiceKind::kServer;
  std::function<Result<std::unique_ptr<RunningService>>(const ServiceSetup&)> start;
  /// What `worker --check` prints; an error when no worker of this machine is alive.
  std::function<Result<std::string>(const config::Settings&, const base::Clock&)> check;
  /// CatchServiceSignals in the program.
  std::function<Result<std::unique_ptr<ServiceSignals>>()> catch_signals;
  /// Makes the signals' Wait() give kStop.
  std::function<void()> wake;
  /// Ends the process when stopping takes too long or a second signal comes.
  std::function<void(int status)> end_process;
};

/// `arguments` begin after "serve" or "worker". 0 after an orderly end, 1 when it could not start,
/// 2 for wrong usage.
int RunServiceCommand(std::span<const std::string_view> arguments, const Environment& environment,
                      const ServiceParts& parts, Console* console);

}  // namespace wt::transcriber
