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

void LocalHints::Notify(Kind kind, const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, listener] : listeners_) listener(kind, job_id);
}

LocalHints::Subscription LocalHints::Subscribe(Listener listener) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  listeners_.emplace(id, std::move(listener));
  return Subscription(this, id);
}

void LocalHints::Unsubscribe(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(id);
}

}  // namespace wt::jobs
