#include "platform/file_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace wt::platform {
namespace {

// "Unlimited" is more than any table of descriptors; the kernel's own default maximum.
constexpr rlim_t kMost = 1 << 20;

std::int64_t ToNumber(rlim_t limit) { return static_cast<std::int64_t>(std::min(limit, kMost)); }

}  // namespace

FileLimit RaiseFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  FileLimit result{ToNumber(limit.rlim_cur), ToNumber(limit.rlim_cur)};
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMost));
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) result.now = ToNumber(limit.rlim_cur);
  return result;
}

}  // namespace wt::platform
