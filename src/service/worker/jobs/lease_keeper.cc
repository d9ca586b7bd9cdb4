#include "service/worker/jobs/lease_keeper.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace wt::worker {

LeaseKeeper::LeaseKeeper(jobs::JobStore* store, const base::Clock* clock, const Options& options)
    : store_(store), clock_(clock), options_(options) {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  pthread_setname_np(thread_.native_handle(), "wt-leases");
}

LeaseKeeper::~LeaseKeeper() {
  thread_.request_stop();
  thread_.join();
}

void LeaseKeeper::Watch(const jobs::Lease& lease, Callbacks callbacks) {
  auto entry = std::make_shared<Entry>();
  entry->lease = lease;
  entry->callbacks = std::move(callbacks);
  entry->renewed_at = clock_->Boot();
  const std::lock_guard lock(mutex_);
  entries_[lease.token] = std::move(entry);
}

void LeaseKeeper::Unwatch(const jobs::Lease& lease) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(lease.token);
    if (found == entries_.end()) return;
    entry = std::move(found->second);
    entries_.erase(found);
  }
  const std::lock_guard lock(entry->mutex);
  entry->active = false;
}

void LeaseKeeper::CheckNow(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  const auto is_it = [&](const auto& entry) { return entry.second->lease.job_id == job_id; };
  if (std::none_of(entries_.begin(), entries_.end(), is_it)) return;
  check_now_.push_back(job_id);
  changed_.notify_all();
}

void LeaseKeeper::TellCancel(Entry* entry) {
  const std::lock_guard lock(entry->mutex);
  if (entry->active && !std::exchange(entry->cancel_told, true)) entry->callbacks.on_cancel();
}

void LeaseKeeper::TellLost(Entry* entry) {
  const std::lock_guard lock(entry->mutex);
  if (entry->active && !std::exchange(entry->lost_told, true)) entry->callbacks.on_lost();
}

void LeaseKeeper::Look(Entry* entry) {
  const base::BootMillis now = clock_->Boot();
  bool cancel_requested = false;
  Status status;
  if (now - entry->renewed_at >= options_.lease_ms / 3) {
    const Result<jobs::Heartbeat> beat = store_->Renew(entry->lease, options_.lease_ms);
    status = beat.status();
    // The time before the call counts: the store's lease runs from some moment after it.
    if (beat.ok()) entry->renewed_at = now;
    cancel_requested = beat.ok() && beat->cancel_requested;
  } else {
    const Result<jobs::Job> job = store_->Get(entry->lease.job_id, "");
    status = job.status();
    cancel_requested = job.ok() && job->cancel_requested;
  }
  const bool gone = status.code() == StatusCode::kAborted || status.code() == StatusCode::kNotFound;
  if (gone || clock_->Boot() - entry->renewed_at >= options_.lease_ms) {
    TellLost(entry);
  } else if (cancel_requested) {
    TellCancel(entry);
  }
}

void LeaseKeeper::Run(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  const std::chrono::milliseconds poll(options_.poll_ms);
  auto next_look = Clock::now() + poll;
  while (true) {
    std::vector<std::shared_ptr<Entry>> due;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, stop, next_look, [this] { return !check_now_.empty(); });
      if (stop.stop_requested()) return;
      for (const std::string& id : std::exchange(check_now_, {})) {
        for (const auto& [token, entry] : entries_) {
          if (entry->lease.job_id == id) due.push_back(entry);
        }
      }
      // However many hints there are, every job gets its turn.
      if (Clock::now() >= next_look) {
        due.clear();
        for (const auto& [token, entry] : entries_) due.push_back(entry);
        next_look = Clock::now() + poll;
      }
    }
    for (const auto& entry : due) Look(entry.get());
  }
}

}  // namespace wt::worker
