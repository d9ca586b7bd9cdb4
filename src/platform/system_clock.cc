#include "platform/system_clock.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <mutex>
#include <vector>

#include "base/ids.h"

namespace wt::platform {
namespace {

std::string ReadBootId() {
  // Files under /proc state a size of 0, so this one is read without asking for it.
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  // Without it, leases of an earlier boot cannot be told apart; a name of its own for each process
  // then makes every one of them count as expired, which is the safe side.
  if (!(file >> text)) return NewToken(16);
  return text;
}

// The 12 bits behind the time (RFC 9562, 6.2, method 1): they begin somewhere in the lower half,
// `random` says where, and count up within a millisecond. At least 2,048 identifiers are in order.
unsigned CountOf(base::UnixMillis now, unsigned random) {
  static std::mutex mutex;
  static base::UnixMillis last = -1;
  static unsigned count = 0;
  const std::lock_guard lock(mutex);
  count = now == last ? (count + 1) & 0xFFF : random & 0x7FF;
  last = now;
  return count;
}

}  // namespace

SystemClock::SystemClock() : boot_id_(ReadBootId()) {}

base::UnixMillis SystemClock::Now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

base::BootMillis SystemClock::Boot() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return static_cast<base::BootMillis>(time.tv_sec) * 1'000 + time.tv_nsec / 1'000'000;
}

void FillSecureRandom(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::string NewId(const base::Clock& clock) {
  std::array<std::byte, 10> random{};
  FillSecureRandom(random);
  const base::UnixMillis now = clock.Now();
  const unsigned count = CountOf(
      now, (std::to_integer<unsigned>(random[0]) << 8 | std::to_integer<unsigned>(random[1])));
  random[0] = static_cast<std::byte>(count >> 8);
  random[1] = static_cast<std::byte>(count & 0xFF);
  return base::FormatUuidV7(now, random);
}

std::string NewToken(std::size_t bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::vector<std::byte> random(bytes);
  FillSecureRandom(random);
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const std::byte b : random) {
    bits = (bits << 8) | std::to_integer<unsigned>(b);
    for (count += 8; count >= 6; count -= 6) text += kDigits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kDigits[(bits << (6 - count)) & 63];
  return text;
}

}  // namespace wt::platform
