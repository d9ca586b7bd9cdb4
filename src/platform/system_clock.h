// The machine's clocks and its source of random bytes for secrets. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/clock.h"

namespace wt::platform {

/// The wall clock, CLOCK_BOOTTIME, and the kernel's boot id.
class SystemClock : public base::Clock {
 public:
  SystemClock();
  base::UnixMillis Now() const override;
  base::BootMillis Boot() const override;
  const std::string& boot_id() const override { return boot_id_; }

 private:
  std::string boot_id_;
};

/// Fills `out` from the kernel's generator (getrandom). Never fails; ends the program when the
/// kernel has none.
void FillSecureRandom(std::span<std::byte> out);

/// A new UUIDv7 of the time given. Those that this process makes in one millisecond come in order
/// of their making, up to 2,048 of them. Thread-safe.
std::string NewId(const base::Clock& clock);

/// `bytes` random bytes as base64url without padding: tokens and secrets.
std::string NewToken(std::size_t bytes);

}  // namespace wt::platform
