// Answers of POST /v1/audio/transcriptions and /translations in the shapes of the hosted API.
//
//   json          {"text", "logprobs"?, "usage"}
//   verbose_json  {"task", "language": "english", "duration", "text", "words"?, "segments"?,
//   "usage"} diarized_json {"task", "duration", "text", "segments": [{"type", "id", "start", "end",
//   "text", "speaker"}], "usage"}: speakers are A, B, ... and segments end where the speaker
//   changes; text srt vtt  plain text stream        events transcript.text.delta ..., then one
//   transcript.text.done
//
// Contract: the generated types of the official clients (a segment has ten keys, a word three).
// `language` is the English name in lower case, `language_code` the code. Words lose the
// punctuation around them here, and only here. Pure functions and values: thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::transcripts {

enum class OpenAiFormat : std::uint8_t { kJson, kText, kSrt, kVtt, kVerboseJson, kDiarizedJson };

/// kInvalidArgument with the list for an unknown one. kDiarizedJson needs a transcript with
/// speakers.
Result<OpenAiFormat> ParseOpenAiFormat(std::string_view name);

/// timestamp_granularities[]: with neither, segments.
struct Granularities {
  bool word = false;
  bool segment = false;
};
/// Adds one name; kInvalidArgument.
Status AddGranularity(std::string_view name, Granularities* granularities);

/// include[]: "logprobs" is there: json and streams have them when the transcript has them.
/// kInvalidArgument for anything else.
Status CheckInclude(std::string_view name);

struct OpenAiBody {
  std::string bytes;
  std::string content_type;
};
OpenAiBody RenderOpenAi(OpenAiFormat format, const Granularities& granularities,
                        const Transcript& transcript);

/// The events transcript.text.segment of a streamed diarized_json, which come when the speakers are
/// known: after the last delta.
std::vector<std::string> SpeakerEvents(const Transcript& transcript);

/// A word as the hosted API gives it: without white space and punctuation around it.
std::string BareWord(std::string_view word);

/// Data of the events of a streamed answer; what the deltas say joined is what the end says.
class OpenAiStream {
 public:
  /// The JSON of transcript.text.delta for a final segment; empty when it holds no text.
  std::string Delta(const Segment& segment);
  /// The JSON of transcript.text.done. `transcript` is the one whose segments were given.
  std::string Done(const Transcript& transcript);
  /// The JSON of an error in mid-stream, which makes the clients raise it.
  static std::string Error(std::string_view message, std::string_view type, std::string_view code);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  /// White space that is part of the text only if more text follows.
  std::string pending_space_;
};

}  // namespace wt::transcripts
