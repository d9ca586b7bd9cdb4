// Transcripts as JSON: the fields of openai-whisper's result, then what this program adds.
//
//   {"text", "segments": [{"id", "seek", "start", "end", "text", "tokens", "temperature",
//   "avg_logprob", "compression_ratio", "no_speech_prob", "words": [{"word", "start", "end",
//   "probability"}]}], "language", "language_probability", "language_candidates", "duration",
//   "speech_duration", "model", "compute_type", "task", "windowing", "vad", "dropped": [{"start",
//   "end", "reason", "text"}]}
//
// UTF-8 (not escaped to ASCII), one line. Times are seconds with at most 3 decimals, other numbers
// have at most 6; a value that is not finite is null. `words` is there when words were asked for.
// Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::formats {

/// `speakers`, by the index of the segment, become its "speaker"; an empty list: the
/// transcript's own are written; an empty name: none is.
std::string WriteJson(const Transcript& transcript, const std::vector<std::string>& speakers = {});

/// The same with "file" and "elapsed" (seconds) in front: a line of --jsonl, no newline.
std::string WriteJsonLine(std::string_view file, double elapsed_s, const Transcript& transcript);

/// {"file", "error": {"code", "message"}}. REQUIRES: !error.ok().
std::string WriteJsonErrorLine(std::string_view file, const Status& error);

}  // namespace wt::formats
