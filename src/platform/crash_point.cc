#include "platform/crash_point.h"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <string>

namespace wt::platform {
namespace {

struct Armed {
  std::string name;
  std::atomic<int> left{0};
};

// Written once at the start of the program, before its threads.
std::atomic<Armed*> armed{nullptr};

}  // namespace

bool ArmCrashPoint(std::string_view name_and_count) {
  const std::size_t colon = name_and_count.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view number = name_and_count.substr(colon + 1);
  int count = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != number.data() + number.size() || count < 1) {
    return false;
  }
  static Armed place;
  place.name = name_and_count.substr(0, colon);
  place.left = count;
  armed = &place;
  return true;
}

void CrashPoint(std::string_view name) {
  Armed* const place = armed.load(std::memory_order_relaxed);
  if (place == nullptr || place->name != name) return;
  if (place->left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

void CrashPoint(std::string_view part, std::string_view step) {
  if (armed.load(std::memory_order_relaxed) == nullptr) return;
  CrashPoint(std::string(part).append(".").append(step));
}

}  // namespace wt::platform
