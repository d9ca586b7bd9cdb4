// What a job's checkpoint holds: the engine's state, and the time that was worked on the job so
// far.
//
//   "WTRUN1\n" | worked_ms, 8 bytes little-endian | the engine's bytes (engine.h, Checkpoint)
//
// The time limit of a job (WHISPER_TIMEOUT_SECONDS) is one over all its claims: a job that yields
// to others, or whose worker was restarted, does not get the time anew. Waiting does not count.
// What was worked since the last checkpoint is forgotten when a process dies. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wt::worker {

struct SavedRun {
  std::int64_t worked_ms = 0;
  /// Empty: from the beginning.
  std::string engine;
};

std::string EncodeSavedRun(const SavedRun& run);
/// Bytes without the head above are the engine's own, as older versions stored them.
SavedRun DecodeSavedRun(std::string_view bytes);

}  // namespace wt::worker
