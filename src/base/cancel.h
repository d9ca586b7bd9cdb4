// A flag that asks work to stop. Set once, read often: thread-safe, relaxed, no locks.
#pragma once

#include <atomic>

namespace wt::base {

class CancelFlag {
 public:
  void Request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

/// True when `flag` is given and set.
inline bool Cancelled(const CancelFlag* flag) { return flag != nullptr && flag->requested(); }

}  // namespace wt::base
