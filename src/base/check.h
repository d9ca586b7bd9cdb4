// Assertions. WT_CHECK is on in every build and for programmer errors only: input from outside must
// never reach one. WT_DCHECK is for debug and sanitizer builds.
#pragma once

#include <source_location>

namespace wt::base {
/// Prints place and condition on standard error and ends the process.
[[noreturn]] void CheckFailed(const char* condition, std::source_location where);
}  // namespace wt::base

#define WT_CHECK(condition)     \
  (static_cast<bool>(condition) \
       ? static_cast<void>(0)   \
       : ::wt::base::CheckFailed(#condition, std::source_location::current()))

#ifdef WT_DEBUG_CHECKS
#define WT_DCHECK(condition) WT_CHECK(condition)
#else
#define WT_DCHECK(condition) static_cast<void>(sizeof(static_cast<bool>(condition)))
#endif
