// JudgeWindow: openai-whisper, transcribe.py, the part under `if word_timestamps`.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/align/word_times.h"

namespace wt::align {
namespace {

constexpr double kFramesPerSecond = 100.0;
constexpr std::int64_t kFramesPerWindow = 3000;

/// Words that are a part of this are not judged.
constexpr std::string_view kPunctuation = "\"'“¿([{-\"'.。,，!！?？:：”)]}、";

/// Python's round(): halves go to the even number.
std::int64_t RoundToFrames(double seconds) {
  return static_cast<std::int64_t>(std::nearbyint(seconds * kFramesPerSecond));
}

double SecondsOf(std::int64_t frames) { return static_cast<double>(frames * 160) / kSampleRate; }

/// The window being judged, in seconds.
struct Window {
  double start_s;
  /// The end of its audio.
  double end_s;
  /// 30 s after its start, whether there is audio or not.
  double full_end_s;
  double content_end_s;
};

/// True when a segment that looks invented stands alone: silence, the border of the window or more
/// invented text on both sides.
bool StandsAlone(const Window& window, double threshold, double speech_end_s,
                 const SegmentWords& segment, const SegmentWords* next) {
  const double next_start_s = next != nullptr ? next->words.front().start_s : window.end_s;
  const bool silence_before = segment.start_s - speech_end_s > threshold ||
                              segment.start_s < threshold || segment.start_s - window.start_s < 2.0;
  const bool silence_after = next_start_s - segment.end_s > threshold || IsSegmentAnomaly(next) ||
                             window.full_end_s - segment.end_s < 2.0;
  return silence_before && silence_after;
}

/// Index of the first segment to remove, or the number of segments.
std::size_t FirstInvented(const Window& window, double threshold, double last_speech_s,
                          std::span<const SegmentWords> segments) {
  double speech_end_s = last_speech_s;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const SegmentWords& segment = segments[i];
    if (segment.words.empty()) continue;
    if (IsSegmentAnomaly(&segment) && StandsAlone(window, threshold, speech_end_s, segment,
                                                  NextWordsSegment(segments.subspan(i + 1)))) {
      return i;
    }
    speech_end_s = segment.end_s;
  }
  return segments.size();
}

/// The verdict before the check that windows advance.
WindowVerdict Judge(const WindowPlace& place, const Window& window, std::optional<double> threshold,
                    std::vector<SegmentWords>* segments) {
  WindowVerdict verdict{.next_seek_frames = place.next_seek_frames};
  const std::optional<double> word_end_s = LastWordEnd(*segments);
  const bool ends_open =
      !place.single_timestamp_ending && word_end_s && *word_end_s > window.start_s;
  if (ends_open) verdict.next_seek_frames = RoundToFrames(*word_end_s);
  if (!threshold) return verdict;
  if (ends_open && !(window.full_end_s - *word_end_s > *threshold)) {
    verdict.next_seek_frames = place.seek_frames + place.window_frames;
  }
  const SegmentWords* first = NextWordsSegment(*segments);
  if (first != nullptr && IsSegmentAnomaly(first)) {
    const double gap_s = first->start_s - window.start_s;
    if (gap_s > *threshold) {
      return {.next_seek_frames = place.seek_frames + RoundToFrames(gap_s), .refused = true};
    }
  }
  const std::size_t kept = FirstInvented(window, *threshold, place.last_speech_s, *segments);
  if (kept == segments->size()) return verdict;
  const SegmentWords& invented = (*segments)[kept];
  verdict.next_seek_frames = RoundToFrames(std::max(window.start_s + 1, invented.start_s));
  if (window.content_end_s - invented.end_s < *threshold) {
    verdict.next_seek_frames = place.content_frames;
  }
  segments->erase(segments->begin() + static_cast<std::ptrdiff_t>(kept), segments->end());
  return verdict;
}

}  // namespace

double WordAnomalyScore(const TimedWord& word) {
  const double duration = word.end_s - word.start_s;
  double score = 0;
  if (word.probability < 0.15) score += 1.0;
  if (duration < 0.133) score += (0.133 - duration) * 15;
  if (duration > 2.0) score += duration - 2.0;
  return score;
}

bool IsSegmentAnomaly(const SegmentWords* segment) {
  if (segment == nullptr || segment->words.empty()) return false;
  double score = 0;
  int judged = 0;
  for (const TimedWord& word : segment->words) {
    if (kPunctuation.find(word.text) != std::string_view::npos) continue;
    score += WordAnomalyScore(word);
    if (++judged == 8) break;
  }
  return score >= 3 || score + 0.01 >= judged;
}

const SegmentWords* NextWordsSegment(std::span<const SegmentWords> segments) {
  const auto found = std::find_if(segments.begin(), segments.end(),
                                  [](const SegmentWords& s) { return !s.words.empty(); });
  return found == segments.end() ? nullptr : &*found;
}

WindowVerdict JudgeWindow(const WindowPlace& place, std::optional<double> silence_threshold_s,
                          std::vector<SegmentWords>* segments) {
  const double start_s = SecondsOf(place.seek_frames);
  const Window window{.start_s = start_s,
                      .end_s = start_s + SecondsOf(place.window_frames),
                      .full_end_s = SecondsOf(place.seek_frames + kFramesPerWindow),
                      .content_end_s = SecondsOf(place.content_frames)};
  WindowVerdict verdict = Judge(place, window, silence_threshold_s, segments);
  if (verdict.next_seek_frames <= place.seek_frames) {
    verdict.next_seek_frames = std::max(place.next_seek_frames, place.seek_frames + 1);
  }
  return verdict;
}

}  // namespace wt::align
