// What operators ask and do: jobs of everybody, concurrency, workers, statistics, the audit record,
// clean-up (spec JOB-17, JOB-23, JOB-32, ADM-01 to ADM-04, ADM-11, SEC-14, STO-06).
//
// Every number is read when it is asked for. Reading security data is audited too. Only
// administrators get here. Handlers are called from many threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "service/api/accounts/account_json.h"
#include "service/api/rest/system_routes.h"
#include "service/api/route.h"
#include "service/audit/audit_log.h"
#include "service/auth/accounts/users.h"
#include "service/blob/blob_store.h"
#include "service/jobs/job_store.h"
#include "service/jobs/runtime_settings.h"
#include "service/jobs/worker_registry.h"

namespace wt::api {

struct OrphanReport {
  /// Blobs that no record names; records whose blob is missing.
  std::vector<std::string> orphan_blobs;
  std::vector<std::string> missing_blobs;
  std::int64_t bytes = 0;
  std::int64_t removed = 0;
};

struct AdminRouteParts {
  jobs::JobStore* jobs = nullptr;
  jobs::JobHints* hints = nullptr;
  jobs::RuntimeSettings* settings = nullptr;
  jobs::WorkerRegistry* workers = nullptr;
  auth::Users* users = nullptr;
  blob::BlobStore* blobs = nullptr;
  audit::AuditLog* audit_log = nullptr;
  const base::Clock* clock = nullptr;
  base::LogSink* log = nullptr;
  AuditFunction audit;
  /// MAX_CONCURRENT_JOBS: holds until somebody sets another one here.
  int max_concurrent_jobs = 2;
  std::int64_t worker_stale_ms = 30'000;
  std::string version;
  std::string queue_backend = "thread";
  base::BootMillis started_at = 0;
  std::function<std::vector<ReadinessCheck>()> readiness;
  /// "cpu_percent", "memory_bytes", "disk_free_bytes", ...
  std::function<std::vector<std::pair<std::string, double>>()> gauges;
  /// Looks for what has lost its other half; removes it unless `dry_run`.
  std::function<Result<OrphanReport>(bool dry_run)> clean_up;
  /// Ends the service in order, and starts it again if `restart`; returns at once. Empty:
  /// ENABLE_SERVER_CONTROL is off.
  std::function<void(bool restart)> end_service;
};

/// The server in numbers, as they are now: what GET /admin/stats answers.
Result<nlohmann::ordered_json> SystemStatus(const AdminRouteParts& parts);

Status AddAdminSchemas(Schemas* schemas);
/// What the parts point to must outlive the table. Needs AddAdminSchemas and AddJobSchemas.
void AddAdminRoutes(const AdminRouteParts& parts, RouteTable* table);

}  // namespace wt::api
