#include "engine/pipeline/windows/cut_end.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

// The last third of a window, as where a pause is searched for before it is decoded: hearing it
// twice costs at most half a window more, on average an eighth.
constexpr SampleIndex kSearch = 10 * kSampleRate;
// The model's times are good to 0.2 s, and spans are padded by as much.
constexpr SampleIndex kPauseReach = kSampleRate * 2 / 5;
// A segment that ends this shortly before the cut was closed because the audio ends there.
constexpr SampleIndex kCutReach = kSampleRate / 2;

// How good a place the end of a segment is to go on after it; later ones are better.
enum class Place : std::uint8_t { kAtCut, kInSpeech, kInPause, kAfterSentence };

std::string_view WithoutEnd(std::string_view text, std::span<const std::string_view> ends) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view end : ends) {
      if (!text.ends_with(end)) continue;
      text.remove_suffix(end.size());
      again = true;
    }
  }
  return text;
}

// `rest` comes in as the end of the segment and goes out as the place in the pause.
Place PlaceAfter(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
                 const decode::WindowSegment& segment, SampleIndex* rest) {
  const auto pause = NearestPause(window.speech, *rest, kPauseReach);
  if (!pause || *pause >= window.plan.end) {
    return window.plan.end - *rest < kCutReach ? Place::kAtCut : Place::kInSpeech;
  }
  *rest = *pause;
  return EndsSentence(tokenizer.Decode(segment.tokens)) ? Place::kAfterSentence : Place::kInPause;
}

}  // namespace

bool EndsSentence(std::string_view text) {
  using namespace std::string_view_literals;
  static constexpr std::array kClosing = {" "sv,      "\""sv,     "'"sv,      ")"sv,
                                          "]"sv,      "\u00bb"sv, "\u2019"sv, "\u201d"sv,
                                          "\u300d"sv, "\u300f"sv};
  static constexpr std::array kEnds = {"."sv,      "?"sv,      "!"sv,      "\u061f"sv,
                                       "\u0964"sv, "\u3002"sv, "\uff01"sv, "\uff1f"sv};
  text = WithoutEnd(text, kClosing);
  if (text.ends_with("..")) return false;
  return std::any_of(kEnds.begin(), kEnds.end(),
                     [text](std::string_view end) { return text.ends_with(end); });
}

CutEnd LeaveCut(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
                const decode::WindowSegments& split) {
  CutEnd found;
  auto best = Place::kAtCut;
  for (std::size_t kept = split.segments.size(); kept > 0; --kept) {
    const decode::WindowSegment& segment = split.segments[kept - 1];
    auto rest = static_cast<SampleIndex>(std::llround(segment.end_s * kSampleRate));
    if (found.segments != 0 && window.plan.end - rest > kSearch) break;
    const Place place = PlaceAfter(window, tokenizer, segment, &rest);
    if (found.segments != 0 && place <= best) continue;
    found = {kept, rest};
    best = place;
  }
  return found;
}

}  // namespace wt::pipeline
