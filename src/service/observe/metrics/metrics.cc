#include "service/observe/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>

#include "service/observe/metrics/machine.h"

namespace wt::observe {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;
using Buckets = Histogram::BucketBoundaries;

enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };

struct Spec {
  std::string_view name;
  Kind kind;
  std::string_view help;
  bool legacy = false;
};

// One row per metric, in the order of docs/metrics.md.
constexpr std::array kSpecs = std::to_array<Spec>({
    {"whisper_http_requests_total", Kind::kCounter, "Requests answered."},
    {"whisper_http_request_errors_total", Kind::kCounter, "Requests answered with 5xx."},
    {"whisper_http_request_duration_seconds", Kind::kHistogram, "Time to answer."},
    {"whisper_http_requests_in_progress", Kind::kGauge, "Requests being answered."},
    {"whisper_rate_limited_total", Kind::kCounter, "Requests refused by a rate limit."},
    {"whisper_auth_failures_total", Kind::kCounter, "Credentials refused."},
    {"whisper_websocket_connections", Kind::kGauge, "WebSockets and event streams open."},
    {"whisper_ws_connections_peak", Kind::kGauge, "Most of them at a time since the start."},
    {"whisper_ws_messages_sent_total", Kind::kCounter, "Messages sent to them."},
    {"whisper_ws_messages_received_total", Kind::kCounter, "Messages received from them."},
    {"whisper_ws_errors_total", Kind::kCounter, "Those refused or closed for what they did."},
    {"whisper_jobs_total", Kind::kGauge, "Jobs stored, by status."},
    {"whisper_job_queue_depth", Kind::kGauge, "Jobs waiting."},
    {"whisper_job_wait_seconds", Kind::kHistogram, "Time from the queue to a worker."},
    {"whisper_job_duration_seconds", Kind::kHistogram, "Time of work on a job."},
    {"whisper_job_longest_running_seconds", Kind::kGauge, "Time since the start of the oldest."},
    {"whisper_job_completions_total", Kind::kCounter, "Jobs ended, by status."},
    {"whisper_job_retries_total", Kind::kCounter, "Attempts that were repeated."},
    {"whisper_jobs_recovered_total", Kind::kCounter, "Jobs taken from workers that died."},
    {"whisper_worker_failures", Kind::kCounter, "Jobs failed, by status."},
    {"whisper_workers", Kind::kGauge, "Worker processes, by state: alive or stale."},
    {"whisper_worker_last_heartbeat_timestamp", Kind::kGauge, "Newest sign of life of a worker."},
    {"whisper_audio_seconds_total", Kind::kCounter, "Seconds of recordings transcribed."},
    {"whisper_job_real_time_factor", Kind::kHistogram, "Time of work per second of recording."},
    {"whisper_model_load_seconds", Kind::kHistogram, "Time to load a model."},
    {"whisper_model_cache_hits_total", Kind::kCounter, "Models that were loaded already."},
    {"whisper_model_cache_misses_total", Kind::kCounter, "Models that had to be loaded."},
    {"whisper_model_inference_seconds", Kind::kHistogram, "Time of inference for one recording."},
    {"whisper_model_loaded", Kind::kGauge, "Models loaded."},
    {"whisper_model_memory_bytes", Kind::kGauge, "Memory of loaded models."},
    {"whisper_uploads_total", Kind::kCounter, "Uploads, by outcome."},
    {"whisper_upload_bytes_total", Kind::kCounter, "Bytes received in uploads."},
    {"whisper_upload_sessions_active", Kind::kGauge, "Chunked uploads that are open."},
    {"whisper_storage_used_bytes", Kind::kGauge, "Bytes of stored content."},
    {"whisper_storage_free_bytes", Kind::kGauge, "Bytes free above the floor."},
    {"whisper_cleanup_deleted_total", Kind::kCounter, "Things deleted by age, by kind."},
    {"whisper_audit_write_failures_total", Kind::kCounter, "Audit records that were not stored."},
    {"whisper_exceptions_total", Kind::kCounter, "Errors that nothing expected."},
    {"whisper_log_errors_total", Kind::kCounter, "Log records of level error and above."},
    {"whisper_tls_certificate_expiry_timestamp", Kind::kGauge, "When the certificate ends."},
    {"whisper_log_lines_dropped", Kind::kGauge, "Log lines lost because an output was too slow."},
    {"whisper_spans_exported_total", Kind::kCounter, "Spans of traces that a collector took."},
    {"whisper_spans_dropped_total", Kind::kCounter,
     "Spans lost because no collector took them in time."},
    {"whisper_dependency_up", Kind::kGauge, "1 when the dependency works, else 0."},
    {"whisper_resource_utilization_ratio", Kind::kGauge, "Share of a resource in use."},
    {"whisper_resource_saturation_ratio", Kind::kGauge, "Work that waits for a resource."},
    {"whisper_resource_errors_total", Kind::kCounter, "Faults of a resource."},
    {"whisper_metrics_last_scrape_timestamp", Kind::kGauge, "Time of this reading."},
    {"whisper_build_info", Kind::kGauge, "1, with version and commit as labels."},
    {"process_cpu_seconds_total", Kind::kGauge, "Processor time of this process."},
    {"process_resident_memory_bytes", Kind::kGauge, "Memory in use."},
    {"process_virtual_memory_bytes", Kind::kGauge, "Address space in use."},
    {"process_open_fds", Kind::kGauge, "Open files."},
    {"process_max_fds", Kind::kGauge, "Open files at most."},
    {"process_threads", Kind::kGauge, "Threads."},
    {"process_start_time_seconds", Kind::kGauge, "When this process started."},
    {"jobs_queued_total", Kind::kGauge, "Old name of whisper_job_queue_depth.", true},
    {"jobs_in_progress", Kind::kGauge, "Old name of whisper_jobs_total, processing.", true},
    {"job_duration_seconds", Kind::kHistogram, "Old name of whisper_job_duration_seconds.", true},
});

