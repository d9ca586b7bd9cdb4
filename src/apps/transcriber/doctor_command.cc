#include "apps/transcriber/doctor_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "apps/transcriber/options/arguments.h"
#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/help.h"
#include "apps/transcriber/version.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "media/helper/helper_path.h"
#include "platform/process.h"

namespace wt::transcriber {
namespace {

constexpr std::size_t kCheckOutputBytesMax = 64 * 1024;
constexpr std::chrono::seconds kCheckTimeMax{10};

DirectoryFacts ExamineDirectory(const std::string& path) {
  DirectoryFacts facts;
  facts.path = path;
  if (path.empty()) return facts;
  std::filesystem::path existing = path;
  std::error_code error;
  while (!std::filesystem::exists(existing, error) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  facts.writable = ::access(existing.c_str(), W_OK | X_OK) == 0;
  struct statvfs info{};
  if (::statvfs(existing.c_str(), &info) == 0) {
    facts.free_bytes =
        static_cast<std::int64_t>(info.f_bavail) * static_cast<std::int64_t>(info.f_frsize);
  }
  return facts;
}

struct CheckOutcome {
  int exit_code = 0;
  std::string output;
};

// Runs `transcriber-media sandbox-check`. Its output is small; a pipe holds it until it ends.
Result<CheckOutcome> RunSandboxCheck(const std::string& program) {
  WT_ASSIGN(platform::Pipe output, platform::MakePipe());
  const platform::FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  WT_ASSIGN(platform::ChildProcess child,
            platform::ChildProcess::Spawn({.program = program,
                                           .arguments = {"sandbox-check"},
                                           .standard_input = null.get(),
                                           .standard_output = output.write_end.get(),
                                           .standard_error = null.get()}));
  output.write_end.Reset();
  const auto end =
      child.WaitFor(std::chrono::duration_cast<std::chrono::milliseconds>(kCheckTimeMax));
  if (!end) return Status(StatusCode::kDeadlineExceeded, "sandbox-check did not end");
  if (end->signal != 0) return Status(StatusCode::kInternal, "sandbox-check crashed");
  CheckOutcome outcome{end->code, ""};
  std::array<char, 4096> buffer;
  while (outcome.output.size() < kCheckOutputBytesMax) {
    const ssize_t count = ::read(output.read_end.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    outcome.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return outcome;
}

// "seccomp: yes, landlock: no" from the check's JSON; its first line where it is none.
std::string DescribeCheck(const std::string& output) {
  const nlohmann::json json = base::JsonFromText(output);
  if (!json.is_object()) return output.substr(0, std::min<std::size_t>(output.find('\n'), 200));
  std::string text;
  for (const char* key : {"no_new_privileges", "seccomp", "landlock", "limits"}) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_boolean()) continue;
    text +=
        fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, found->get<bool>() ? "yes" : "no");
  }
  const auto attempts = json.find("attempts");
  if (attempts == json.end() || !attempts->is_object()) return text;
  for (const auto& [name, outcome] : attempts->items()) {
    if (outcome == "possible") text += fmt::format(", {} is possible", name);
  }
  return text;
}

void ExamineSandbox(const std::string& search_path, DoctorFacts* facts) {
  const Result<std::string> helper = media::FindHelper("", search_path);
  if (!helper.ok()) return;
  facts->media_helper = *helper;
  const Result<CheckOutcome> outcome = RunSandboxCheck(*helper);
  if (!outcome.ok()) {
    facts->sandbox_detail = outcome.status().message();
    return;
  }
  facts->sandbox_holds = outcome->exit_code == 0;
  facts->sandbox_detail = DescribeCheck(outcome->output);
  if (facts->sandbox_detail.empty()) {
    facts->sandbox_detail = *facts->sandbox_holds ? "holds" : "does not hold";
  }
}

}  // namespace

DoctorFacts GatherFacts(const Environment& environment, const Services& services) {
  DoctorFacts facts;
  facts.version = kVersion;
  facts.cpu = platform::DetectCpuFeatures();
  facts.usable_cpus = platform::UsableCpuCount();
  const Result<std::unique_ptr<Engine>> engine =
      services.create_engine({.threads = 1, .instruction_set = environment.instruction_set});
  if (engine.ok()) {
    facts.instruction_set = (*engine)->instruction_set();
  } else {
    facts.engine_error = engine.status().message();
  }
  facts.memory_bytes =
      static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  facts.model_directories = ModelDirectories(environment, "");
  const ModelShelves shelves = services.model_shelves(facts.model_directories);
  for (const auto& shelf : shelves.shelves) {
    for (const FoundModel& model : shelf->List()) facts.models.push_back({model.name, model.path});
  }
  facts.vad_path = ChooseVadWeights(shelves);
  ExamineSandbox(environment.search_path, &facts);
  facts.data = ExamineDirectory(environment.data_dir);
  facts.cache = ExamineDirectory(environment.cache_dir);
  return facts;
}

int RunDoctorCommand(std::span<const std::string_view> arguments, const Environment& environment,
                     const Services& services, Console* console) {
  const Result<Arguments> parsed = ParseArguments(JsonOnlyOptionSpecs(), arguments);
  if (!parsed.ok() || !parsed->operands.empty()) {
    PrintErrorMessage(*console,
                      parsed.ok() ? "doctor takes no operands" : parsed.status().message());
    return 2;
  }
  if (parsed->help) return console->Print(CommandHelp(*FindCommand("doctor"))).ok() ? 0 : 1;
  const bool json = !parsed->options.empty() && parsed->options.back().value.on;
  const std::vector<Finding> findings = Diagnose(GatherFacts(environment, services));
  const Status printed =
      console->Print(json ? DoctorJson(findings) : DoctorText(findings, console->output_colours()));
  return printed.ok() && !HasProblem(findings) ? 0 : 1;
}

}  // namespace wt::transcriber
