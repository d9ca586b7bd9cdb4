// What `transcriber doctor` concludes from what it found: pure, so that every finding has a test.
//
// A finding is fine, a warning (slower or less exact) or a problem (something will not work); the
// latter two say what to do. Values: thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/cpu.h"

namespace wt::transcriber {

struct DirectoryFacts {
  std::string path;
  /// It, or the nearest parent that exists, can be written.
  bool writable = false;
  std::int64_t free_bytes = 0;
};

struct ModelFacts {
  std::string name;
  std::string path;
};

struct DoctorFacts {
  std::string version;
  platform::CpuFeatures cpu;
  int usable_cpus = 1;
  /// What kernels were chosen for; empty: the engine did not start, see engine_error.
  std::string instruction_set;
  std::string engine_error;
  std::int64_t memory_bytes = 0;
  std::vector<std::string> model_directories;
  std::vector<ModelFacts> models;
  std::string vad_path;
  /// transcriber-media; empty: not found.
  std::string media_helper;
  /// Its sandbox holds; unset: it could not be asked.
  std::optional<bool> sandbox_holds;
  /// What it said, one line.
  std::string sandbox_detail;
  DirectoryFacts data;
  DirectoryFacts cache;
};

enum class Verdict : std::uint8_t { kFine, kWarning, kProblem };

/// "ok", "warning", "problem".
std::string_view VerdictName(Verdict verdict);

struct Finding {
  std::string topic;
  Verdict verdict = Verdict::kFine;
  std::string text;
  /// A command or sentence; empty when all is fine.
  std::string fix;
};

std::vector<Finding> Diagnose(const DoctorFacts& facts);

bool HasProblem(std::span<const Finding> findings);

/// Lines for a terminal.
std::string DoctorText(std::span<const Finding> findings, bool colours);
/// {"ok": true, "findings": [{"topic", "verdict", "text", "fix"}]} in one line.
std::string DoctorJson(std::span<const Finding> findings);

}  // namespace wt::transcriber