const Buckets kRequestBuckets = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const Buckets kJobBuckets = {1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600};
const Buckets kRatioBuckets = {0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};

const Buckets& BucketsOf(std::string_view name) {
  if (name == "whisper_http_request_duration_seconds") return kRequestBuckets;
  if (name == "whisper_job_real_time_factor") return kRatioBuckets;
  return kJobBuckets;
}

// Methods of HTTP that the service knows; a client may send any text.
std::string MethodLabel(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};
  const bool known = std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
  return known ? std::string(method) : "other";
}

std::string RouteLabel(std::string_view route) {
  return route.empty() ? "unmatched" : std::string(route);
}

class PrometheusMetrics final : public Metrics {
 public:
  PrometheusMetrics(const MetricsOptions& options, const base::Clock* clock)
      : options_(options), clock_(clock), machine_(options.data_dir) {
    for (const Spec& spec : kSpecs) {
      if (!spec.legacy || options.legacy_names) Register(spec);
    }
    SetGauge("whisper_build_info", {{"version", options.version}, {"commit", options.commit}}, 1);
    // Rates need a zero to start from; a first failure would else look like none.
    for (const char* name : {"whisper_job_retries_total", "whisper_audio_seconds_total",
                             "whisper_model_cache_hits_total", "whisper_model_cache_misses_total",
                             "whisper_upload_bytes_total", "whisper_audit_write_failures_total",
                             "whisper_log_errors_total", "whisper_jobs_recovered_total",
                             "whisper_ws_messages_sent_total", "whisper_ws_messages_received_total",
                             "whisper_ws_errors_total"}) {
      Count(name, {}, 0);
    }
  }

  void RequestsInProgress(std::string_view route, int change) override {
    GaugeOf("whisper_http_requests_in_progress", {{"endpoint", RouteLabel(route)}})
        .Increment(change);
  }

  void RequestFinished(const FinishedRequest& request) override {
    const std::string route = RouteLabel(request.route);
    const std::string method = MethodLabel(request.method);
    const std::string code = std::to_string(std::clamp(request.status_code, 0, 599));
    Count("whisper_http_requests_total",
          {{"method", method}, {"endpoint", route}, {"status_code", code}}, 1);
    if (request.status_code >= 500) {
      Count("whisper_http_request_errors_total",
            {{"method", method}, {"endpoint", route}, {"status_code", code}}, 1);
    }
    Observe("whisper_http_request_duration_seconds", {{"method", method}, {"endpoint", route}},
            request.seconds);
  }

  void RequestRateLimited(std::string_view limit) override {
    Count("whisper_rate_limited_total", {{"limit", std::string(limit)}}, 1);
  }
  void AuthFailed(std::string_view reason) override {
    Count("whisper_auth_failures_total", {{"reason", std::string(reason)}}, 1);
  }
  void SetWebSockets(const SocketFigures& figures) override {
    Set("whisper_websocket_connections", figures.active);
    Set("whisper_ws_connections_peak", figures.peak);
    RaiseTo("whisper_ws_messages_sent_total", figures.sent);
    RaiseTo("whisper_ws_messages_received_total", figures.received);
    RaiseTo("whisper_ws_errors_total", figures.errors);
  }

  void SetJobs(const std::vector<std::pair<std::string, std::int64_t>>& by_status) override {
    const std::lock_guard lock(jobs_mutex_);
    // A status without jobs is zero, not what it was before.
    for (const std::string& status : job_statuses_) SetJobCount(status, 0);
    for (const auto& [status, jobs] : by_status) {
      job_statuses_.insert(status);
      SetJobCount(status, jobs);
    }
  }

