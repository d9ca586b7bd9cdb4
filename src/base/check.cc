#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace wt::base {

void CheckFailed(const char* condition, std::source_location where) {
  std::fprintf(stderr, "%s:%u: check failed: %s (%s)\n", where.file_name(),
               static_cast<unsigned>(where.line()), condition, where.function_name());
  std::abort();
}

}  // namespace wt::base
