// How many files and sockets this process may have open.
#pragma once

#include <cstdint>

namespace wt::platform {

struct FileLimit {
  std::int64_t before = 0;
  std::int64_t now = 0;
};

/// Raises the soft limit to the hard one; where that fails it stays. Call it at the start: programs
/// that use select() on high descriptors would break, and this one has none.
FileLimit RaiseFileLimit();

}  // namespace wt::platform
