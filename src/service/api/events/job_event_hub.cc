#include "service/api/events/job_event_hub.h"

#include <algorithm>
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

std::set<std::string> JobEventHub::WaitForWork(bool* all) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return stopping_ || !hinted_.empty(); };
  *all = false;
  if (watches_.empty() && added_.empty()) {
    changed_.wait(lock, ready);
  } else {
    *all = !changed_.wait_for(lock, options_.poll_interval, ready);
  }
  watches_.merge(added_);
  return std::exchange(hinted_, {});
}

void JobEventHub::ForWatches(const std::string& job_id, const std::function<bool(Watch*)>& visit) {
  auto [begin, end] = watches_.equal_range(job_id);
  while (begin != end) {
    if (visit(&begin->second)) {
      ++begin;
      continue;
    }
    begin = watches_.erase(begin);
    const std::lock_guard lock(mutex_);
    --count_;
  }
}

void JobEventHub::ServeJob(const std::string& job_id) {
  ForWatches(job_id, [&](Watch* watch) { return Serve(job_id, watch); });
}

void JobEventHub::PollAll() {
  std::vector<std::string> ids;
  for (auto at = watches_.begin(); at != watches_.end(); at = watches_.upper_bound(at->first)) {
    ids.push_back(at->first);
  }
  for (std::size_t at = 0; at < ids.size(); at += jobs::kEventHeadsMax) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t end = std::min(ids.size(), at + jobs::kEventHeadsMax);
    PollPage({begin, ids.begin() + static_cast<std::ptrdiff_t>(end)});
  }
}

void JobEventHub::PollPage(const std::vector<std::string>& ids) {
  const Result<std::vector<jobs::EventHead>> heads = store_->EventHeads(ids);
  if (!heads.ok()) {
    base::Log(log_, base::LogLevel::kWarning,
              "events of jobs cannot be read: " + heads.status().message());
    return;  // Tried again at the next poll.
  }
  std::map<std::string, const jobs::EventHead*> by_id;
  for (const jobs::EventHead& head : *heads) by_id.emplace(head.job_id, &head);
  for (const std::string& id : ids) {
    const auto head = by_id.find(id);
    // A job that has ended or is gone has something to say too: that it is over.
    const bool over = head == by_id.end() || head->second->ended;
    ForWatches(id, [&](Watch* watch) {
      return over || head->second->seq > watch->seq ? Serve(id, watch) : KeepAlive(watch);
    });
  }
}

void JobEventHub::Run() {
  auto last_full = std::chrono::steady_clock::now();
  while (true) {
    bool all = false;
    const std::set<std::string> due = WaitForWork(&all);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    for (const std::string& job_id : due) ServeJob(job_id);
    // A steady flow of hints for some jobs must not keep the others from being polled.
    const auto now = std::chrono::steady_clock::now();
    if (!all && now - last_full < options_.poll_interval) continue;
    last_full = now;
    PollAll();
  }
  for (auto& [job_id, watch] : watches_) watch.subscriber->OnEnd();
  watches_.clear();
  const std::lock_guard lock(mutex_);
  for (auto& [job_id, watch] : added_) watch.subscriber->OnEnd();
  added_.clear();
  count_ = 0;
}

}  // namespace wt::api