  void SetQueueDepth(std::int64_t jobs) override {
    Set("whisper_job_queue_depth", jobs);
    if (options_.legacy_names) Set("jobs_queued_total", jobs);
  }

  void JobStarted(double waited_seconds) override {
    Observe("whisper_job_wait_seconds", {}, waited_seconds);
  }

  void JobFinished(const FinishedJob& job) override {
    const std::string status(job.status);
    Count("whisper_job_completions_total", {{"status", status}}, 1);
    if (job.status.starts_with("failed")) {
      Count("whisper_worker_failures", {{"status", status}}, 1);
    }
    Observe("whisper_job_duration_seconds", {}, job.seconds);
    if (options_.legacy_names) Observe("job_duration_seconds", {}, job.seconds);
    if (job.status != "completed" || job.audio_seconds <= 0) return;
    Count("whisper_audio_seconds_total", {}, job.audio_seconds);
    Observe("whisper_job_real_time_factor", {}, job.seconds / job.audio_seconds);
  }

  void JobRetried() override { Count("whisper_job_retries_total", {}, 1); }
  void SetLongestRunning(double seconds) override {
    SetGauge("whisper_job_longest_running_seconds", {}, seconds);
  }
  void JobsRecovered(std::int64_t jobs) override {
    Count("whisper_jobs_recovered_total", {}, static_cast<double>(jobs));
  }
  void SetWorkers(const WorkerFigures& figures) override {
    SetGauge("whisper_workers", {{"state", "alive"}}, static_cast<double>(figures.alive));
    SetGauge("whisper_workers", {{"state", "stale"}}, static_cast<double>(figures.stale));
    if (figures.newest_beat <= 0) return;
    SetGauge("whisper_worker_last_heartbeat_timestamp", {},
             static_cast<double>(figures.newest_beat) / 1e3);
  }

  void ModelLoaded(std::string_view model, double seconds) override {
    Observe("whisper_model_load_seconds", {{"model", std::string(model)}}, seconds);
  }
  void ModelRequested(bool was_loaded) override {
    Count(was_loaded ? "whisper_model_cache_hits_total" : "whisper_model_cache_misses_total", {},
          1);
  }
  void SetModelsLoaded(std::int64_t models, std::int64_t bytes) override {
    Set("whisper_model_loaded", models);
    Set("whisper_model_memory_bytes", bytes);
  }
  void InferenceDone(std::string_view model, std::string_view device, double seconds) override {
    Observe("whisper_model_inference_seconds",
            {{"model", std::string(model)}, {"device", std::string(device)}}, seconds);
  }

  void UploadFinished(std::string_view outcome, std::int64_t bytes) override {
    Count("whisper_uploads_total", {{"outcome", std::string(outcome)}}, 1);
    Count("whisper_upload_bytes_total", {}, static_cast<double>(bytes));
  }
  void SetUploadSessions(std::int64_t active) override {
    Set("whisper_upload_sessions_active", active);
  }
  void SetStorage(std::int64_t used_bytes, std::int64_t free_bytes) override {
    Set("whisper_storage_used_bytes", used_bytes);
    Set("whisper_storage_free_bytes", free_bytes);
  }
  void CleanupDeleted(std::string_view kind, std::int64_t count) override {
    Count("whisper_cleanup_deleted_total", {{"kind", std::string(kind)}},
          static_cast<double>(count));
  }
  void AuditWriteFailed() override { Count("whisper_audit_write_failures_total", {}, 1); }

  void ExceptionCaught(std::string_view component) override {
    Count("whisper_exceptions_total", {{"component", std::string(component)}}, 1);
  }
  void SetLogErrors(std::int64_t records) override { RaiseTo("whisper_log_errors_total", records); }
  void SetCertificateEnd(std::int64_t time) override {
    Set("whisper_tls_certificate_expiry_timestamp", time);
  }
  void SetSpans(std::int64_t exported, std::int64_t dropped) override {
    RaiseTo("whisper_spans_exported_total", exported);
    RaiseTo("whisper_spans_dropped_total", dropped);
  }
  void SetLogLinesDropped(std::int64_t lines) override { Set("whisper_log_lines_dropped", lines); }
  void SetDependencyUp(std::string_view dependency, bool up) override {
    SetGauge("whisper_dependency_up", {{"dependency", std::string(dependency)}}, up ? 1 : 0);
  }
  void SetUtilization(std::string_view resource, double ratio) override {
    SetGauge("whisper_resource_utilization_ratio", {{"resource", std::string(resource)}}, ratio);
  }
  void SetSaturation(std::string_view resource, double ratio) override {
    SetGauge("whisper_resource_saturation_ratio", {{"resource", std::string(resource)}}, ratio);
  }
  void ResourceFailed(std::string_view resource, std::string_view kind) override {
    Count("whisper_resource_errors_total",
          {{"resource", std::string(resource)}, {"kind", std::string(kind)}}, 1);
  }

