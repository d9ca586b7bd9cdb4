// The command line of `transcriber transcribe`, from text to a checked request.
//
// One table (transcribe_table.cc) holds every option with its help, range and effect. Defaults are
// those of whisper_transcriber/options.h. Names are openai-whisper's and faster-whisper's. Values:
// thread-compatible; functions are pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/transcriber/options/option_spec.h"
#include "formats/formats.h"
#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// Standard input as an operand, standard output as --output.
inline constexpr std::string_view kStandardStream = "-";

struct TranscribeArguments {
  /// Files in the order given; "-" is standard input, at most once.
  std::vector<std::string> inputs;

  // Model and machine.
  /// Name or path; empty: DEFAULT_MODEL or the best that is installed.
  std::string model;
  std::string model_dir;
  /// File of the voice activity network; empty: looked up beside the models.
  std::string vad_model;
  ComputeType compute_type = ComputeType::kAuto;
  /// 0: as many as this process may use.
  int threads = 0;
  /// Files worked on at the same time; 0: chosen by their number.
  int files_in_flight = 0;

  // Server.
  /// Address as it was given; unset: this machine transcribes.
  std::optional<std::string> server;
  std::string api_key_file;

  // Input.
  /// From 0; -1: the default one.
  int track = -1;
  /// From 0; -1: all, mixed down.
  int channel = -1;

  // Output.
  /// Empty: text with times on standard output, or TXT where files are written.
  std::vector<formats::Format> formats;
  std::string output_dir;
  std::string output;
  bool overwrite = false;
  /// File that keeps where the recording stands; empty: none.
  std::string checkpoint;
  bool jsonl = false;
  bool verbose = true;
  bool progress = true;
  formats::SubtitleOptions subtitles;

  /// What to decode and how; the language as a code.
  TranscriptionRequest request;
  /// --language was given, also as auto.
  bool language_named = false;
  double temperature = 0;
  /// Set when --temperature was a list.
  std::vector<double> temperature_list;
  std::optional<double> temperature_increment = 0.2;

  /// --help: nothing else was read.
  bool help = false;
  /// For the user, in the order of their cause; not errors.
  std::vector<std::string> warnings;
};

/// The options in the order of help. Static.
std::span<const OptionSpec> TranscribeOptionSpecs();

/// Sets what row `option` of the table says. REQUIRES: `value` passed ParseValue() for that row.
Status ApplyTranscribeOption(std::size_t option, const OptionValue& value,
                             TranscribeArguments* arguments);

/// kInvalidArgument names the option, its range, or what it conflicts with.
Result<TranscribeArguments> ParseTranscribeArguments(std::span<const std::string_view> arguments);

/// "0,10,20" as [0, 10] and [20, end]; "0" is all of the audio (transcribe.py, clip_timestamps).
Result<std::vector<TimeRange>> ParseClips(std::string_view text);

/// The temperatures to try: `first` and on by `increment` up to 1 (transcribe.py, cli()).
Result<std::vector<double>> TemperatureLadder(double first, std::optional<double> increment);

}  // namespace wt::transcriber
