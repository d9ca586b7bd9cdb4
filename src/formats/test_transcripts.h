// Transcripts for the tests of this folder.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "whisper_transcriber/transcript.h"

namespace wt::formats {

inline Segment MakeSegment(int id, double start_s, double end_s, std::string text) {
  Segment segment;
  segment.id = id;
  segment.start_s = start_s;
  segment.end_s = end_s;
  segment.text = std::move(text);
  return segment;
}

/// A segment whose words lie back to back, `step_s` each, from `start_s`.
inline Segment MakeWordSegment(int id, double start_s, double step_s,
                               const std::vector<std::string>& words) {
  Segment segment = MakeSegment(id, start_s, start_s, "");
  segment.words.emplace();
  for (const std::string& word : words) {
    segment.words->push_back({word, segment.end_s, segment.end_s + step_s, 0.9});
    segment.end_s += step_s;
    segment.text += word;
  }
  return segment;
}

/// Two plain segments, the second beyond an hour.
inline Transcript TwoSegments() {
  Transcript transcript;
  transcript.text = " Hello, world. And \"more\".";
  transcript.language = "en";
  transcript.language_probability = 0.98765432;
  transcript.duration_s = 3670;
  transcript.speech_s = 9.5;
  transcript.model = "base";
  transcript.segments = {MakeSegment(0, 0, 7.6, " Hello, world."),
                         MakeSegment(1, 3661.0005, 3665.25, " And \"more\".")};
  return transcript;
}

/// Twelve words in two segments with a long pause between them.
inline Transcript TwelveWords() {
  Transcript transcript;
  transcript.segments = {
      MakeWordSegment(0, 0.5, 0.25, {" The", " quick", " brown", " fox", " jumps,", " over"}),
      MakeWordSegment(1, 6.0, 0.5, {" the", " lazy", " dog", " again", " and", " again."})};
  return transcript;
}

}  // namespace wt::formats
