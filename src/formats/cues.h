// Cues of subtitles: which words are shown together, when, and where lines break.
//
// ReferenceCues() follows openai-whisper 20250625 (utils.py, SubtitlesWriter.iterate_result) to the
// byte. BalancedCues() has rules of its own, see cues_balanced.cc. Both never invent times: without
// word times a segment is one cue. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/formats.h"

namespace wt::formats {

/// A word of a cue; `text` begins with a line feed where a line begins (but for the first).
struct CueWord {
  std::string text;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
};

struct Cue {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  /// One word that holds all the text where there are no word times.
  std::vector<CueWord> words;
  bool has_word_times = false;
};

/// REQUIRES: options.rules is kReference.
std::vector<Cue> ReferenceCues(const Transcript& transcript, const SubtitleOptions& options);
/// REQUIRES: options.rules is kBalanced.
std::vector<Cue> BalancedCues(const Transcript& transcript, const SubtitleOptions& options);

}  // namespace wt::formats
