#include "engine/pipeline/windows/speech_times.h"

#include <algorithm>
#include <cstddef>

namespace wt::pipeline {

SampleIndex SpeechWithin(std::span<const vad::SpeechSpan> speech, SampleIndex begin,
                         SampleIndex end) {
  SampleIndex total = 0;
  for (const vad::SpeechSpan& span : speech) {
    total += std::max<SampleIndex>(0, std::min(span.end, end) - std::max(span.begin, begin));
  }
  return total;
}

SampleIndex SpeechEnd(std::span<const vad::SpeechSpan> speech, SampleIndex limit) {
  SampleIndex end = 0;
  for (const vad::SpeechSpan& span : speech) {
    if (span.begin < limit) end = std::min(span.end, limit);
  }
  return end;
}

std::optional<SampleIndex> NearestPause(std::span<const vad::SpeechSpan> speech, SampleIndex at,
                                        SampleIndex reach) {
  std::optional<SampleIndex> nearest;
  SampleIndex distance = reach;
  for (std::size_t i = 0; i + 1 < speech.size() && speech[i].end <= at + distance; ++i) {
    const SampleIndex place = std::clamp(at, speech[i].end, speech[i + 1].begin);
    const SampleIndex away = std::max(place - at, at - place);
    if (away > distance) continue;
    nearest = place;
    distance = away;
  }
  return nearest;
}

void FitToSpeech(std::span<const vad::SpeechSpan> speech, Segment* segment) {
  double start = segment->end_s, end = segment->start_s;
  for (const vad::SpeechSpan& span : speech) {
    const double begin_s = static_cast<double>(span.begin) / kSampleRate;
    const double end_s = static_cast<double>(span.end) / kSampleRate;
    if (end_s <= segment->start_s || begin_s >= segment->end_s) continue;
    start = std::min(start, std::max(begin_s, segment->start_s));
    end = std::max(end, std::min(end_s, segment->end_s));
  }
  if (start >= end) return;
  segment->start_s = start;
  segment->end_s = end;
}

}  // namespace wt::pipeline
