// Where the windows of robust windowing begin and end.
//
// A window begins shortly before speech and ends in a pause, with some of the silence around, or
// after 30 s where speech goes on. It
// holds at most 30 s and no pause longer than kPauseMax: long silence inside a window is where the
// model invents text and where segment times drift. Pure functions: thread-safe.
#pragma once

#include <optional>
#include <span>

#include "engine/vad/vad.h"

namespace wt::pipeline {

inline constexpr SampleIndex kWindowSamples = 30 * kSampleRate;
/// A rest shorter than this is never decoded alone (1.5 s): the model repeats the text before it.
inline constexpr SampleIndex kRestMin = kSampleRate * 3 / 2;

struct PlannedWindow {
  SampleIndex begin = 0;
  SampleIndex end = 0;
  /// Ends in the middle of speech because the pauses are too far apart.
  bool cut = false;

  bool operator==(const PlannedWindow&) const = default;
};

/// The window over the first speech at or after `from`, inside [from, limit). The silence that it
/// takes in before the speech may reach back to `lead_from` (at most `from`): audio that the window
/// before has not accounted for.
std::optional<PlannedWindow> NextWindow(std::span<const vad::SpeechSpan> speech, SampleIndex from,
                                        SampleIndex limit, SampleIndex lead_from);
inline std::optional<PlannedWindow> NextWindow(std::span<const vad::SpeechSpan> speech,
                                               SampleIndex from, SampleIndex limit) {
  return NextWindow(speech, from, limit, from);
}

/// The window that probably follows `plan` but the ones that nobody can tell yet: where a window
/// ends in a pause, the next one; where it is cut in the middle of speech, so that the model's last
/// timestamp decides, the first one after the next long pause.
std::optional<PlannedWindow> NextSureWindow(std::span<const vad::SpeechSpan> speech,
                                            const PlannedWindow& plan, SampleIndex limit);

}  // namespace wt::pipeline
