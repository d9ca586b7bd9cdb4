// The service's metrics, by fixed names, for the Prometheus text format 0.0.4.
//
// Each function says what happened; names, labels and buckets are in metrics.cc and in
// docs/metrics.md. Label values are bounded: routes are templates, methods and states come from
// fixed lists, and whatever else is more than kLabelValuesMax different texts becomes "other". What
// is not known has no series: a zero would look like health. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace wt::observe {

inline constexpr std::size_t kLabelValuesMax = 200;

struct MetricsOptions {
  /// Labels of whisper_build_info.
  std::string version;
  std::string commit;
  /// The disk it is on is watched; empty: none.
  std::string data_dir;
  /// Job metrics under older names as well.
  bool legacy_names = false;
};

struct FinishedRequest {
  std::string_view method;
  /// The template ("/jobs/{job_id}"); empty: no route matched.
  std::string_view route;
  int status_code = 0;
  double seconds = 0;
};

struct FinishedJob {
  /// Status slug ("completed", "failed_timeout").
  std::string_view status;
  double seconds = 0;
  /// Of the recording; 0 when unknown.
  double audio_seconds = 0;
};

struct SocketFigures {
  std::int64_t active = 0;
  std::int64_t peak = 0;
  // Since the start.
  std::int64_t sent = 0;
  std::int64_t received = 0;
  /// Closed or refused by this side: wrong credentials, too many, flood, nonsense.
  std::int64_t errors = 0;
};

struct WorkerFigures {
  std::int64_t alive = 0;
  std::int64_t stale = 0;
  /// The newest sign of life of any; 0: there was none.
  base::UnixMillis newest_beat = 0;
};

class Metrics {
 public:
  /// `clock` outlives it.
  static std::unique_ptr<Metrics> Create(const MetricsOptions& options, const base::Clock* clock);
  virtual ~Metrics() = default;

  // Requests.
  /// +1 when a request of the route begins, -1 when it ends.
  virtual void RequestsInProgress(std::string_view route, int change) = 0;
  virtual void RequestFinished(const FinishedRequest& request) = 0;
  virtual void RequestRateLimited(std::string_view limit) = 0;
  virtual void AuthFailed(std::string_view reason) = 0;
  virtual void SetWebSockets(const SocketFigures& figures) = 0;

  // Jobs. Counts are of all jobs that are stored.
  virtual void SetJobs(const std::vector<std::pair<std::string, std::int64_t>>& by_status) = 0;
  virtual void SetQueueDepth(std::int64_t jobs) = 0;
  /// From the queue to a worker.
  virtual void JobStarted(double waited_seconds) = 0;
  virtual void JobFinished(const FinishedJob& job) = 0;
  virtual void JobRetried() = 0;
  /// Of those at work now; 0 without any.
  virtual void SetLongestRunning(double seconds) = 0;
  /// Taken from a worker that gave no sign of life any more.
  virtual void JobsRecovered(std::int64_t jobs) = 0;
  virtual void SetWorkers(const WorkerFigures& figures) = 0;

  // Engine.
  virtual void ModelLoaded(std::string_view model, double seconds) = 0;
  virtual void ModelRequested(bool was_loaded) = 0;
  virtual void SetModelsLoaded(std::int64_t models, std::int64_t bytes) = 0;
  virtual void InferenceDone(std::string_view model, std::string_view device, double seconds) = 0;

  // Storage.
  virtual void UploadFinished(std::string_view outcome, std::int64_t bytes) = 0;
  virtual void SetUploadSessions(std::int64_t active) = 0;
  virtual void SetStorage(std::int64_t used_bytes, std::int64_t free_bytes) = 0;
  virtual void CleanupDeleted(std::string_view kind, std::int64_t count) = 0;
  virtual void AuditWriteFailed() = 0;

  // The rest.
  /// An error that nothing expected, by the part that met it.
  virtual void ExceptionCaught(std::string_view component) = 0;
  virtual void SetLogLinesDropped(std::int64_t lines) = 0;
  virtual void SetSpans(std::int64_t exported, std::int64_t dropped) = 0;
  /// Since the start.
  virtual void SetLogErrors(std::int64_t records) = 0;
  /// Seconds since 1970.
  virtual void SetCertificateEnd(std::int64_t time) = 0;
  virtual void SetDependencyUp(std::string_view dependency, bool up) = 0;
  /// 0 to 1: how much of it is in use; 1 and above in saturation: work waits for it.
  virtual void SetUtilization(std::string_view resource, double ratio) = 0;
  virtual void SetSaturation(std::string_view resource, double ratio) = 0;
  virtual void ResourceFailed(std::string_view resource, std::string_view kind) = 0;

  /// All series as text. Machine and process are read now.
  virtual std::string Expose() = 0;
};

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// Every name that Expose() gives once its event has happened, sorted.
std::vector<std::string> MetricNames(bool legacy_names);

}  // namespace wt::observe
