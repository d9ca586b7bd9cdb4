#include "service/worker/sync/fair_gate.h"

#include <algorithm>
#include <utility>

namespace wt::worker {

FairGate::Ticket::Ticket(FairGate* gate, std::string principal)
    : gate_(gate), principal_(std::move(principal)) {}

FairGate::Ticket::Ticket(Ticket&& other) noexcept
    : gate_(std::exchange(other.gate_, nullptr)), principal_(std::move(other.principal_)) {}

FairGate::Ticket& FairGate::Ticket::operator=(Ticket&& other) noexcept {
  if (this == &other) return *this;
  Leave();
  gate_ = std::exchange(other.gate_, nullptr);
  principal_ = std::move(other.principal_);
  return *this;
}

void FairGate::Ticket::Leave() {
  if (gate_ != nullptr) std::exchange(gate_, nullptr)->Leave(principal_);
}

// Lets in as many as fit. REQUIRES: mutex_ is held.
void FairGate::Admit() {
  bool any = false;
  while (active_ < active_max_) {
    Waiter* next = nullptr;
    for (Waiter& waiter : waiters_) {
      if (waiter.admitted) continue;
      if (next == nullptr || inside_[waiter.principal] < inside_[next->principal]) next = &waiter;
    }
    if (next == nullptr) break;
    next->admitted = true;
    ++inside_[next->principal];
    ++active_;
    any = true;
  }
  if (any) changed_.notify_all();
}

Result<FairGate::Ticket> FairGate::Enter(const std::string& principal, const std::stop_token& stop,
                                         Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (active_ >= active_max_ && static_cast<int>(waiters_.size()) >= waiting_max_) {
    return Status(StatusCode::kResourceExhausted,
                  "too many requests are waiting for transcription; try again in a moment");
  }
  const auto waiter = waiters_.insert(waiters_.end(), Waiter{principal, false});
  Admit();
  const bool admitted = changed_.wait_until(lock, stop, deadline, [&] { return waiter->admitted; });
  waiters_.erase(waiter);
  if (admitted) return Ticket(this, principal);
  if (stop.stop_requested()) return Status(StatusCode::kCancelled, "stopped");
  return Status(StatusCode::kDeadlineExceeded,
                "the request waited longer than allowed for its turn; try again later");
}

void FairGate::Leave(const std::string& principal) {
  const std::lock_guard lock(mutex_);
  --active_;
  const auto inside = inside_.find(principal);
  if (--inside->second == 0) inside_.erase(inside);
  Admit();
  // Admit() made entries for those that only wait.
  std::erase_if(inside_, [](const auto& entry) { return entry.second == 0; });
}

int FairGate::active() const {
  const std::lock_guard lock(mutex_);
  return active_;
}

int FairGate::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(
      std::count_if(waiters_.begin(), waiters_.end(), [](const Waiter& w) { return !w.admitted; }));
}

}  // namespace wt::worker
