#include "service/http/net/peer_state.h"

#include <utility>

namespace wt::http {

void PeerState::Call(std::unique_lock<std::mutex>* lock, std::function<void()> f) {
  calling_ = true;
  caller_ = std::this_thread::get_id();
  lock->unlock();
  f();
  f = nullptr;  // What it holds goes before anybody is told that the call is over.
  lock->lock();
  calling_ = false;
  caller_ = {};
  called_.notify_all();
}

void PeerState::OnGone(std::function<void()> f) {
  std::unique_lock lock(mutex_);
  // A function that unsets itself must not wait for itself.
  if (caller_ != std::this_thread::get_id()) {
    called_.wait(lock, [&] { return !calling_; });
  }
  function_ = nullptr;
  if (f == nullptr) return;
  if (gone()) {
    if (!calling_) {
      Call(&lock, std::move(f));
    } else {
      lock.unlock();
      f();
    }
    return;
  }
  function_ = std::move(f);
}

void PeerState::MarkGone() {
  std::unique_lock lock(mutex_);
  if (gone_.exchange(true, std::memory_order_acq_rel)) return;
  std::function<void()> f = std::exchange(function_, nullptr);
  if (f != nullptr) Call(&lock, std::move(f));
}

}  // namespace wt::http
