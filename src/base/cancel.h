// A flag that asks work to stop. Set once, read often: thread-safe, relaxed, no locks.
//
// A part of a larger piece of work has a flag of its own over the whole's flag: it stops with the
// whole, or alone.
#pragma once

#include <atomic>

namespace wt::base {

class CancelFlag {
 public:
  CancelFlag() = default;
  /// `whole` may be null and must outlive this.
  explicit CancelFlag(const CancelFlag* whole) : whole_(whole) {}
  void Request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const {
    return requested_.load(std::memory_order_relaxed) || (whole_ != nullptr && whole_->requested());
  }

 private:
  const CancelFlag* const whole_ = nullptr;
  std::atomic<bool> requested_{false};
};

/// True when `flag` is given and set.
inline bool Cancelled(const CancelFlag* flag) { return flag != nullptr && flag->requested(); }

}  // namespace wt::base
