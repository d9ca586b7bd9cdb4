// Cues of subtitles: which words are shown together, when, and where lines break.
//
// ReferenceCues() follows openai-whisper 20250625 (utils.py, SubtitlesWriter.iterate_result) to the
// byte. BalancedCues() has rules of its own, see cues_balanced.cc. Both never invent times: without
// word times a segment is one cue. Where speakers are named, nobody shares a cue with another one.
// Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
  /// A segment of whoever says it: its speaker is the cue's.
  std::size_t segment = 0;
};

/// Who says a segment; empty: nobody was named.
inline std::string_view SpeakerOf(const std::vector<std::string>& speakers, std::size_t segment) {
  return segment < speakers.size() ? std::string_view(speakers[segment]) : std::string_view();
}

/// REQUIRES: options.rules is kReference. `speakers`: of each segment, by its index.
std::vector<Cue> ReferenceCues(const Transcript& transcript, const SubtitleOptions& options,
                               const std::vector<std::string>& speakers = {});
/// REQUIRES: options.rules is kBalanced.
std::vector<Cue> BalancedCues(const Transcript& transcript, const SubtitleOptions& options,
                              const std::vector<std::string>& speakers = {});

}  // namespace wt::formats
