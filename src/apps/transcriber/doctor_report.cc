#include "apps/transcriber/doctor_report.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace wt::transcriber {
namespace {

// The largest published model has 6.2 GB in float32; the default one and its packed copy 0.5 GB.
constexpr std::int64_t kFreeBytesMin = 1'000'000'000;
// base in float32 takes 0.3 GB, windows of several files as much again.
constexpr std::int64_t kMemoryBytesMin = 1'000'000'000;

std::string Gigabytes(std::int64_t bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

Finding Processor(const DoctorFacts& facts) {
  std::vector<std::string_view> features;
  if (facts.cpu.avx2_fma) features.push_back("AVX2");
  if (facts.cpu.avx_vnni) features.push_back("AVX-VNNI");
  if (facts.cpu.avx512) features.push_back("AVX-512");
  if (facts.cpu.avx512_vnni) features.push_back("AVX-512 VNNI");
  if (facts.cpu.avx512_bf16) features.push_back("AVX-512 BF16");
  if (facts.cpu.amx) features.push_back("AMX");
  const std::string list = features.empty() ? "no vector extensions in use"
                                            : fmt::format("{}", fmt::join(features, ", "));
  Finding finding{"processor", Verdict::kFine,
                  fmt::format("{} usable, {}", facts.usable_cpus, list), ""};
  if (!facts.cpu.avx2_fma) {
    finding.verdict = Verdict::kWarning;
    finding.fix = "use a processor (or virtual machine type) with AVX2: many times faster";
  }
  return finding;
}

Finding Kernels(const DoctorFacts& facts) {
  if (facts.instruction_set.empty()) {
    return {"kernels", Verdict::kProblem, facts.engine_error, "unset WT_FORCE_ISA"};
  }
  Finding finding{"kernels", Verdict::kFine, facts.instruction_set + " kernels run", ""};
  if (facts.instruction_set == "generic" && facts.cpu.avx2_fma) {
    finding.verdict = Verdict::kWarning;
    finding.fix = "unset WT_FORCE_ISA: this processor has faster ones";
  }
  return finding;
}

Finding Memory(const DoctorFacts& facts) {
  Finding finding{"memory", Verdict::kFine, Gigabytes(facts.memory_bytes) + " in all", ""};
  if (facts.memory_bytes < kMemoryBytesMin) {
    finding.verdict = Verdict::kWarning;
    finding.fix = "use the tiny model, one file at a time (--files-in-flight 1)";
  }
  return finding;
}

Finding Models(const DoctorFacts& facts) {
  if (facts.models.empty()) {
    return {"models", Verdict::kProblem,
            fmt::format("none in {}", fmt::join(facts.model_directories, ", ")),
            "transcriber models pull base"};
  }
  std::string names;
  for (const ModelFacts& model : facts.models) {
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", model.name, model.path);
  }
  return {"models", Verdict::kFine, names, ""};
}

Finding VoiceActivity(const DoctorFacts& facts) {
  if (!facts.vad_path.empty()) return {"voice activity", Verdict::kFine, facts.vad_path, ""};
  return {"voice activity", Verdict::kWarning,
          "the network is not installed; speech is found by loudness only",
          "transcriber models pull silero-vad"};
}

Finding MediaHelper(const DoctorFacts& facts) {
  if (!facts.media_helper.empty()) return {"media files", Verdict::kFine, facts.media_helper, ""};
  return {"media files", Verdict::kProblem,
          "transcriber-media was not found; only plain 16 kHz WAV files can be read",
          "install transcriber-media beside transcriber (make build does)"};
}

Finding Sandbox(const DoctorFacts& facts) {
  if (facts.media_helper.empty() || !facts.sandbox_holds) {
    const std::string why = facts.sandbox_detail.empty() ? "not checked" : facts.sandbox_detail;
    return {"sandbox", facts.media_helper.empty() ? Verdict::kWarning : Verdict::kProblem, why,
            "run: transcriber-media sandbox-check"};
  }
  if (*facts.sandbox_holds) return {"sandbox", Verdict::kFine, facts.sandbox_detail, ""};
  return {"sandbox", Verdict::kWarning, facts.sandbox_detail,
          "use Linux 5.13 or later with seccomp and Landlock, or do not decode files of strangers"};
}

Finding Directory(std::string_view topic, const DirectoryFacts& directory,
                  std::string_view variable) {
  Finding finding{std::string(topic), Verdict::kFine,
                  fmt::format("{}, {} free", directory.path, Gigabytes(directory.free_bytes)), ""};
  if (directory.path.empty()) {
    finding.verdict = Verdict::kProblem;
    finding.text = "there is no home directory";
    finding.fix = fmt::format("set HOME or {}", variable);
  } else if (!directory.writable) {
    finding.verdict = Verdict::kProblem;
    finding.text = directory.path + " cannot be written";
    finding.fix = fmt::format("chown it to yourself, or set {} to another place", variable);
  } else if (directory.free_bytes < kFreeBytesMin) {
    finding.verdict = Verdict::kWarning;
    finding.fix = "free at least 1 GB: models and their packed copies need it";
  }
  return finding;
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFine: return "ok";
    case Verdict::kWarning: return "warning";
    case Verdict::kProblem: return "problem";
  }
  return "problem";
}

std::vector<Finding> Diagnose(const DoctorFacts& facts) {
  return {{"version", Verdict::kFine, facts.version, ""},
          Processor(facts),
          Kernels(facts),
          Memory(facts),
          Models(facts),
          VoiceActivity(facts),
          MediaHelper(facts),
          Sandbox(facts),
          Directory("data directory", facts.data, "XDG_DATA_HOME"),
          Directory("cache directory", facts.cache, "XDG_CACHE_HOME")};
}

bool HasProblem(std::span<const Finding> findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.verdict == Verdict::kProblem; });
}

std::string DoctorText(std::span<const Finding> findings, bool colours) {
  std::string text;
  for (const Finding& finding : findings) {
    // Green, yellow, red.
    const int colour =
        finding.verdict == Verdict::kFine ? 32 : (finding.verdict == Verdict::kWarning ? 33 : 31);
    const std::string word = fmt::format("{:8}", VerdictName(finding.verdict));
    text += fmt::format("{}  {:15}  {}\n",
                        colours ? fmt::format("\x1b[{}m{}\x1b[0m", colour, word) : word,
                        finding.topic, finding.text);
    if (!finding.fix.empty()) text += fmt::format("{:10}fix: {}\n", "", finding.fix);
  }
  return text;
}

std::string DoctorJson(std::span<const Finding> findings) {
  nlohmann::ordered_json json;
  json["ok"] = !HasProblem(findings);
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    json["findings"].push_back({{"topic", finding.topic},
                                {"verdict", VerdictName(finding.verdict)},
                                {"text", finding.text},
                                {"fix", finding.fix}});
  }
  // Paths may hold any bytes.
  return base::JsonToText(json) + "\n";
}

}  // namespace wt::transcriber
