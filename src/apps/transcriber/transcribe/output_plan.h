// Where results go: standard output or files named after the input.
//
// Rules (docs/formats/transcripts.md): one input without --output-dir goes to standard output, as
// text with times or in the one format chosen. --output, --output-dir, several inputs or several
// formats mean files; --jsonl alone means none. Pure but for looking at which files exist.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/transcriber/options/transcribe_options.h"
#include "formats/formats.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

struct PlannedOutput {
  formats::Format format = formats::Format::kTxt;
  std::string path;
};

struct OutputPlan {
  /// Lines of text with times are the result, or shown beside it.
  bool print_lines = false;
  /// The result in this format goes to standard output.
  std::optional<formats::Format> print_format;
  /// For each input, in order.
  std::vector<std::vector<PlannedOutput>> files;
  /// Directory to make; empty: none.
  std::string directory;
};

/// kInvalidArgument when two inputs would write one file, or an input would be overwritten.
Result<OutputPlan> PlanOutputs(const TranscribeArguments& arguments);

/// "talk" for "/a/talk.mp3", "stdin" for "-" (os.path.splitext of the reference).
std::string OutputStem(const std::string& input);

}  // namespace wt::transcriber
