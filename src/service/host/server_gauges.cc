// The part of ServerHost that tells the metrics how things stand.
#include <algorithm>

#include "service/host/server_host.h"

namespace wt::host {
namespace {

// As long as a lease: a worker that gave no sign for that time has lost its jobs.
constexpr std::int64_t kWorkerStaleMs = 30'000;
// The oldest of them are among the first that were created.
constexpr int kRunningLookedAt = 100;

}  // namespace

void ServerHost::SetFastGauges() {
  observe::Metrics* const metrics = options_.metrics;
  if (const auto counts = core_->jobs->Counts(""); counts.ok()) {
    metrics->SetJobs(*counts);
    std::int64_t queued = 0;
    for (const auto& [status, count] : *counts) queued += status == "queued" ? count : 0;
    metrics->SetQueueDepth(queued);
  }
  metrics->SetLogLinesDropped(options_.logger->dropped());
  const observe::TracerNumbers spans = options_.tracer->numbers();
  metrics->SetSpans(spans.exported, spans.dropped);
  metrics->SetLogErrors(options_.logger->errors());
  const api::SocketGuard::Numbers sockets = sockets_->numbers();
  metrics->SetWebSockets({.active = static_cast<std::int64_t>(sockets.open),
                          .peak = static_cast<std::int64_t>(sockets.peak),
                          .sent = sockets.sent,
                          .received = sockets.received,
                          .errors = sockets.refused + sockets.closed});
  const http::ServerStats stats = server_->stats();
  for (; exceptions_counted_ < stats.exceptions; ++exceptions_counted_) {
    metrics->ExceptionCaught("http");
  }
  if (stats.certificate_ends_at != 0) metrics->SetCertificateEnd(stats.certificate_ends_at);
  const auto workers = core_->workers->Workers(kWorkerStaleMs);
  if (!workers.ok()) return;
  observe::WorkerFigures figures;
  for (const jobs::WorkerState& worker : *workers) {
    ++(worker.stale ? figures.stale : figures.alive);
    figures.newest_beat = std::max(figures.newest_beat, worker.heartbeat_at);
  }
  metrics->SetWorkers(figures);
}

void ServerHost::SetSlowGauges() {
  observe::Metrics* const metrics = options_.metrics;
  const Result<jobs::StorageTotals> totals = core_->usage->Totals();
  const Result<std::int64_t> free = core_->blobs->FreeBytes();
  if (totals.ok() && free.ok()) {
    metrics->SetStorage(totals->recording_bytes + totals->transcript_bytes, *free);
  }
  const worker::RegistryCounters models = core_->models->counters();
  metrics->SetModelsLoaded(models.loaded, models.loaded_bytes);
  if (const auto uploads = upload_store_->Counts(); uploads.ok()) {
    const auto open = static_cast<std::size_t>(uploads::SessionState::kActive);
    metrics->SetUploadSessions(uploads->sessions[open]);
  }
  jobs::JobFilter running;
  running.statuses = {"processing", "enriching"};
  running.descending = false;
  running.limit = kRunningLookedAt;
  if (const Result<jobs::JobPage> page = core_->jobs->List(running); page.ok()) {
    base::UnixMillis longest = 0;
    for (const jobs::Job& job : page->jobs) {
      if (job.started_at) longest = std::max(longest, options_.clock->Now() - *job.started_at);
    }
    metrics->SetLongestRunning(static_cast<double>(longest) / 1e3);
  }
  // Each result becomes a gauge, whether or not anybody asks for readiness.
  static_cast<void>(health_->Check());
}

}  // namespace wt::host
