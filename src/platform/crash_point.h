// Named places where a test can make the process die, as if by kill -9.
//
//   CrashPoint("upload.blob_committed");
//
// Durable work has such a point before and after each step, so that a test can show what a crash
// there leaves behind (docs/promises.md, T1). A point costs one relaxed load while nothing is
// armed. Arm() is called by the program at its start (WT_CRASH_POINT=name:count). Thread-safe.
#pragma once

#include <string_view>

namespace wt::platform {

/// Kills this process with SIGKILL at the `count`-th passing (from 1) of the point `name`. Returns
/// false when the text is not "name:count".
bool ArmCrashPoint(std::string_view name_and_count);

/// `name` in lower case: "part.step".
void CrashPoint(std::string_view name);

/// The point "part.step", for a step that several parts share.
void CrashPoint(std::string_view part, std::string_view step);

}  // namespace wt::platform
