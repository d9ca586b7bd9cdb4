// A moment that is stored: by the wall clock, and by the clock that never steps while the boot is
// the same. Pure: thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace wt::auth {

struct DurableTime {
  base::UnixMillis wall = 0;
  base::BootMillis boot = 0;
  std::string boot_id;
};

inline DurableTime InFuture(const base::Clock& clock, std::int64_t millis) {
  return {clock.Now() + millis, clock.Boot() + millis, clock.boot_id()};
}

/// Milliseconds until `time`; negative when it is over. In another boot only the wall clock is
/// left; `millis_max`, the longest that it can have been when it was stored, bounds what a clock
/// set back would add.
inline std::int64_t Remaining(const DurableTime& time, const base::Clock& clock,
                              std::int64_t millis_max) {
  const bool same_boot = time.boot_id == clock.boot_id();
  const std::int64_t left = same_boot ? time.boot - clock.Boot() : time.wall - clock.Now();
  return std::min(left, millis_max);
}

/// Moves a time of another boot onto this one's clock. Without it a wall clock that was set back
/// would put the moment off again and again.
inline void Rebase(DurableTime* time, const base::Clock& clock, std::int64_t millis_max) {
  if (time->boot_id.empty() || time->boot_id == clock.boot_id()) return;
  *time = InFuture(clock, Remaining(*time, clock, millis_max));
}

}  // namespace wt::auth
