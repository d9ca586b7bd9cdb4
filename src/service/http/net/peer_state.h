// The Peer that handlers see: a flag and at most one function to call. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "service/http/message.h"

namespace wt::http {

class PeerState final : public Peer {
 public:
  bool gone() const override { return gone_.load(std::memory_order_acquire); }
  void OnGone(std::function<void()> f) override;
  /// By the reactor.
  void MarkGone();

 private:
  void Call(std::unique_lock<std::mutex>* lock, std::function<void()> f);

  std::atomic<bool> gone_{false};
  std::mutex mutex_;
  std::condition_variable called_;
  std::function<void()> function_;
  bool calling_ = false;
  std::thread::id caller_;
};

}  // namespace wt::http
