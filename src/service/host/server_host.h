// A running server: HTTP in front, workers behind, and the housekeeping between them.
//
// Start() returns when requests are answered; models load in the background (readiness says when).
// Stop() is orderly: no new connections, requests end within the grace, running jobs finish or keep
// their checkpoint and hand back their lease. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "service/api/accounts/account_json.h"
#include "service/api/admin/admin_routes.h"
#include "service/api/dispatcher.h"
#include "service/api/events/feeds.h"
#include "service/api/events/job_event_hub.h"
#include "service/api/events/socket_guard.h"
#include "service/api/openai/stream_pool.h"
#include "service/api/rest/job_submitter.h"
#include "service/api/rest/page_cursor.h"
#include "service/api/rest/system_routes.h"
#include "service/api/route.h"
#include "service/api/uploads/upload_jobs.h"
#include "service/host/accounts.h"
#include "service/host/core.h"
#include "service/host/orphan_sweep.h"
#include "service/host/retention.h"
#include "service/host/to_tls.h"
#include "service/http/server.h"
#include "service/jobs/runner/maintenance.h"
#include "service/jobs/runner/shared_hints.h"
#include "service/observe/health/health.h"
#include "service/store/sqlite/jobs/sqlite_batch_store.h"
#include "service/store/sqlite/uploads/media_catalog.h"
#include "service/store/sqlite/uploads/uploads_store.h"
#include "service/uploads/cleaner.h"
#include "service/uploads/intake.h"
#include "service/uploads/sessions.h"
#include "service/web/site.h"
#include "service/worker/jobs/job_worker.h"
#include "service/worker/models/model_downloads.h"
#include "service/worker/models/model_speed.h"
#include "service/worker/peaks/peak_store.h"
#include "service/worker/sync/sync_transcriber.h"

namespace wt::host {

class ServerHost {
 public:
  static Result<std::unique_ptr<ServerHost>> Start(const HostOptions& options);
  ~ServerHost();

  int port() const { return server_->port(); }
  /// "http://127.0.0.1:8001".
  std::string url() const;
  /// The housekeeping thread goes round.
  bool alive() const;
  Status Reload() { return server_->ReloadTls(); }
  void Stop(std::chrono::milliseconds grace);
  /// For the console of a first start; empty when there is an administrator.
  std::string setup_token() const { return accounts_->first_run.setup_token(); }

 private:
  explicit ServerHost(const HostOptions& options) : options_(options) {}
  Status MakeParts();
  Status MakeUploads();
  void MakeWorker();
  void AddHealthChecks();
  Status AddRoutes();
  void AddAccountRoutes();
  void AddUploadRoutes();
  api::AdminRouteParts MakeAdminParts(const api::AuditFunction& audit);
  void MakeSocketGuard();
  void AddSocketRoutes(const api::AdminRouteParts& admin);
  void AddModelAndFigureRoutes(const api::AuditFunction& audit);
  std::vector<api::ReadinessCheck> ReadinessChecks();
  /// Jobs, recordings and results; kFailedPrecondition while some still run (they are cancelled).
  Status DeleteDataOf(const std::string& user_id);
  api::DispatcherPorts MakePorts();
  Status Listen();
  void Record(const api::CallRecord& record);
  void RecordAudit(const audit::Event& event);
  void Housekeeping(const std::stop_token& stop);
  void StepOften();
  void StepSometimes();
  /// Cheap ones, and those that cost a query.
  void SetFastGauges();
  void SetSlowGauges();
  void BuryDeleted();
  Result<uploads::ProbedMedia> Probe(const platform::FileDescriptor& content) const;

  const HostOptions options_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<store::SqliteUploadStore> upload_store_;
  std::unique_ptr<store::SqliteMediaCatalog> catalog_;
  std::unique_ptr<store::SqliteBatchStore> batches_;
  uploads::QuotaLedger::QuotaOf quota_of_;
  std::unique_ptr<uploads::QuotaLedger> quota_;
  std::unique_ptr<uploads::MediaIntake> intake_;
  std::unique_ptr<uploads::Uploads> uploads_;
  /// One step of the cleaner at a time.
  std::mutex cleaner_mutex_;
  std::unique_ptr<uploads::Cleaner> cleaner_;
  uploads::UploadLocks upload_locks_;
  std::unique_ptr<OrphanSweep> orphans_;
  std::unique_ptr<Retention> retention_;
  std::unique_ptr<worker::SyncTranscriber> sync_;
  std::unique_ptr<worker::PeakStore> peaks_;
  jobs::SharedHints hints_;
  jobs::LocalHints::Subscription subscription_;
  std::unique_ptr<jobs::Maintenance> maintenance_;
  std::unique_ptr<api::JobEventHub> hub_;
  std::unique_ptr<api::SocketGuard> sockets_;
  api::Announcements announcements_;
  std::unique_ptr<api::JobSubmitter> submitter_;
  std::unique_ptr<api::UploadJobs> upload_jobs_;
  std::unique_ptr<api::PageCursors> cursors_;
  std::unique_ptr<api::StreamPool> streams_;
  std::unique_ptr<worker::ModelDownloads> downloads_;
  std::unique_ptr<worker::ModelSpeeds> speeds_;
  std::unique_ptr<observe::HealthChecks> health_;
  api::RouteTable routes_;
  const web::Site site_{web::EmbeddedSite()};
  std::unique_ptr<api::Dispatcher> dispatcher_;
  std::unique_ptr<worker::JobWorker> worker_;
  std::unique_ptr<http::Server> server_;
  /// HTTP_REDIRECT_PORT; null: none.
  std::unique_ptr<ToTls> to_tls_;
  std::unique_ptr<http::Server> redirect_server_;
  std::atomic<base::BootMillis> last_round_{0};
  /// Of handlers, as far as the metrics know. The housekeeping thread's.
  std::int64_t exceptions_counted_ = 0;
  std::jthread housekeeping_;
};

/// `transcriber worker`: claims jobs from the same data directory, without a port.
class WorkerHost {
 public:
  static Result<std::unique_ptr<WorkerHost>> Start(const HostOptions& options);
  ~WorkerHost() { Stop(std::chrono::milliseconds(0)); }
  bool alive() const;
  void Stop(std::chrono::milliseconds grace);

 private:
  explicit WorkerHost(const HostOptions& options) : options_(options) {}

  const HostOptions options_;
  std::unique_ptr<Core> core_;
  jobs::SharedHints hints_;
  jobs::LocalHints::Subscription subscription_;
  std::unique_ptr<worker::JobWorker> worker_;
};

/// How many workers of this machine gave a sign of life lately, as a sentence. kUnavailable: none;
/// errors of the database. Starts nothing and changes nothing.
Result<std::string> CheckWorkers(const config::Settings& settings, const base::Clock& clock);

/// Hints cross to the other processes on the data directory. Without that, polling finds the work.
void ConnectHints(const HostOptions& options, jobs::SharedHints* hints);

/// What both kinds of process give their JobWorker. `slots` jobs at a time.
worker::WorkerOptions MakeWorkerOptions(const HostOptions& options, Core* core, int slots);

}  // namespace wt::host
