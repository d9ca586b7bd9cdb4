// Ctrl-C and termination: asks work to stop, and ends the process when it does not.
//
//   InterruptGuard guard([&] { run.Cancel(); });
//
// While it lives, SIGINT, SIGTERM and SIGHUP call `on_interrupt` once, on a thread of the guard. If
// the guard still lives `grace_ms` later, or at a second signal, the process ends with status 130.
// Code that must not be cut off (the renaming of a finished file) holds a Critical. One guard at a
// time in a process.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace wt::transcriber {

/// The promise to the user is 300 ms in all. Half of it is for an orderly end (cancelling takes
/// effect within one decoder step), the rest for a busy machine to take the process down.
inline constexpr int kGraceMs = 150;
/// 128 + SIGINT, as shells report it.
inline constexpr int kExitInterrupted = 130;

class InterruptGuard {
 public:
  /// `grace_ms`: more where somebody else must be told.
  explicit InterruptGuard(std::function<void()> on_interrupt, int grace_ms = kGraceMs);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// True after the first signal.
  bool interrupted() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// While one lives, the process is not ended by a guard. Short: it delays Ctrl-C.
std::unique_lock<std::mutex> EnterCritical();

/// Standard output and pipes to children whose reader has gone give EPIPE instead of a signal.
void IgnoreBrokenPipes();

}  // namespace wt::transcriber
