#include "apps/transcriber/options/commands.h"

#include <algorithm>
#include <array>

#include "apps/transcriber/options/service_options.h"
#include "apps/transcriber/options/transcribe_options.h"

namespace wt::transcriber {
namespace {

constexpr auto kJsonOnly = std::to_array<OptionSpec>(
    {{.name = "json", .default_text = "False", .help = "Print JSON.", .group = "Output"}});

constexpr auto kBench = std::to_array<OptionSpec>(
    {{.name = "model",
      .short_name = 'm',
      .kind = ValueKind::kText,
      .value_name = "NAME",
      .help = "A name, or a path to weights.",
      .group = "What"},
     {.name = "compute-type",
      .kind = ValueKind::kChoice,
      .choices = "auto float32 bfloat16 int8 int8_bfloat16",
      .default_text = "auto",
      .help = "Numbers to compute with.",
      .group = "What"},
     {.name = "threads",
      .kind = ValueKind::kInteger,
      .value_name = "N",
      .minimum = 0,
      .maximum = 256,
      .default_text = "0",
      .help = "Compute threads. 0: as many as there are.",
      .group = "What"},
     {.name = "json", .default_text = "False", .help = "Print JSON.", .group = "Output"}});

constexpr auto kTranscribeExamples = std::to_array<ExampleText>({
    {"transcriber transcribe talk.mp3", "print the text with times as it appears"},
    {"transcriber transcribe talk.mp4 -f srt > talk.srt", "subtitles on standard output"},
    {"transcriber transcribe *.wav -o out -f json,txt", "two files for each recording"},
    {"transcriber transcribe talk.mp3 --language German --task translate", "into English"},
    {"ffmpeg -i URL -f wav - | transcriber transcribe -", "from standard input"},
    {"transcriber transcribe --server https://speech.example:8001 *.mp3", "on another machine"},
});

constexpr auto kServeExamples = std::to_array<ExampleText>({
    {"transcriber serve --single-user", "for yourself, without accounts"},
    {"transcriber serve --host 0.0.0.0 --port 8080", "for others on the network"},
    {"transcriber config check", "what is wrong with the settings"},
});

constexpr auto kModelsExamples = std::to_array<ExampleText>({
    {"transcriber models list", "what is installed and what can be had"},
    {"transcriber models pull base", "fetch a model"},
});

const std::array<CommandSpec, 11> kCommands = {{
    {.name = "transcribe",
     .summary = "Turn recordings into text.",
     .synopsis = "[OPTION]... FILE...",
     .description =
         "Writes down what is said in each FILE (- is standard input). One file without "
         "--output-dir goes to standard output in the chosen format, or as text with times as it "
         "appears. Several files, or --output-dir, write files named after the input. With "
         "--server "
         "the recordings are sent to a server, which keeps them and their transcripts; Ctrl-C "
         "cancels what it has not finished.",
     .options = TranscribeOptionSpecs(),
     .verbs = {},
     .takes_files = true,
     .examples = kTranscribeExamples},
    {.name = "models",
     .summary = "List, fetch, check, convert and remove models.",
     .synopsis = "list|pull|import|verify|convert|remove [ARGUMENT]...",
     .description = "Manages the models in the data directory. Every verb has --help.",
     .options = {},
     .verbs = "list pull import verify convert remove",
     .takes_files = true,
     .examples = kModelsExamples},
    {.name = "doctor",
     .summary = "Say what was found on this machine and how to fix what is missing.",
     .synopsis = "[--json]",
     .description = "Checks the processor, models, voice activity weights, the sandbox of the "
                    "media helper and the directories. Exit status 1 when something must be "
                    "fixed.",
     .options = kJsonOnly,
     .verbs = {},
     .takes_files = false,
     .examples = {}},
    {.name = "bench",
     .summary = "Measure the engine on this machine, beside the machine's own limits.",
     .synopsis = "[OPTION]... [FILE]",
     .description = "Measures what the processor and its memory can do, then the encoder and "
                    "decoder steps of a model as shares of it, and transcribes FILE (by default "
                    "a sample of 34 seconds). Takes some seconds; let nothing else run meanwhile.",
     .options = kBench,
     .verbs = {},
     .takes_files = true,
     .examples = {}},
    {.name = "serve",
     .summary = "Serve the interface and the web application, and work on jobs.",
     .synopsis = "[OPTION]...",
     .description =
         "Starts without any configuration on http://127.0.0.1:8001. Every setting and its "
         "default: transcriber config print. SIGTERM and Ctrl-C stop it when work in progress "
         "has "
         "had SHUTDOWN_GRACE_SECONDS; a second one ends it at once. SIGHUP reads TLS "
         "certificates "
         "and opens log files again.",
     .options = ServeOptionSpecs(),
     .verbs = {},
     .takes_files = false,
     .examples = kServeExamples},
    {.name = "worker",
     .summary = "Work on the jobs of a data directory, beside a server.",
     .synopsis = "[OPTION]...",
     .description = "Takes jobs from the database that a server on the same data directory fills. "
                    "Several may run. Signals as for serve.",
     .options = WorkerOptionSpecs(),
     .verbs = {},
     .takes_files = false,
     .examples = {}},
    {.name = "config",
     .summary = "Print or check the settings of the service.",
     .synopsis = "print|check|template|reference [OPTION]...",
     .description = "print: every setting and where it comes from; secrets are not shown. check: "
                    "what is wrong, with exit status 1 when a service would not start. template: "
                    "an env file with every variable. reference: the tables of the manual.",
     .options = ConfigOptionSpecs(),
     .verbs = "print check template reference",
     .takes_files = false,
     .examples = {}},
    {.name = "migrate",
     .summary = "Bring the database to this version, or say which one it has.",
     .synopsis = "up|down NUMBER|status [OPTION]...",
     .description = "up: applies the steps that are missing; a service does it at its start unless "
                    "AUTO_MIGRATE is false. status: which steps are applied, with exit status 1 "
                    "when the database does not fit this program. down: undoes the steps after "
                    "NUMBER; what they stored is lost. No service may run meanwhile.",
     .options = MigrateOptionSpecs(),
     .verbs = "up down status",
     .takes_files = false,
     .examples = {}},
    {.name = "completions",
     .summary = "Print completions for a shell.",
     .synopsis = "bash|zsh|fish",
     .description = "bash: source <(transcriber completions bash). zsh: put the output into a "
                    "file _transcriber in a directory of $fpath. fish: transcriber completions "
                    "fish | source.",
     .options = {},
     .verbs = "bash zsh fish",
     .takes_files = false,
     .examples = {}},
    {.name = "version",
     .summary = "Print the version.",
     .synopsis = "[--json]",
     .description = {},
     .options = kJsonOnly,
     .verbs = {},
     .takes_files = false,
     .examples = {}},
    {.name = "help",
     .summary = "Explain a command.",
     .synopsis = "[COMMAND]",
     .description = {},
     .options = {},
     .verbs = "transcribe serve worker models doctor bench config migrate completions version",
     .takes_files = false,
     .examples = {}},
}};

}  // namespace

std::span<const OptionSpec> JsonOnlyOptionSpecs() { return kJsonOnly; }
std::span<const OptionSpec> BenchOptionSpecs() { return kBench; }

std::span<const CommandSpec> Commands() { return kCommands; }

const CommandSpec* FindCommand(std::string_view name) {
  const std::span<const CommandSpec> commands = Commands();
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [name](const CommandSpec& spec) { return spec.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace wt::transcriber
