#include "service/worker/jobs/job_worker.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace wt::worker {
namespace {

using std::chrono::milliseconds;

constexpr int kSlotsMax = 1'000;
// Of those that wait, this many are looked at for fairness.
constexpr int kOwnersLookedAt = 1'000;

void Count(RunEnd end, WorkerCounters* counters) {
  switch (end) {
    case RunEnd::kSucceeded: ++counters->succeeded; return;
    case RunEnd::kFailed: ++counters->failed; return;
    case RunEnd::kCancelled: ++counters->cancelled; return;
    case RunEnd::kReleased: ++counters->released; return;
    case RunEnd::kDiscarded: ++counters->discarded; return;
  }
}

}  // namespace

JobWorker::JobWorker(const WorkerPorts& ports, WorkerOptions options)
    : ports_(ports),
      options_(std::move(options)),
      keeper_(ports.jobs, ports.clock,
              {.lease_ms = options_.lease_ms, .poll_ms = options_.poll_ms}),
      slots_(std::clamp(options_.slots, 0, kSlotsMax)) {
  dispatcher_ = std::jthread([this] { Dispatch(); });
  pthread_setname_np(dispatcher_.native_handle(), "wt-dispatch");
}

JobWorker::~JobWorker() { Stop(milliseconds(0)); }

void JobWorker::JobAvailable() {
  const std::lock_guard lock(mutex_);
  hinted_ = true;
  changed_.notify_all();
}

void JobWorker::CancelRequested(const std::string& job_id) { keeper_.CheckNow(job_id); }

void JobWorker::SetSlots(int slots) {
  const std::lock_guard lock(mutex_);
  slots_ = std::clamp(slots, 0, kSlotsMax);
  hinted_ = true;
  changed_.notify_all();
}

WorkerSnapshot JobWorker::Snapshot() const {
  const std::lock_guard lock(mutex_);
  WorkerSnapshot snapshot{.slots = slots_,
                          .running = {},
                          .counters = counters_,
                          .last_round_at = last_round_at_,
                          .stopping = stopping_};
  for (const auto& [token, running] : running_) {
    if (!running->done) snapshot.running.push_back(running->run->job().id);
  }
  return snapshot;
}

void JobWorker::Dispatch() {
  while (true) {
    Reap();
    Beat();
    while (ClaimOne()) {
    }
    MakeWay();
    const milliseconds poll = PollTime();
    std::unique_lock lock(mutex_);
    last_round_at_ = ports_.clock->Now();
    if (stopping_) return;
    changed_.wait_for(lock, poll, [this] { return stopping_ || hinted_; });
    hinted_ = false;
    if (stopping_) return;
  }
}

milliseconds JobWorker::PollTime() {
  milliseconds poll(options_.poll_ms);
  const Result<std::optional<std::int64_t>> due = ports_.jobs->NextDueIn();
  if (due.ok() && due->has_value()) {
    poll = std::clamp(milliseconds(**due), milliseconds(1), poll);
  }
  return poll;
}

bool JobWorker::ClaimOne() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || static_cast<int>(running_.size()) >= slots_) return false;
  }
  Result<std::optional<jobs::Claim>> claim =
      ports_.jobs->ClaimNext({.worker_id = options_.worker_id,
                              .lease_ms = options_.lease_ms,
                              .running_per_owner_max = options_.running_per_owner_max});
  if (!claim.ok()) {
    base::Log(ports_.log, base::LogLevel::kError,
              "no job could be claimed: " + claim.status().message());
    const std::lock_guard lock(mutex_);
    ++counters_.store_errors;
    return false;
  }
  if (!claim->has_value()) return false;
  Start(**std::move(claim));
  return true;
}

void JobWorker::Start(jobs::Claim claim) {
  const jobs::Lease lease = claim.lease;
  auto running = std::make_unique<Running>();
  running->run = std::make_unique<JobRun>(ports_, options_.run, std::move(claim));
  running->since = Clock::now();
  JobRun* run = running->run.get();
  keeper_.Watch(lease, {.on_cancel = [run] { run->Stop(StopReason::kCancelled); },
                        .on_lost = [run] { run->Stop(StopReason::kLeaseLost); }});
  const std::lock_guard lock(mutex_);
  ++counters_.claimed;
  Running* raw = running.get();
  running_[lease.token] = std::move(running);
  // A stop that came while this job was claimed has not seen it.
  if (stopping_) run->Stop(StopReason::kReleaseNow);
  raw->thread = std::jthread([this, raw] { RunJob(raw); });
  pthread_setname_np(raw->thread.native_handle(), "wt-job");
}

