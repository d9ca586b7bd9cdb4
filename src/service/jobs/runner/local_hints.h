// JobHints between the threads of one process.
//
// A hint only saves a wait: whoever sleeps also wakes up after a poll interval (at most a second)
// and looks. Thread-safe. Listeners are called on the thread that gives the hint, one at a time,
// must be quick and must neither give hints nor subscribe; a subscription that has been destroyed
// is not called any more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "service/jobs/job_store.h"

namespace wt::jobs {

class LocalHints : public JobHints {
 public:
  enum class Kind : std::uint8_t { kAvailable, kCancelRequested, kChanged };
  /// `job_id` is empty for kAvailable: whoever looks finds the job that is next.
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

  void JobAvailable() override { Notify(Kind::kAvailable, ""); }
  void CancelRequested(const std::string& job_id) override {
    Notify(Kind::kCancelRequested, job_id);
  }
  void JobChanged(const std::string& job_id) override { Notify(Kind::kChanged, job_id); }

  [[nodiscard]] Subscription Subscribe(Listener listener);

 private:
  void Notify(Kind kind, const std::string& job_id);
  void Unsubscribe(std::uint64_t id);

  // Held while listeners are called, so that Unsubscribe waits for a call in progress.
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Listener> listeners_;
};

}  // namespace wt::jobs
