#include "apps/transcriber/options/transcribe_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "apps/transcriber/options/arguments.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::transcriber {
namespace {

// options.h: DecodingOptions::temperatures.
constexpr std::size_t kTemperaturesMax = 16;
// An argument list of the shell ends far below; this bounds the memory of a hostile caller.
constexpr std::size_t kClipsMax = 10'000;
constexpr double kClipSecondsMax = 7.0 * 24 * 3600;

Status UsageError(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

Status CheckInputs(const TranscribeArguments& arguments) {
  if (arguments.inputs.empty()) {
    return UsageError("no input file; give one or more, or - for standard input");
  }
  if (std::count(arguments.inputs.begin(), arguments.inputs.end(), kStandardStream) > 1) {
    return UsageError("- (standard input) can be given only once");
  }
  const auto empty = std::find(arguments.inputs.begin(), arguments.inputs.end(), "");
  if (empty != arguments.inputs.end()) return UsageError("an input file has an empty name");
  return Status();
}

Status CheckOutputs(TranscribeArguments* arguments) {
  if (arguments->output.empty()) return Status();
  if (arguments->inputs.size() > 1) {
    return UsageError("--output takes one input file; use --output-dir for several");
  }
  if (!arguments->output_dir.empty()) {
    return UsageError("--output and --output-dir exclude each other");
  }
  if (arguments->formats.size() > 1) {
    return UsageError("--output takes one format; use --output-dir for several");
  }
  if (arguments->formats.empty()) {
    // The name's extension says the format, as a user who writes it means it.
    const std::size_t dot = arguments->output.rfind('.');
    if (dot == std::string::npos) return Status();
    const auto format = formats::ParseFormat(std::string_view(arguments->output).substr(dot + 1));
    if (format) arguments->formats = {*format};
  }
  return Status();
}

// transcribe.py, cli(): these need word times, and say so instead of doing nothing.
Status CheckCheckpoint(const TranscribeArguments& arguments) {
  if (arguments.checkpoint.empty()) return Status();
  if (arguments.inputs.size() > 1) {
    return UsageError("--checkpoint is for one recording; several have their own runs");
  }
  if (arguments.inputs.front() == kStandardStream) {
    return UsageError("--checkpoint needs a file: standard input cannot be read again");
  }
  return Status();
}

Status CheckSpeakers(TranscribeArguments* arguments) {
  const DiarizationOptions& speakers = arguments->request.diarization;
  if (!speakers.enabled) {
    if (speakers.Largest() == 0) return Status();
    return UsageError("--num-speakers, --min-speakers and --max-speakers need --diarize");
  }
  // Speakers are told by the times of words.
  arguments->request.words.word_timestamps = true;
  if (speakers.num_speakers > 0 && (speakers.min_speakers > 0 || speakers.max_speakers > 0)) {
    return UsageError("--num-speakers stands alone: leave out --min-speakers and --max-speakers");
  }
  if (speakers.max_speakers > 0 && speakers.min_speakers > speakers.max_speakers) {
    return UsageError("--min-speakers is above --max-speakers");
  }
  return Status();
}

Status CheckWordOptions(TranscribeArguments* arguments) {
  const formats::SubtitleOptions& subtitles = arguments->subtitles;
  const bool words = arguments->request.words.word_timestamps;
  const bool balanced = subtitles.rules == formats::LineRules::kBalanced;
  const auto needs_words = [](std::string_view name) {
    return UsageError(fmt::format("--{} needs --word-timestamps", name));
  };
  if (!words && subtitles.highlight_words) return needs_words("highlight-words");
  if (!words && arguments->request.words.hallucination_silence_threshold_s) {
    return needs_words("hallucination-silence-threshold");
  }
  if (!words && subtitles.max_words_per_line > 0) return needs_words("max-words-per-line");
  if (!words && !balanced && (subtitles.max_line_width > 0 || subtitles.max_line_count > 0)) {
    return UsageError(
        fmt::format("--{} needs --word-timestamps or --line-rules balanced",
                    subtitles.max_line_width > 0 ? "max-line-width" : "max-line-count"));
  }
  if (!balanced && subtitles.max_line_count > 0 && subtitles.max_line_width == 0) {
    arguments->warnings.push_back("--max-line-count has no effect without --max-line-width");
  }
  if (subtitles.max_words_per_line > 0 && subtitles.max_line_width > 0) {
    arguments->warnings.push_back("--max-words-per-line has no effect with --max-line-width");
  }
  return Status();
}

// What a server decides must not be asked for in vain.
Status CheckServer(const Arguments& parsed, const TranscribeArguments& arguments) {
  if (!arguments.server) {
    if (arguments.api_key_file.empty()) return Status();
    return UsageError("--api-key-file needs --server");
  }
  constexpr std::string_view kOfThisMachine[] = {"model-dir",    "vad-model", "device",
                                                 "compute-type", "threads",   "checkpoint"};
  for (const Occurrence& occurrence : parsed.options) {
    const std::string_view name = TranscribeOptionSpecs()[occurrence.option].name;
    if (std::find(std::begin(kOfThisMachine), std::end(kOfThisMachine), name) ==
        std::end(kOfThisMachine)) {
      continue;
    }
    return UsageError(fmt::format("--{} is about this machine; leave it out with --server", name));
  }
  return Status();
}

Status SetTemperatures(TranscribeArguments* arguments) {
  if (!arguments->temperature_list.empty()) {
    arguments->request.decoding.temperatures = arguments->temperature_list;
    return Status();
  }
  WT_ASSIGN(arguments->request.decoding.temperatures,
            TemperatureLadder(arguments->temperature, arguments->temperature_increment));
  return Status();
}

Status CheckVad(const VadOptions& vad) {
  if (vad.offset <= vad.onset) return Status();
  return UsageError(
      fmt::format("--vad-neg-threshold: {} is above --vad-threshold ({})", vad.offset, vad.onset));
}

}  // namespace

Result<TranscribeArguments> ParseTranscribeArguments(std::span<const std::string_view> arguments) {
  WT_ASSIGN(const Arguments parsed, ParseArguments(TranscribeOptionSpecs(), arguments));
  TranscribeArguments result;
  result.help = parsed.help;
  if (result.help) return result;
  for (const Occurrence& occurrence : parsed.options) {
    WT_TRY(ApplyTranscribeOption(occurrence.option, occurrence.value, &result));
  }
  result.inputs.assign(parsed.operands.begin(), parsed.operands.end());
  WT_TRY(CheckInputs(result));
  WT_TRY(CheckOutputs(&result));
  WT_TRY(CheckServer(parsed, result));
  WT_TRY(CheckCheckpoint(result));
  WT_TRY(CheckSpeakers(&result));
  WT_TRY(CheckWordOptions(&result));
  WT_TRY(SetTemperatures(&result));
  WT_TRY(CheckVad(result.request.vad));
  return result;
}

Result<std::vector<TimeRange>> ParseClips(std::string_view text) {
  std::vector<TimeRange> clips;
  bool at_start = true;
  for (const std::string_view part : SplitList(text, ',')) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seconds);
    if (error != std::errc() || end != part.data() + part.size() ||
        !(seconds >= 0 && seconds <= kClipSecondsMax)) {
      return UsageError(
          fmt::format("--clip-timestamps: \"{}\" is no time in seconds; give "
                      "start,end,start,end,...",
                      base::ReplaceInvalidUtf8(part.substr(0, 40))));
    }
    if (at_start) {
      clips.push_back({seconds, std::nullopt});
    } else if (seconds <= clips.back().start_s) {
      return UsageError(fmt::format("--clip-timestamps: a clip ends at {} s but starts at {} s",
                                    seconds, clips.back().start_s));
    } else {
      clips.back().end_s = seconds;
    }
    at_start = !at_start;
    if (clips.size() > kClipsMax) {
      return UsageError(fmt::format("--clip-timestamps: more than {} clips", kClipsMax));
    }
  }
  // The whole file is no clip.
  if (clips.size() == 1 && clips[0].start_s == 0 && !clips[0].end_s) clips.clear();
  return clips;
}

Result<std::vector<double>> TemperatureLadder(double first, std::optional<double> increment) {
  std::vector<double> temperatures = {first};
  if (!increment) return temperatures;
  for (int step = 1;; ++step) {
    // Six decimals keep 3 x 0.2 at 0.6; the slack on the bound is the reference's.
    const double next = std::round((first + step * *increment) * 1e6) / 1e6;
    if (next > 1.0 + 1e-6) return temperatures;
    if (temperatures.size() == kTemperaturesMax) {
      return UsageError(
          fmt::format("--temperature-increment-on-fallback: {} gives more than {} temperatures",
                      *increment, kTemperaturesMax));
    }
    temperatures.push_back(next);
  }
}

}  // namespace wt::transcriber
