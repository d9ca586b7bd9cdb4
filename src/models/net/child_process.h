// Runs a program to its end, without a shell, and keeps the end of what it said.
//
// The child gets this process's environment plus the variables given, no standard input, and a
// process group of its own, so that cancelling ends its children too. Thread-safe: nothing is
// shared.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "whisper_transcriber/status.h"

namespace wt::net {

struct ChildCommand {
  /// The program (looked up in PATH) and its arguments.
  std::vector<std::string> arguments;
  /// Set in the child on top of the environment.
  std::vector<std::pair<std::string, std::string>> environment;
};

struct ChildResult {
  /// Exit status, or 128 + signal.
  int exit_code = 0;
  /// The last 4 KiB of standard output and standard error together.
  std::string output;
};

struct ChildOptions {
  const base::CancelFlag* cancel = nullptr;
  /// The child is ended after this long: kDeadlineExceeded.
  int timeout_s = 3'600;
  /// Called about five times a second while the child runs.
  std::function<void()> tick;
};

/// kNotFound when there is no such program, kCancelled, kDeadlineExceeded, kUnavailable.
Result<ChildResult> RunChild(const ChildCommand& command, const ChildOptions& options);

}  // namespace wt::net
