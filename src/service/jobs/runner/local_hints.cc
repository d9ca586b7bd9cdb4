#include "service/jobs/runner/local_hints.h"

#include <utility>

namespace wt::jobs {

LocalHints::Subscription::~Subscription() {
  if (hints_ != nullptr) hints_->Unsubscribe(id_);
}

LocalHints::Subscription::Subscription(Subscription&& other) noexcept
    : hints_(std::exchange(other.hints_, nullptr)), id_(other.id_) {}

LocalHints::Subscription& LocalHints::Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    if (hints_ != nullptr) hints_->Unsubscribe(id_);
    hints_ = std::exchange(other.hints_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

void LocalHints::JobAvailable() {
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
  }
  available_.notify_all();
}

void LocalHints::CancelRequested(const std::string& job_id) {
  Notify(Kind::kCancelRequested, job_id);
}

void LocalHints::JobChanged(const std::string& job_id) { Notify(Kind::kChanged, job_id); }

void LocalHints::Notify(Kind kind, const std::string& job_id) {
  const std::lock_guard lock(listeners_mutex_);
  for (const auto& [id, listener] : listeners_) listener(kind, job_id);
}

std::uint64_t LocalHints::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

bool LocalHints::WaitForJob(std::uint64_t seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return available_.wait_for(lock, timeout, [&] { return closed_ || generation_ > seen; });
}

LocalHints::Subscription LocalHints::Subscribe(Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  const std::uint64_t id = next_id_++;
  listeners_.emplace(id, std::move(listener));
  return Subscription(this, id);
}

void LocalHints::Unsubscribe(std::uint64_t id) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(id);
}

void LocalHints::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  available_.notify_all();
}

}  // namespace wt::jobs
