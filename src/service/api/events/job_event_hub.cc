#include "service/api/events/job_event_hub.h"

#include <utility>

namespace wt::api {

JobEventHub::JobEventHub(jobs::JobStore* store, const Options& options, base::LogSink* log)
    : store_(store), options_(options), log_(log), thread_([this] { Run(); }) {}

JobEventHub::~JobEventHub() { Stop(); }

void JobEventHub::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void JobEventHub::Subscribe(const std::string& job_id, std::int64_t after_seq,
                            std::shared_ptr<JobEventSubscriber> subscriber, WatchUntil until) {
  bool refused = false;
  {
    const std::lock_guard lock(mutex_);
    refused = stopping_;
    if (!refused) {
      added_.emplace(job_id, Watch{after_seq, subscriber, std::chrono::steady_clock::now(), until});
      hinted_.insert(job_id);
      ++count_;
    }
  }
  if (refused) {
    subscriber->OnEnd();
    return;
  }
  changed_.notify_all();
}

void JobEventHub::JobChanged(const std::string& job_id) {
  {
    const std::lock_guard lock(mutex_);
    hinted_.insert(job_id);
  }
  changed_.notify_all();
}

std::size_t JobEventHub::subscriptions() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool JobEventHub::Serve(const std::string& job_id, Watch* watch) {
  while (true) {
    // The state is read before the events: what was written with a terminal state is then surely
    // among the events that follow.
    const Result<jobs::Job> job = store_->Get(job_id, "");
    const bool ends_with_job = watch->until == WatchUntil::kJobEnds;
    const bool over = job.ok() ? ends_with_job && jobs::IsTerminal(job->state)
                               : job.status().code() == StatusCode::kNotFound;
    const Result<std::vector<jobs::JobEvent>> events =
        store_->Events(job_id, watch->seq, options_.page);
    if (!events.ok() && !over) {
      base::Log(log_, base::LogLevel::kWarning,
                "events of a job cannot be read: " + events.status().message());
      return true;  // Tried again at the next poll.
    }
    if (!events.ok() || (events->empty() && over)) {
      watch->subscriber->OnEnd();
      return false;
    }
    if (events->empty()) return KeepAlive(watch);
    for (const jobs::JobEvent& event : *events) {
      watch->seq = event.seq;
      if (!watch->subscriber->OnEvent(event)) return false;
    }
    watch->last_sent = std::chrono::steady_clock::now();
  }
}

bool JobEventHub::KeepAlive(Watch* watch) {
  const auto now = std::chrono::steady_clock::now();
  if (now - watch->last_sent < options_.keep_alive) return true;
  watch->last_sent = now;
  return watch->subscriber->OnIdle();
}

std::set<std::string> JobEventHub::WaitForWork() {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return stopping_ || !hinted_.empty(); };
  bool all = false;
  if (watches_.empty() && added_.empty()) {
    changed_.wait(lock, ready);
  } else {
    all = !changed_.wait_for(lock, options_.poll_interval, ready);
  }
  watches_.merge(added_);
  std::set<std::string> due = std::exchange(hinted_, {});
  if (all) {
    for (const auto& [job_id, watch] : watches_) due.insert(job_id);
  }
  return due;
}

void JobEventHub::ServeJob(const std::string& job_id) {
  auto [begin, end] = watches_.equal_range(job_id);
  while (begin != end) {
    if (Serve(job_id, &begin->second)) {
      ++begin;
      continue;
    }
    begin = watches_.erase(begin);
    const std::lock_guard lock(mutex_);
    --count_;
  }
}

void JobEventHub::Run() {
  auto last_full = std::chrono::steady_clock::now();
  while (true) {
    std::set<std::string> due = WaitForWork();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    // A steady flow of hints for some jobs must not keep the others from being polled.
    const auto now = std::chrono::steady_clock::now();
    if (now - last_full >= options_.poll_interval) {
      last_full = now;
      for (const auto& [job_id, watch] : watches_) due.insert(job_id);
    }
    for (const std::string& job_id : due) ServeJob(job_id);
  }
  for (auto& [job_id, watch] : watches_) watch.subscriber->OnEnd();
  watches_.clear();
  const std::lock_guard lock(mutex_);
  for (auto& [job_id, watch] : added_) watch.subscriber->OnEnd();
  added_.clear();
  count_ = 0;
}

}  // namespace wt::api
