// Child processes: started without a shell, with three descriptors and nothing else.
//
// The child gets an empty environment, default signal handlers, its own process group (a Ctrl-C at
// the terminal reaches the parent only) and no descriptor but 0, 1 and 2. Started by posix_spawn,
// which is safe in a program with threads. A ChildProcess that is destroyed is killed and reaped,
// so that neither processes nor zombies are left. Move-only; one thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::platform {

struct SpawnOptions {
  /// The program's path; not searched for.
  std::string program;
  /// Arguments after the program's name.
  std::vector<std::string> arguments;
  /// Descriptors of this process that become 0, 1 and 2 of the child. Borrowed.
  int standard_input = -1;
  int standard_output = -1;
  int standard_error = -1;
};

/// How a process ended: by exit (signal is 0) or by a signal.
struct ExitState {
  int code = 0;
  int signal = 0;
};

class ChildProcess {
 public:
  ChildProcess() = default;
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// kNotFound, kPermissionDenied, kResourceExhausted (too many processes), kUnavailable.
  static Result<ChildProcess> Spawn(const SpawnOptions& options);

  bool running() const { return pid_ > 0; }
  /// Waits for the end and reaps; empty when the process still runs after `timeout`.
  /// REQUIRES: running().
  std::optional<ExitState> WaitFor(std::chrono::milliseconds timeout);
  /// Ends the process at once and reaps it. Does nothing when it is not running.
  void Kill();

 private:
  pid_t pid_ = -1;
};

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

/// A pipe whose ends are closed on exec.
Result<Pipe> MakePipe();

}  // namespace wt::platform
