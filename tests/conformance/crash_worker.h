// The scripted load of the crash test: what runs in the process that is killed.
#pragma once

#include <cstdint>
#include <string>

namespace wt::conformance {

/// Where the process may be told to end itself, as if it were killed there.
enum class CrashPoint {
  kNever,
  kBeforeCreate,
  kAfterCreate,
  kAfterClaim,
  kAfterCheckpoint,
  kBeforeSucceed,
  kAfterSucceed,
  kInsideTransaction,
  kAfterRestart,
  kCount,
};

/// Creates, claims, checkpoints, succeeds and restarts jobs until it is killed. Each
/// acknowledged create is one line "job-id" in the file `acknowledged`, written after the answer.
/// Ends itself with SIGKILL at the `nth` time that it passes `point`.
[[noreturn]] void RunUntilKilled(const std::string& database, const std::string& acknowledged,
                                 std::uint64_t seed, CrashPoint point, int nth);

}  // namespace wt::conformance
