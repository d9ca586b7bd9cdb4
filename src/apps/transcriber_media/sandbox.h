// Gives up every right that decoding does not need, before the first byte of the input is read.
//
// Layers, each of which holds if the others fail: no new privileges; a system call allow-list
// (seccomp; everything else fails with EPERM); no access to any file (Landlock); limits on memory,
// processor time, files and core dumps. A layer that the kernel lacks is reported, not fatal: the
// others remain. After it, nothing can be opened, mapped executable, started or connected. Source:
// seccomp_rule_add(3), landlock(7). Called once, from the only thread.
#pragma once

#include <string>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

struct SandboxReport {
  bool no_new_privileges = false;
  bool seccomp = false;
  bool landlock = false;
  /// The kernel's Landlock version; 0 where it has none.
  int landlock_version = 0;
  bool limits = false;
  /// Why layers are missing.
  std::vector<std::string> degraded;
};

SandboxReport EnterSandbox();

/// Tries what must fail and writes a JSON report to descriptor 1. REQUIRES: EnterSandbox() was
/// called. kInternal when something forbidden succeeded.
Status CheckSandbox(const SandboxReport& report);

}  // namespace wt::apps::transcriber_media
