#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/vad/vad.h"

namespace wt::vad {
namespace {

// Durations in samples, so that comparisons are exact. Options are checked at submission; a value
// that is no number or negative counts as 0 here, a huge one as a day.
SampleIndex ToSamples(double seconds) {
  constexpr double kSecondsMax = 86'400;
  if (!(seconds > 0)) return 0;
  return std::llround(std::min(seconds, kSecondsMax) * kSampleRate);
}

// Rules 1-4: segments in multiples of a step, without padding.
std::vector<SpeechSpan> Segments(std::span<const float> probabilities, const VadOptions& options) {
  const SampleIndex min_speech = ToSamples(options.min_speech_s);
  const SampleIndex min_silence = ToSamples(options.min_silence_s);
  constexpr SampleIndex kNone = -1;
  std::vector<SpeechSpan> segments;
  SampleIndex start = kNone, pending_end = kNone, t = 0;
  const auto close = [&](SampleIndex end) {
    if (end - start >= min_speech) segments.push_back({start, end});
    start = pending_end = kNone;
  };
  for (const float probability : probabilities) {
    const auto p = static_cast<double>(probability);
    if (p >= options.onset) {
      pending_end = kNone;
      if (start == kNone) start = t;
    } else if (start != kNone && p < options.offset) {
      if (pending_end == kNone) pending_end = t;
      if (t - pending_end >= min_silence) close(pending_end);
    }
    t += kStepSamples;
  }
  if (start != kNone) close(t);
  return segments;
}

}  // namespace

std::vector<SpeechSpan> SpeechSpans(std::span<const float> probabilities, SampleIndex samples,
                                    const VadOptions& options) {
  std::vector<SpeechSpan> spans = Segments(probabilities, options);
  const SampleIndex padding = ToSamples(options.padding_s);
  for (SpeechSpan& span : spans) {
    span.begin = std::max<SampleIndex>(span.begin - padding, 0);
    span.end = std::min(span.end + padding, samples);
  }
  // Rule 5: neighbours that overlap meet in the middle of the overlap.
  for (std::size_t i = 1; i < spans.size(); ++i) {
    if (spans[i - 1].end <= spans[i].begin) continue;
    spans[i - 1].end = spans[i].begin = (spans[i - 1].end + spans[i].begin) / 2;
  }
  std::erase_if(spans, [](const SpeechSpan& span) { return span.begin >= span.end; });
  return spans;
}

}  // namespace wt::vad
