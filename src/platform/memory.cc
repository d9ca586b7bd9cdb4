#include "platform/memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace wt::platform {

std::int64_t UsableMemoryBytes() {
  const std::int64_t pages = ::sysconf(_SC_PHYS_PAGES);
  const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  const std::int64_t machine = pages > 0 && page > 0 ? pages * page : 0;
  // Control groups, version 2; "max" (no number) is no limit.
  std::ifstream file("/sys/fs/cgroup/memory.max");
  std::int64_t limit = 0;
  if (!(file >> limit) || limit <= 0) return machine;
  return machine == 0 ? limit : std::min(machine, limit);
}

}  // namespace wt::platform
