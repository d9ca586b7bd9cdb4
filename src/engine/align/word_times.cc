#include "engine/align/word_times.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace wt::align {
namespace {

constexpr std::string_view kSentenceEnds = ".。!！?？";

/// numpy's round(x, 2).
double RoundToHundredths(double x) { return std::nearbyint(x * 100.0) / 100.0; }

/// Median length of the words that have one, at most 0.7 s; 0 without such words.
double MedianDuration(std::span<const TimedWord> words) {
  std::vector<double> durations;
  for (const TimedWord& word : words) {
    if (word.end_s != word.start_s) durations.push_back(word.end_s - word.start_s);
  }
  if (durations.empty()) return 0;
  std::sort(durations.begin(), durations.end());
  const std::size_t middle = durations.size() / 2;
  const double median = durations.size() % 2 == 1 ? durations[middle]
                                                  : (durations[middle - 1] + durations[middle]) / 2;
  return std::min(0.7, median);
}

/// Python's `word in marks`.
bool IsSentenceEnd(const TimedWord& word) {
  return kSentenceEnds.find(word.text) != std::string_view::npos;
}

/// A pause is often given to the mark that ends a sentence, or to the word after it.
void ShortenAtSentenceEnds(double max_duration, std::vector<TimedWord>* words) {
  std::vector<TimedWord>& all = *words;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (!(all[i].end_s - all[i].start_s > max_duration)) continue;
    if (IsSentenceEnd(all[i])) {
      all[i].end_s = all[i].start_s + max_duration;
    } else if (IsSentenceEnd(all[i - 1])) {
      all[i].start_s = all[i].end_s - max_duration;
    }
  }
}

/// The first words after a pause must not begin in it.
void ShortenAfterPause(double last_speech_s, double median, std::vector<TimedWord>* words) {
  const double max_duration = median * 2;
  TimedWord& first = words->front();
  TimedWord* second = words->size() > 1 ? &(*words)[1] : nullptr;
  if (!(first.end_s - last_speech_s > median * 4)) return;
  const bool first_long = first.end_s - first.start_s > max_duration;
  const bool both_long = second != nullptr && second->end_s - first.start_s > max_duration * 2;
  if (!first_long && !both_long) return;
  if (second != nullptr && second->end_s - second->start_s > max_duration) {
    const double boundary = std::max(second->end_s / 2, second->end_s - max_duration);
    first.end_s = boundary;
    second->start_s = boundary;
  }
  first.start_s = std::max(0.0, first.end_s - max_duration);
}

/// Makes the borders of a segment and of its first and last word agree.
void FitBorders(double median, SegmentWords* segment) {
  TimedWord& first = segment->words.front();
  if (segment->start_s < first.end_s && segment->start_s - 0.5 > first.start_s) {
    first.start_s = std::max(0.0, std::min(first.end_s - median, segment->start_s));
  } else {
    segment->start_s = first.start_s;
  }
  TimedWord& last = segment->words.back();
  if (segment->end_s > last.start_s && segment->end_s + 0.5 < last.end_s) {
    last.end_s = std::max(last.start_s + median, segment->end_s);
  } else {
    segment->end_s = last.end_s;
  }
}

std::size_t CountText(std::span<const TokenId> tokens, TokenId eot) {
  return static_cast<std::size_t>(
      std::count_if(tokens.begin(), tokens.end(), [eot](TokenId token) { return token < eot; }));
}

}  // namespace

std::vector<TokenId> TextTokens(std::span<const SegmentWords> segments, TokenId eot) {
  std::vector<TokenId> text;
  for (const SegmentWords& segment : segments) {
    std::copy_if(segment.tokens.begin(), segment.tokens.end(), std::back_inserter(text),
                 [eot](TokenId token) { return token < eot; });
  }
  return text;
}

void AddWordTimes(WordTimesInput input, std::vector<SegmentWords>* segments) {
  std::vector<TimedWord>& alignment = input.alignment;
  const double median = MedianDuration(alignment);
  if (median > 0) ShortenAtSentenceEnds(median * 2, &alignment);
  MergePunctuations(&alignment, input.options->prepend_punctuations,
                    input.options->append_punctuations);
  double last_speech_s = input.last_speech_s;
  std::size_t next = 0;
  for (SegmentWords& segment : *segments) {
    segment.words.clear();
    const std::size_t wanted = CountText(segment.tokens, input.eot);
    for (std::size_t taken = 0; next < alignment.size() && taken < wanted; ++next) {
      TimedWord& word = alignment[next];
      taken += word.tokens.size();
      if (word.text.empty()) continue;  // Joined to a neighbour.
      word.start_s = RoundToHundredths(input.offset_s + word.start_s);
      word.end_s = RoundToHundredths(input.offset_s + word.end_s);
      segment.words.push_back(std::move(word));
    }
    if (segment.words.empty()) continue;
    ShortenAfterPause(last_speech_s, median, &segment.words);
    FitBorders(median, &segment);
    last_speech_s = segment.end_s;
  }
}

std::optional<double> LastWordEnd(std::span<const SegmentWords> segments) {
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    if (!segment->words.empty()) return segment->words.back().end_s;
  }
  if (segments.empty()) return std::nullopt;
  return segments.back().end_s;
}

}  // namespace wt::align
