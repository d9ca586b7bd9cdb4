#include "engine/pipeline/windows/window_plan.h"

#include <algorithm>

#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

// Pauses up to 3 s are common inside one person's speech; Whisper's training windows hold them.
constexpr SampleIndex kPauseMax = 3 * kSampleRate;
// Where to end a window in which speech goes on (ADR 6, rule 10). Between padded spans, so 0.65 s
// of silence: shorter pauses stand between words as often as between sentences.
constexpr SampleIndex kCutPauseMin = kSampleRate / 4;
// 1 s of silence: longer pauses are no better, and a later one leaves less for the next window.
constexpr SampleIndex kCutPauseEnough = kSampleRate * 3 / 5;
// The last seconds of a full window are searched for their best pause, then the last third for any.
constexpr SampleIndex kCutSearch = 4 * kSampleRate;
constexpr SampleIndex kCutSearchMax = 10 * kSampleRate;
// Silence taken in around a window's speech, as far as there is some: soft first and last sounds
// lie outside the detector's spans. As much as a pause inside a window, so that a recording of 30 s
// without a long pause is one window with exactly the reference's input.
constexpr SampleIndex kLead = kPauseMax;
constexpr SampleIndex kTrail = kPauseMax;

// Where to end a window that holds the whole spans [first, last): after the span before the longest
// pause of its last seconds, the later one of equals; without one, before the last pause of its
// last third. `first` when no pause is long enough.
std::size_t BestCut(std::span<const vad::SpeechSpan> speech, std::size_t first, std::size_t last,
                    SampleIndex most) {
  SampleIndex longest = kCutPauseMin;
  std::size_t cut = first;
  for (std::size_t j = last; j-- > first;) {
    if (most - speech[j].end > (cut == first ? kCutSearchMax : kCutSearch)) break;
    const SampleIndex pause = std::min(speech[j + 1].begin - speech[j].end, kCutPauseEnough);
    if (pause > longest) {
      longest = pause;
      cut = j + 1;
    }
  }
  return cut;
}

// Widens the window into the silence around it: not before `from` (all speech between is in the
// window), not into the next span.
void Widen(std::span<const vad::SpeechSpan> speech, SampleIndex from, SampleIndex limit,
           PlannedWindow* window) {
  const auto next = std::find_if(speech.begin(), speech.end(),
                                 [&](const auto& span) { return span.begin >= window->end; });
  const SampleIndex silence_end = next == speech.end() ? limit : std::min(next->begin, limit);
  window->begin = std::max(from, window->begin - kLead);
  window->end = std::min({silence_end, window->end + kTrail, window->begin + kWindowSamples});
}

}  // namespace

std::optional<PlannedWindow> NextWindow(std::span<const vad::SpeechSpan> speech, SampleIndex from,
                                        SampleIndex limit, SampleIndex lead_from) {
  std::size_t i = 0;
  while (i < speech.size() && speech[i].end <= from) ++i;
  if (i == speech.size() || speech[i].begin >= limit) return std::nullopt;
  PlannedWindow window;
  window.begin = std::max(speech[i].begin, from);
  // The lead takes its share of the 30 s.
  const SampleIndex lead = std::min(kLead, window.begin - lead_from);
  const SampleIndex most = std::min(window.begin - lead + kWindowSamples, limit);
  // Spans that fit as a whole, up to the first long pause.
  std::size_t last = i;
  bool long_pause = false;
  for (std::size_t j = i; j < speech.size() && !long_pause; ++j) {
    if (std::min(speech[j].end, limit) > most) break;
    last = j + 1;
    long_pause = last < speech.size() && speech[last].begin - speech[j].end > kPauseMax;
  }
  const bool more = last < speech.size() && speech[last].begin < most && !long_pause;
  if (last == i || more) {
    // Speech goes on at 30 s.
    const std::size_t end = last == i ? last : BestCut(speech, i, last, most);
    if (end == i) {
      window.begin -= lead;
      window.end = most;
      window.cut = true;
      return window;
    }
    last = end;
  }
  window.end = std::min(speech[last - 1].end, limit);
  Widen(speech, lead_from, limit, &window);
  return window;
}

std::optional<PlannedWindow> NextSureWindow(std::span<const vad::SpeechSpan> speech,
                                            const PlannedWindow& plan, SampleIndex limit) {
  if (!plan.cut) {
    const SampleIndex spoken = SpeechEnd(speech, plan.end);
    return NextWindow(speech, plan.end, limit, std::max(spoken, plan.begin));
  }
  std::size_t i = 0;
  while (i < speech.size() && speech[i].end < plan.end) ++i;
  while (i + 1 < speech.size() && speech[i + 1].begin - speech[i].end <= kPauseMax) ++i;
  if (i + 1 >= speech.size()) return std::nullopt;
  return NextWindow(speech, speech[i].end, limit);
}

}  // namespace wt::pipeline
