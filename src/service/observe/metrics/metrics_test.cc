#include "service/observe/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace wt::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Metrics> Make(bool legacy = false) {
    return Metrics::Create(
        {.version = "1.2", .commit = "abc", .data_dir = "/", .legacy_names = legacy}, &clock_);
  }

  base::ManualClock clock_;
};

void DoEverything(Metrics* metrics) {
  metrics->RequestsInProgress("/jobs", 1);
  metrics->RequestsInProgress("/jobs", 1);
  metrics->RequestsInProgress("/jobs", -1);
  metrics->RequestFinished({.method = "GET", .route = "/jobs", .status_code = 500, .seconds = 0.2});
  metrics->RequestRateLimited("login");
  metrics->AuthFailed("password");
  metrics->SetWebSockets({.active = 1, .peak = 2, .sent = 3, .received = 4, .errors = 5});
  metrics->SetWebSockets({.active = 1, .peak = 2, .sent = 6, .received = 4, .errors = 5});
  metrics->JobsRecovered(2);
  metrics->SetLongestRunning(12.5);
  metrics->SetLogErrors(3);
  metrics->SetCertificateEnd(1'800'000'000);
  metrics->SetWorkers({.alive = 1, .stale = 1, .newest_beat = 1'700'000'000'000});
  metrics->SetJobs({{"queued", 2}, {"processing", 1}});
  metrics->SetQueueDepth(2);
  metrics->JobStarted(1);
  metrics->JobFinished({.status = "completed", .seconds = 6, .audio_seconds = 60});
  metrics->JobFinished({.status = "failed_timeout", .seconds = 6});
  metrics->JobRetried();
  metrics->ModelLoaded("base", 0.5);
  metrics->ModelRequested(true);
  metrics->ModelRequested(false);
  metrics->SetModelsLoaded(1, 1'000);
  metrics->InferenceDone("base", "cpu", 5);
  metrics->UploadFinished("completed", 100);
  metrics->SetUploadSessions(1);
  metrics->SetStorage(10, 20);
  metrics->CleanupDeleted("media", 1);
  metrics->AuditWriteFailed();
  metrics->ExceptionCaught("api");
  metrics->SetLogLinesDropped(0);
  metrics->SetSpans(5, 2);
  metrics->SetDependencyUp("database", true);
  metrics->SetUtilization("db_pool", 0.5);
  metrics->SetSaturation("db_pool", 0);
  metrics->ResourceFailed("disk", "full");
}

TEST_F(MetricsTest, EveryNameIsExposed) {
  for (const bool legacy : {false, true}) {
    auto metrics = Make(legacy);
    DoEverything(metrics.get());
    const std::string text = metrics->Expose();
    for (const std::string& name : MetricNames(legacy)) {
      EXPECT_THAT(text, HasSubstr("# TYPE " + name + " ")) << name;
    }
    EXPECT_EQ(text.find("jobs_in_progress") != std::string::npos, legacy);
  }
}

TEST_F(MetricsTest, NamesOfTheSpecificationAreThere) {
  const std::vector<std::string> names = MetricNames(false);
  for (const char* name :
       {"whisper_http_requests_total", "whisper_http_request_errors_total",
        "whisper_http_request_duration_seconds", "whisper_http_requests_in_progress",
        "whisper_jobs_total", "whisper_job_queue_depth", "whisper_job_duration_seconds",
        "whisper_worker_failures", "whisper_resource_utilization_ratio",
        "whisper_resource_saturation_ratio", "whisper_resource_errors_total",
        "whisper_metrics_last_scrape_timestamp", "whisper_dependency_up",
        "whisper_job_completions_total", "whisper_job_retries_total", "whisper_job_wait_seconds",
        "whisper_audio_seconds_total"}) {
    EXPECT_THAT(names, ::testing::Contains(name));
  }
}

TEST_F(MetricsTest, EveryNameIsDocumented) {
  const char* root = std::getenv("WT_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "the sources are elsewhere";
  std::ifstream file(std::string(root) + "/docs/metrics.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const std::string& name : MetricNames(true)) {
    EXPECT_THAT(page, HasSubstr("| `" + name + "` |"));
  }
}

TEST_F(MetricsTest, ValuesAndLabelsAreThoseGiven) {
  auto metrics = Make();
  DoEverything(metrics.get());
  const std::string text = metrics->Expose();
  for (const char* line :
       {"whisper_http_requests_total{endpoint=\"/jobs\",method=\"GET\",status_code=\"500\"} 1",
        "whisper_http_requests_in_progress{endpoint=\"/jobs\"} 1",
        "whisper_jobs_total{status=\"queued\"} 2",
        "whisper_worker_failures{status=\"failed_timeout\"} 1",
        "whisper_audio_seconds_total 60",
        "whisper_dependency_up{dependency=\"database\"} 1",
        "whisper_job_real_time_factor_bucket{le=\"0.1\"} 1",
        "whisper_websocket_connections 1",
        "whisper_ws_connections_peak 2",
        "whisper_ws_messages_sent_total 6",
        "whisper_jobs_recovered_total 2",
        "whisper_job_longest_running_seconds 12.5",
        "whisper_log_errors_total 3",
        "whisper_tls_certificate_expiry_timestamp 1800000000",
        "whisper_workers{state=\"stale\"} 1",
        "whisper_worker_last_heartbeat_timestamp 1700000000",
        "whisper_build_info{commit=\"abc\",version=\"1.2\"} 1",
        "whisper_metrics_last_scrape_timestamp 1700000000",
        "whisper_resource_utilization_ratio{resource=\"disk\"}",
        "whisper_resource_utilization_ratio{resource=\"memory\"}"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(MetricsTest, StatusesWithoutJobsFallToZero) {
  auto metrics = Make();
  metrics->SetJobs({{"queued", 2}});
  metrics->SetJobs({{"completed", 2}});
  EXPECT_THAT(metrics->Expose(), HasSubstr("whisper_jobs_total{status=\"queued\"} 0"));
}

TEST_F(MetricsTest, WhatIsUnknownHasNoSeries) {
  const std::string text = Make()->Expose();
  for (const char* name : {"whisper_job_queue_depth ", "whisper_dependency_up{",
                           "resource=\"redis_memory\"", "whisper_storage_free_bytes "}) {
    EXPECT_THAT(text, Not(HasSubstr(name)));
  }
}

TEST_F(MetricsTest, HostileLabelsDoNotMakeSeriesWithoutEnd) {
  auto metrics = Make();
  for (int i = 0; i < 5'000; ++i) {
    metrics->RequestFinished({.method = "M" + std::to_string(i),
                              .route = "/r" + std::to_string(i),
                              .status_code = 200,
                              .seconds = 0});
  }
  std::istringstream text(metrics->Expose());
  std::size_t series = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("whisper_http_requests_total")) ++series;
    EXPECT_THAT(line, Not(HasSubstr("method=\"M")));
  }
  EXPECT_EQ(series, kLabelValuesMax + 1);
}

}  // namespace
}  // namespace wt::observe
