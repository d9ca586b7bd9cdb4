// Time as a dependency: the wall clock for people, a clock that never steps for deadlines.
//
// Code that waits, expires or orders takes a Clock, so that tests and simulations drive it. Times
// are milliseconds. Implementations are thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace wt::base {

/// Milliseconds since 1970-01-01T00:00:00Z.
using UnixMillis = std::int64_t;
/// Milliseconds of a clock that never steps and goes on while the machine sleeps
/// (CLOCK_BOOTTIME). Comparable between processes of one boot only.
using BootMillis = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixMillis Now() const = 0;
  virtual BootMillis Boot() const = 0;
  /// Names the boot that Boot() counts from; a BootMillis stored under another id is worthless.
  virtual const std::string& boot_id() const = 0;
};

/// A clock that stands still until it is moved. Thread-compatible.
class ManualClock : public Clock {
 public:
  explicit ManualClock(UnixMillis now = 1'700'000'000'000, std::string boot_id = "boot-1")
      : now_(now), boot_id_(std::move(boot_id)) {}
  UnixMillis Now() const override { return now_; }
  BootMillis Boot() const override { return boot_; }
  const std::string& boot_id() const override { return boot_id_; }

  /// Both clocks go on.
  void Advance(std::int64_t millis) {
    now_ += millis;
    boot_ += millis;
  }
  /// The wall clock alone is set, as an administrator or NTP may do.
  void StepWall(std::int64_t millis) { now_ += millis; }

 private:
  UnixMillis now_;
  BootMillis boot_ = 1'000'000;
  std::string boot_id_;
};

}  // namespace wt::base
