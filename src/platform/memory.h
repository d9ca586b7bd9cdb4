// How much memory this process may use. Pure query: thread-safe.
#pragma once

#include <cstdint>

namespace wt::platform {

/// The machine's memory or the limit of the control group, whichever is less; 0 when neither can be
/// read.
std::int64_t UsableMemoryBytes();

}  // namespace wt::platform
