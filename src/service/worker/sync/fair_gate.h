// A bounded waiting room: at most `active_max` are in, at most `waiting_max` wait, and who comes in
// next is fair between principals: the one with the fewest inside, then who came first.
// Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "whisper_transcriber/status.h"

namespace wt::worker {

class FairGate {
 public:
  using Clock = std::chrono::steady_clock;

  /// The right to be inside; leaving when it goes. Move-only; must not outlive the gate.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket() { Leave(); }
    void Leave();

   private:
    friend class FairGate;
    Ticket(FairGate* gate, std::string principal);
    FairGate* gate_ = nullptr;
    std::string principal_;
  };

  FairGate(int active_max, int waiting_max) : active_max_(active_max), waiting_max_(waiting_max) {}

  /// kResourceExhausted at once when too many wait, kCancelled, kDeadlineExceeded.
  Result<Ticket> Enter(const std::string& principal, const std::stop_token& stop,
                       Clock::time_point deadline);

  int active() const;
  int waiting() const;

 private:
  struct Waiter {
    std::string principal;
    bool admitted = false;
  };
  void Admit();
  void Leave(const std::string& principal);

  const int active_max_;
  const int waiting_max_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  int active_ = 0;  // Guarded by mutex_, as all below.
  std::list<Waiter> waiters_;
  std::map<std::string, int> inside_;
};

}  // namespace wt::worker
