// The options of a transcription as text: JSON of a job, fields of a form.
//
//   {"model": "small", "language": "de", "word_timestamps": true, "beam_size": 5}
//
// One table names every option with its kind and range; all surfaces and the stored options_json of
// a job use it, so an option means the same everywhere. What is not in the table, of another kind
// or out of range is kInvalidArgument with the field's name. Names are those of the command line
// with '_' for '-'. Values and pure functions: thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

/// JSON of options has prompts of at most 64 KiB each and a few lists.
inline constexpr std::size_t kOptionsJsonBytesMax = 1 << 20;

struct RequestOptions {
  /// As the client wrote it; empty: the default model. ModelRegistry::Resolve() gives the real
  /// one.
  std::string model;
  TranscriptionRequest request;
  /// Index among the audio tracks; -1: the best one (media/open_audio.h).
  int track = -1;
  /// Index of the one channel to hear; -1: all, mixed down.
  int channel = -1;
};

/// An object of options over the product's defaults. Empty text is no options.
Result<RequestOptions> ParseRequestOptions(std::string_view json);

/// The options that differ from the defaults, in the order of the table: what ParseRequestOptions
/// turns into the same value.
std::string WriteRequestOptions(const RequestOptions& options);

/// Sets one option from the text of a form field or query: booleans are true/1/yes/on and
/// false/0/no/off, lists have commas. kInvalidArgument with the name.
Status SetOption(std::string_view name, std::string_view text, RequestOptions* options);

/// For one name of a JSON object whose other members are not options.
Status SetOptionJson(std::string_view name, std::string_view json_value, RequestOptions* options);

/// What only holds between options (called by ParseRequestOptions; call it after SetOption).
Status CheckOptions(const RequestOptions& options);

bool IsOption(std::string_view name);

/// For documentation and descriptions of the interface.
struct OptionDescription {
  std::string_view name;
  /// "boolean", "integer", "number", "string", "numbers", "integers", "strings", "ranges".
  std::string_view kind;
  /// Of numbers; both 0 where there is no range.
  double minimum = 0;
  double maximum = 0;
  std::string_view help;
};
std::vector<OptionDescription> DescribeOptions();

/// The code for "de", "de-AT", "German"; empty for "" and "auto". kInvalidArgument.
Result<std::string> NormaliseLanguage(std::string_view text);

}  // namespace wt::worker
