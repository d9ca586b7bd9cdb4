#include "apps/transcriber/transcribe/transcribe_command.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "apps/transcriber/interrupt.h"
#include "apps/transcriber/options/help.h"
#include "apps/transcriber/remote/remote_options.h"
#include "apps/transcriber/remote/remote_recogniser.h"
#include "apps/transcriber/transcribe/engine_recogniser.h"
#include "apps/transcriber/transcribe/output_file.h"
#include "apps/transcriber/transcribe/transcribe_run.h"
#include "base/status_macros.h"
#include "platform/file.h"

namespace wt::transcriber {
namespace {

// Enough to keep shared batches full; more only costs memory.
constexpr std::size_t kFilesInFlightDefault = 4;

int FilesInFlight(const TranscribeArguments& arguments) {
  if (arguments.files_in_flight > 0) return arguments.files_in_flight;
  return static_cast<int>(std::min(arguments.inputs.size(), kFilesInFlightDefault));
}

Status CheckInput(const std::string& input) {
  if (input == kStandardStream) return Status();
  struct stat info{};
  if (::stat(input.c_str(), &info) != 0) return platform::ErrnoStatus(errno, input);
  if (S_ISDIR(info.st_mode)) {
    return Status(StatusCode::kInvalidArgument,
                  input + ": is a directory; give the files in it, such as " + input + "/*.wav");
  }
  return Status();
}

// What can be known before a model is loaded and hours are spent.
std::vector<Status> Precheck(const TranscribeArguments& arguments, const OutputPlan& plan) {
  std::vector<Status> checks;
  const Existing existing = arguments.overwrite ? Existing::kReplace : Existing::kKeep;
  for (std::size_t i = 0; i < arguments.inputs.size(); ++i) {
    Status status = CheckInput(arguments.inputs[i]);
    for (const PlannedOutput& output : plan.files[i]) {
      if (status.ok()) status = CheckOutputFile(output.path, existing);
    }
    if (status.ok() && !arguments.checkpoint.empty()) {
      status = CheckOutputFile(arguments.checkpoint, Existing::kReplace);
    }
    checks.push_back(std::move(status));
  }
  return checks;
}

bool AnyGood(const std::vector<Status>& prechecks) {
  return std::any_of(prechecks.begin(), prechecks.end(),
                     [](const Status& status) { return status.ok(); });
}

class TranscribeCommand {
 public:
  TranscribeCommand(const Environment& environment, const Services& services, Console* console)
      : environment_(environment), services_(services), console_(*console) {}

  int Run(std::span<const std::string_view> texts) {
    Result<TranscribeArguments> parsed = ParseTranscribeArguments(texts);
    if (!parsed.ok()) return Fail(kExitUsage, parsed.status(), Hint::kHelp);
    arguments_ = std::move(*parsed);
    if (arguments_.help) {
      const Status printed = console_.Print(CommandHelp(*FindCommand("transcribe")));
      return printed.ok() ? kExitDone : kExitFailed;
    }
    Result<OutputPlan> plan = PlanOutputs(arguments_);
    if (!plan.ok()) return Fail(kExitUsage, plan.status());
    for (const std::string& warning : arguments_.warnings) Warn(warning);
    return arguments_.server ? RunRemotely(*plan) : RunPlan(*plan);
  }

 private:
  enum class Hint { kNone, kHelp };

  int Fail(int exit_status, const Status& status, Hint hint = Hint::kNone) {
    PrintErrorMessage(console_, status.message());
    if (hint == Hint::kHelp) {
      console_.PrintError("See: transcriber transcribe --help\n");
    }
    return exit_status;
  }

  void Warn(const std::string& warning) {
    console_.PrintError("warning: " + ForTerminal(warning) + "\n");
  }

  int RunPlan(const OutputPlan& plan) {
    const ModelShelves shelves =
        services_.model_shelves(ModelDirectories(environment_, arguments_.model_dir));
    const std::string& wanted =
        arguments_.model.empty() ? environment_.default_model : arguments_.model;
    const Result<FoundModel> model = ChooseModel(shelves, wanted);
    if (!model.ok()) return Fail(kExitModelMissing, model.status());
    const std::string vad =
        arguments_.vad_model.empty() ? ChooseVadWeights(shelves) : arguments_.vad_model;
    if (arguments_.request.diarization.enabled) {
      const Result<std::string> speakers = ChooseSpeakerModel(shelves);
      if (!speakers.ok()) return Fail(kExitModelMissing, speakers.status());
      speaker_dir_ = *speakers;
    }
    if (const Status made = MakeDirectory(plan); !made.ok()) return Fail(kExitFailed, made);
    return RunFiles(plan, *model, vad);
  }

  static Status MakeDirectory(const OutputPlan& plan) {
    return plan.directory.empty() ? Status() : platform::EnsureDirectory(plan.directory);
  }

  RunInputs MakeInputs(const OutputPlan& plan, const std::vector<Status>& prechecks) {
    RunInputs inputs;
    inputs.arguments = &arguments_;
    inputs.plan = &plan;
    inputs.prechecks = &prechecks;
    inputs.console = &console_;
    inputs.files_in_flight = FilesInFlight(arguments_);
    return inputs;
  }

