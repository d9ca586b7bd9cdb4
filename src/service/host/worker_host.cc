#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/host/server_host.h"
#include "service/store/sqlite/migrations.h"

namespace wt::host {
namespace {

// A thread that has not gone round for so long hangs.
constexpr base::UnixMillis kAliveMs = 60'000;
// Three beats.
constexpr std::int64_t kWorkerStaleMs = 30'000;

std::string HostName() {
  char name[256] = {};
  ::gethostname(name, sizeof(name) - 1);
  return name;
}

}  // namespace

worker::WorkerOptions MakeWorkerOptions(const HostOptions& options, Core* core, int slots) {
  const config::JobSettings& jobs = options.settings->jobs;
  worker::WorkerOptions worker;
  worker.worker_id = platform::NewId(*options.clock);
  worker.host = HostName();
  worker.process_id = ::getpid();
  worker.slots = slots;
  worker.lease_ms = std::chrono::milliseconds(jobs.lease).count();
  worker.registry = core->workers.get();
  worker.run.timeout_ms = std::chrono::milliseconds(jobs.timeout).count();
  worker.run.retry.base_ms = std::chrono::milliseconds(jobs.retry_base).count();
  worker.run.media = options.media;
  return worker;
}

Result<std::string> CheckWorkers(const config::Settings& settings, const base::Clock& clock) {
  store::DatabaseOptions options;
  options.path = settings.storage.database_file;
  // Opening would make an empty one.
  if (!std::filesystem::exists(options.path)) {
    return Status(StatusCode::kUnavailable,
                  "There is no database at " + options.path + ": nothing was started there yet.");
  }
  WT_ASSIGN(const std::unique_ptr<store::Database> database,
            store::Database::Open(std::move(options)));
  WT_TRY(store::CheckSchema(*database, store::EmbeddedMigrations()));
  store::SqliteWorkerRegistry registry(database.get(), &clock);
  WT_ASSIGN(const std::vector<jobs::WorkerState> workers, registry.Workers(kWorkerStaleMs));
  const std::string host = HostName();
  int alive = 0;
  for (const jobs::WorkerState& worker : workers) {
    alive += worker.beat.host == host && !worker.stale ? 1 : 0;
  }
  if (alive > 0) return std::to_string(alive) + " alive on " + host;
  return Status(StatusCode::kUnavailable, "No worker on " + host +
                                              " gave a sign of life in the last " +
                                              std::to_string(kWorkerStaleMs / 1'000) + " s.");
}

void ConnectHints(const HostOptions& options, jobs::SharedHints* hints) {
  const Status connected = hints->Connect(options.settings->general.data_dir + "/wake");
  if (connected.ok()) return;
  options.logger->Log(
      base::LogLevel::kWarning, "jobs",
      "other processes are not woken up, they look once a second: " + connected.message());
}

Result<std::unique_ptr<WorkerHost>> WorkerHost::Start(const HostOptions& options) {
  std::unique_ptr<WorkerHost> host(new WorkerHost(options));
  WT_ASSIGN(host->core_, Core::Open(options));
  ConnectHints(options, &host->hints_);
  worker::WorkerPorts ports;
  ports.jobs = host->core_->jobs.get();
  ports.blobs = host->core_->blobs.get();
  ports.engine = host->core_->engine.get();
  ports.models = host->core_->models.get();
  ports.clock = options.clock;
  ports.hints = &host->hints_;
  ports.metrics = options.metrics;
  ports.tracer = options.tracer;
  ports.log = options.logger;
  host->core_->models->Preload();
  host->worker_ = std::make_unique<worker::JobWorker>(
      ports,
      MakeWorkerOptions(options, host->core_.get(), options.settings->jobs.worker_concurrency));
  host->subscription_ = host->hints_.Subscribe(
      [worker = host->worker_.get()](jobs::LocalHints::Kind kind, const std::string& job_id) {
        using Kind = jobs::LocalHints::Kind;
        if (kind == Kind::kAvailable) worker->JobAvailable();
        if (kind == Kind::kCancelRequested) worker->CancelRequested(job_id);
      });
  return host;
}

bool WorkerHost::alive() const {
  const base::UnixMillis last = worker_->Snapshot().last_round_at;
  return last == 0 || options_.clock->Now() - last < kAliveMs;
}

void WorkerHost::Stop(std::chrono::milliseconds grace) {
  if (worker_) worker_->Stop(grace);
  hints_.Disconnect();
  subscription_ = {};
}

}  // namespace wt::host
