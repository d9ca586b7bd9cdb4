#include "engine/pipeline/window_plan.h"

#include <algorithm>

namespace wt::pipeline {
namespace {

// Pauses up to 3 s are common inside one person's speech; Whisper's training windows hold them.
constexpr SampleIndex kPauseMax = 3 * kSampleRate;
// The last third of a full window is searched for its longest pause: a cut between sentences costs
// fewer errors than one between words, and at most a third of a window.
constexpr SampleIndex kCutSearch = 10 * kSampleRate;

}  // namespace

std::optional<PlannedWindow> NextWindow(std::span<const vad::SpeechSpan> speech, SampleIndex from,
                                        SampleIndex limit) {
  std::size_t i = 0;
  while (i < speech.size() && speech[i].end <= from) ++i;
  if (i == speech.size() || speech[i].begin >= limit) return std::nullopt;
  PlannedWindow window;
  window.begin = std::max(speech[i].begin, from);
  const SampleIndex most = std::min(window.begin + kWindowSamples, limit);
  // Spans that fit as a whole.
  std::size_t last = i;
  for (std::size_t j = i; j < speech.size(); ++j) {
    if (std::min(speech[j].end, limit) > most) break;
    if (j > i && speech[j].begin - speech[j - 1].end > kPauseMax) break;
    last = j + 1;
  }
  if (last == i) {
    window.end = most;
    window.cut = most < limit;
    return window;
  }
  window.end = std::min(speech[last - 1].end, limit);
  const bool full = last < speech.size() && speech[last].begin < most;
  if (!full) return window;
  // The longest pause after a span that ends in the last third; the later one of equals.
  SampleIndex longest = -1;
  for (std::size_t j = last; j-- > i;) {
    if (most - speech[j].end > kCutSearch) break;
    const SampleIndex pause = speech[j + 1].begin - speech[j].end;
    if (pause > longest) {
      longest = pause;
      window.end = speech[j].end;
    }
  }
  return window;
}

SampleIndex SpeechWithin(std::span<const vad::SpeechSpan> speech, SampleIndex begin,
                         SampleIndex end) {
  SampleIndex total = 0;
  for (const vad::SpeechSpan& span : speech) {
    total += std::max<SampleIndex>(0, std::min(span.end, end) - std::max(span.begin, begin));
  }
  return total;
}

}  // namespace wt::pipeline
