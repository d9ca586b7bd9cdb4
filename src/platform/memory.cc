#include "platform/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace wt::platform {
namespace {

// Of the pages that lie in [data, data + bytes) wholly.
void Advise(const void* data, std::size_t bytes, int advice) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(data) + page - 1) / page * page;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, advice);
}

}  // namespace

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

void PreferHugePages(void* data, std::size_t bytes) { Advise(data, bytes, MADV_HUGEPAGE); }

void ReleaseMappedPages(const void* data, std::size_t bytes) { Advise(data, bytes, MADV_DONTNEED); }

}  // namespace wt::platform