void JobWorker::RunJob(Running* running) {
  const RunEnd end = running->run->Run();
  keeper_.Unwatch(running->run->lease());
  base::Log(ports_.log, base::LogLevel::kInfo,
            "job " + running->run->job().id + ": " + std::string(RunEndName(end)));
  const std::lock_guard lock(mutex_);
  Count(end, &counters_);
  running->done = true;
  hinted_ = true;
  changed_.notify_all();
}

void JobWorker::Reap() {
  std::vector<std::unique_ptr<Running>> done;  // Joined without the lock.
  const std::lock_guard lock(mutex_);
  for (auto it = running_.begin(); it != running_.end();) {
    if (!it->second->done) {
      ++it;
      continue;
    }
    done.push_back(std::move(it->second));
    it = running_.erase(it);
  }
}

void JobWorker::MakeWay() {
  std::vector<jobs::Job> running_jobs;
  {
    const std::lock_guard lock(mutex_);
    const bool full = static_cast<int>(running_.size()) >= slots_ && slots_ > 0;
    if (!full || stopping_ || Clock::now() < next_yield_check_) return;
    next_yield_check_ = Clock::now() + milliseconds(options_.yield_check_ms);
    for (const auto& [token, running] : running_) {
      if (running->asked_to_yield) return;  // One at a time.
    }
  }
  // One job of each owner: nobody's thousand jobs stand before another one's only one.
  const Result<std::vector<jobs::Job>> waiting = ports_.jobs->FirstWaiting(kOwnersLookedAt);
  if (!waiting.ok() || waiting->empty()) return;
  const std::lock_guard lock(mutex_);
  std::vector<RunningJob> running;
  for (const auto& [token, r] : running_) {
    const auto held = std::chrono::duration_cast<milliseconds>(Clock::now() - r->since);
    running.push_back({&r->run->job(), held.count()});
  }
  const std::optional<std::string> id =
      ChooseYield(running, *waiting, ports_.clock->Now(), options_.yield);
  if (!id) return;
  for (const auto& [token, r] : running_) {
    if (r->run->job().id != *id) continue;
    r->asked_to_yield = true;
    ++counters_.yields;
    r->run->Stop(StopReason::kReleaseSoon);
  }
}

void JobWorker::Beat() {
  if (options_.registry == nullptr || Clock::now() < next_beat_) return;
  next_beat_ = Clock::now() + milliseconds(options_.beat_ms);
  jobs::WorkerBeat beat{.worker_id = options_.worker_id,
                        .host = options_.host,
                        .process_id = options_.process_id,
                        .slots = 0,
                        .job_ids = {},
                        .models = {}};
  const WorkerSnapshot snapshot = Snapshot();
  beat.slots = snapshot.slots;
  beat.job_ids = snapshot.running;
  for (const ModelEntry& model : ports_.models->List()) {
    if (model.state == ModelState::kReady) beat.models.push_back(model.name);
  }
  const Status status = options_.registry->Beat(beat);
  if (!status.ok()) {
    base::Log(ports_.log, base::LogLevel::kWarning,
              "the worker's sign of life was not stored: " + status.message());
  }
}

// REQUIRES: mutex_ is held.
void JobWorker::AskToRelease(Clock::time_point deadline) {
  const std::chrono::duration<double> left = deadline - Clock::now();
  for (const auto& [token, running] : running_) {
    if (running->done) continue;
    if (left.count() <= 0) {
      running->run->Stop(StopReason::kReleaseNow);
      continue;
    }
    // A fifth of the time is kept for writing what is done.
    const std::optional<double> needs = running->run->SecondsLeft();
    if (!needs || *needs > 0.8 * left.count()) running->run->Stop(StopReason::kReleaseSoon);
  }
}

void JobWorker::Stop(milliseconds grace) {
  const std::lock_guard one_at_a_time(stop_mutex_);
  const Clock::time_point deadline = Clock::now() + grace;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  std::unique_lock lock(mutex_);
  const auto all_done = [this] {
    return std::all_of(running_.begin(), running_.end(),
                       [](const auto& entry) { return entry.second->done; });
  };
  AskToRelease(deadline);
  if (!changed_.wait_until(lock, deadline, all_done)) {
    AskToRelease(Clock::now());
    changed_.wait(lock, all_done);
  }
  lock.unlock();
  if (dispatcher_.joinable()) dispatcher_.join();
  lock.lock();
  // A job that was claimed during the first look.
  AskToRelease(Clock::now());
  changed_.wait(lock, all_done);
  lock.unlock();
  Reap();
  if (options_.registry != nullptr) (void)options_.registry->Leave(options_.worker_id);
}

}  // namespace wt::worker