  int RunRemotely(const OutputPlan& plan) {
    const Result<std::string> url = NormaliseServerUrl(*arguments_.server);
    if (!url.ok()) return Fail(kExitUsage, url.status(), Hint::kHelp);
    const Result<std::string> key = FindApiKey(arguments_, environment_);
    if (!key.ok()) return Fail(kExitUsage, key.status());
    if (IsReadableOnTheWay(*url)) {
      Warn("the recordings" + std::string(key->empty() ? "" : " and the API key") +
           " can be read on their way to " + *url + "; use https where others share the network");
    }
    if (const Status made = MakeDirectory(plan); !made.ok()) return Fail(kExitFailed, made);
    const std::vector<Status> prechecks = Precheck(arguments_, plan);
    TranscribeRun run(MakeInputs(plan, prechecks));
    if (!AnyGood(prechecks)) return ExitStatus(run.ReportPrechecks(), false);
    ServerLink link({.url = *url, .key = *key});
    RemoteRecogniser recogniser(arguments_, &link);
    const InterruptGuard guard([&run] { run.Cancel(); }, kRemoteGraceMs);
    const RunResult result = run.Run(&recogniser);
    const int status = ExitStatus(result, guard.interrupted());
    return status == kExitFailed && recogniser.model_missing() ? kExitModelMissing : status;
  }

  int RunFiles(const OutputPlan& plan, const FoundModel& model, const std::string& vad) {
    const std::vector<Status> prechecks = Precheck(arguments_, plan);
    const RunInputs inputs = MakeInputs(plan, prechecks);
    TranscribeRun run(inputs);
    if (!AnyGood(prechecks)) return ExitStatus(run.ReportPrechecks(), false);

    const InterruptGuard guard([&run] { run.Cancel(); });
    Result<std::unique_ptr<Engine>> engine =
        services_.create_engine({.threads = arguments_.threads,
                                 .instruction_set = environment_.instruction_set,
                                 .tasks_in_flight_max = inputs.files_in_flight,
                                 .working_memory_max_bytes = 0});
    if (!engine.ok()) return Fail(kExitUsage, engine.status());
    const Result<std::shared_ptr<const Model>> loaded = LoadModel(engine->get(), model, vad);
    if (guard.interrupted()) return kExitInterrupted;
    if (!loaded.ok()) {
      const bool missing = loaded.status().code() == StatusCode::kNotFound;
      return Fail(missing ? kExitModelMissing : kExitFailed, loaded.status());
    }
    AdaptToModel((*loaded)->info());
    ExplainHeldLines(plan);
    EngineRecogniser recogniser(arguments_, services_, engine->get(), *loaded);
    const RunResult result = run.Run(&recogniser);
    if (result.failed == 0 && result.print_error.ok()) recogniser.ForgetCheckpoint();
    return ExitStatus(result, guard.interrupted());
  }

  // Whoever watches would wonder why no text appears.
  void ExplainHeldLines(const OutputPlan& plan) {
    const bool held = plan.print_lines && arguments_.request.diarization.enabled;
    if (!held || !arguments_.verbose || !console_.error_is_terminal()) return;
    console_.PrintError(
        "note: lines appear when a recording is done, because speakers are told apart over all of "
        "it\n");
  }

  Result<std::shared_ptr<const Model>> LoadModel(Engine* engine, const FoundModel& model,
                                                 const std::string& vad) const {
    return engine->LoadModel({.path = model.path,
                              .name = model.name,
                              .compute_type = arguments_.compute_type,
                              .cache_dir = environment_.cache_dir,
                              .vad_path = vad,
                              .speaker_dir = speaker_dir_});
  }

  // transcribe.py, cli(): an English-only model is used for English, with a warning.
  void AdaptToModel(const ModelInfo& info) {
    std::string& language = arguments_.request.language.language;
    if (info.multilingual || language.empty() || language == "en") return;
    Warn(fmt::format("{} is an English-only model; using English instead of {}", info.name,
                     language));
    language = "en";
  }

  int ExitStatus(const RunResult& result, bool interrupted) {
    if (interrupted) return kExitInterrupted;
    if (result.print_error.code() == StatusCode::kAborted) return kExitPipeClosed;
    if (!result.print_error.ok()) return Fail(kExitFailed, result.print_error);
    if (result.failed == 0) return kExitDone;
    if (arguments_.inputs.size() > 1) {
      console_.PrintError(
          fmt::format("{} of {} files failed\n", result.failed, arguments_.inputs.size()));
    }
    return kExitFailed;
  }

  const Environment& environment_;
  const Services& services_;
  Console& console_;
  TranscribeArguments arguments_;
  /// Empty where speakers are not asked for.
  std::string speaker_dir_;
};

}  // namespace

int RunTranscribeCommand(std::span<const std::string_view> arguments,
                         const Environment& environment, const Services& services,
                         Console* console) {
  return TranscribeCommand(environment, services, console).Run(arguments);
}

}  // namespace wt::transcriber