  std::string Expose() override {
    SetProcess();
    SetMachine();
    SetGauge("whisper_metrics_last_scrape_timestamp", {},
             static_cast<double>(clock_->Now()) / 1000.0);
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

 private:
  void Register(const Spec& spec) {
    const std::string name(spec.name);
    const std::string help(spec.help);
    switch (spec.kind) {
      case Kind::kCounter:
        counters_[spec.name] =
            &prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
        return;
      case Kind::kGauge:
        gauges_[spec.name] = &prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
        return;
      case Kind::kHistogram:
        histograms_[spec.name] =
            &prometheus::BuildHistogram().Name(name).Help(help).Register(registry_);
        return;
    }
  }

  // Holds the number of series of a metric down, whatever callers pass.
  Labels Bounded(std::string_view metric, Labels labels) {
    const std::lock_guard lock(labels_mutex_);
    for (auto& [label, value] : labels) {
      std::set<std::string>& known = label_values_[std::string(metric) + '\0' + label];
      if (known.contains(value)) continue;
      if (known.size() >= kLabelValuesMax) {
        value = "other";
      } else {
        known.insert(value);
      }
    }
    return labels;
  }

  void Count(std::string_view name, const Labels& labels, double amount) {
    counters_.at(name)->Add(Bounded(name, labels)).Increment(amount);
  }
  Gauge& GaugeOf(std::string_view name, const Labels& labels) {
    return gauges_.at(name)->Add(Bounded(name, labels));
  }
  void SetGauge(std::string_view name, const Labels& labels, double value) {
    GaugeOf(name, labels).Set(value);
  }
  void Set(std::string_view name, std::int64_t value) {
    SetGauge(name, {}, static_cast<double>(value));
  }
  // For totals that are counted elsewhere; one caller at a time.
  void RaiseTo(std::string_view name, std::int64_t total) {
    Counter& counter = counters_.at(name)->Add({});
    counter.Increment(static_cast<double>(total) - counter.Value());
  }
  void Observe(std::string_view name, const Labels& labels, double value) {
    histograms_.at(name)->Add(Bounded(name, labels), BucketsOf(name)).Observe(value);
  }

  void SetJobCount(const std::string& status, std::int64_t jobs) {
    SetGauge("whisper_jobs_total", {{"status", status}}, static_cast<double>(jobs));
    if (options_.legacy_names && status == "processing") Set("jobs_in_progress", jobs);
  }

  void SetProcess() {
    const std::optional<ProcessReading> reading = ReadProcess();
    if (!reading) return;
    SetGauge("process_cpu_seconds_total", {}, reading->cpu_seconds);
    Set("process_resident_memory_bytes", reading->resident_bytes);
    Set("process_virtual_memory_bytes", reading->virtual_bytes);
    Set("process_open_fds", reading->open_files);
    Set("process_max_fds", reading->open_files_max);
    Set("process_threads", reading->threads);
    SetGauge("process_start_time_seconds", {}, reading->start_time);
  }

  void SetMachine() {
    const std::lock_guard lock(machine_mutex_);
    const MachineReading reading = machine_.Read();
    if (reading.cpu_used) SetUtilization("cpu", *reading.cpu_used);
    if (reading.cpu_load) SetSaturation("cpu", *reading.cpu_load);
    if (reading.memory_used) SetUtilization("memory", *reading.memory_used);
    if (reading.disk_used) SetUtilization("disk", *reading.disk_used);
  }

  const MetricsOptions options_;
  const base::Clock* clock_;
  prometheus::Registry registry_;
  // Families by name; filled once, so that reading needs no lock.
  std::map<std::string_view, Family<Counter>*> counters_;
  std::map<std::string_view, Family<Gauge>*> gauges_;
  std::map<std::string_view, Family<Histogram>*> histograms_;
  std::mutex labels_mutex_;
  std::map<std::string, std::set<std::string>> label_values_;
  std::mutex jobs_mutex_;
  std::set<std::string> job_statuses_;
  std::mutex machine_mutex_;
  Machine machine_;
};

}  // namespace

std::unique_ptr<Metrics> Metrics::Create(const MetricsOptions& options, const base::Clock* clock) {
  return std::make_unique<PrometheusMetrics>(options, clock);
}

std::vector<std::string> MetricNames(bool legacy_names) {
  std::vector<std::string> names;
  for (const Spec& spec : kSpecs) {
    if (!spec.legacy || legacy_names) names.emplace_back(spec.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace wt::observe
