// JobHints between the threads of one process.
//
// A hint only saves a wait: whoever sleeps also wakes up after a poll interval (at most a second)
// and looks. Thread-safe. Listeners are called on the thread that gives the hint, one at a time,
// must be quick and must neither give hints nor subscribe; a subscription that has been destroyed
// is not called any more.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "service/jobs/job_store.h"

namespace wt::jobs {

class LocalHints : public JobHints {
 public:
  enum class Kind : std::uint8_t { kCancelRequested, kChanged };
  using Listener = std::function<void(Kind kind, const std::string& job_id)>;

  /// Ends the listening when it is destroyed; must not outlive the hints.
  class Subscription {
   public:
    Subscription() = default;
    ~Subscription();
    Subscription(Subscription&& other) noexcept;
    Subscription& operator=(Subscription&& other) noexcept;

   private:
    friend class LocalHints;
    Subscription(LocalHints* hints, std::uint64_t id) : hints_(hints), id_(id) {}
    LocalHints* hints_ = nullptr;
    std::uint64_t id_ = 0;
  };

  void JobAvailable() override;
  void CancelRequested(const std::string& job_id) override;
  void JobChanged(const std::string& job_id) override;

  /// How many times a job became available, for WaitForJob.
  std::uint64_t generation() const;
  /// Until more jobs became available than `seen`, Close() was called, or the time is over. True:
  /// look now. Take generation() *before* looking into the store, so that no hint is missed.
  bool WaitForJob(std::uint64_t seen, std::chrono::milliseconds timeout);
  [[nodiscard]] Subscription Subscribe(Listener listener);
  /// Wakes all who wait, now and from now on.
  void Close();

 private:
  void Notify(Kind kind, const std::string& job_id);
  void Unsubscribe(std::uint64_t id);

  mutable std::mutex mutex_;
  std::condition_variable available_;
  std::uint64_t generation_ = 0;
  bool closed_ = false;
  // Held while listeners are called, so that Unsubscribe waits for a call in progress.
  std::mutex listeners_mutex_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Listener> listeners_;
};

}  // namespace wt::jobs
