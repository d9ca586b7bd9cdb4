#include "engine/pipeline/windows/skipped_speech.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "engine/features/log_mel.h"
#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

// A digit is read as a word of four letters or so: without this a telephone number looks skipped.
constexpr std::size_t kLettersOfDigit = 5;
// What a slow word, a laugh or a wrongly set time can be; eight words of usual speech.
constexpr double kMissingMin = 3;
// The slowest passages of read speech have half of the pace around them.
constexpr double kFilledMax = 1.0 / 3;
// Fewer seconds than this do not tell how fast somebody speaks.
constexpr double kPaceMin = 10;
// A minute or two: the pace of who speaks now.
constexpr std::size_t kPaceSegments = 20;
// Speech that nothing was heard of, once the words around it are taken off.
constexpr SampleIndex kSkipMin = 2 * kSampleRate;
// From the beginning of a word to its end at the least.
constexpr double kWordMin = 0.2;

SampleIndex Samples(double seconds) {
  return static_cast<SampleIndex>(std::llround(seconds * kSampleRate));
}

struct Said {
  double length = 0;
  double speech_s = 0;

  Said& operator+=(const Said& other) {
    length += other.length;
    speech_s += other.speech_s;
    return *this;
  }
};

std::size_t TextTokens(const decode::WindowSegment& segment, TokenId eot) {
  return static_cast<std::size_t>(std::count_if(segment.tokens.begin(), segment.tokens.end(),
                                                [eot](TokenId token) { return token < eot; }));
}

Said SaidIn(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
            const decode::WindowSegment& segment) {
  std::vector<TokenId> text;
  for (const TokenId token : segment.tokens) {
    if (token < tokenizer.special().eot) text.push_back(token);
  }
  const SampleIndex speech =
      SpeechWithin(window.speech, Samples(segment.start_s), Samples(segment.end_s));
  return {static_cast<double>(SpokenLength(tokenizer.Decode(text))),
          static_cast<double>(speech) / kSampleRate};
}

// The longest speech without a word: what is said in [from, to) after `text_tokens` of the segment.
// The last of these is said at `from`, and until `earliest` at the least.
struct Hole {
  std::size_t text_tokens = 0;
  SampleIndex from = 0;
  SampleIndex to = 0;
  SampleIndex earliest = 0;
};

bool IsPunctuation(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= ' ' && c <= '/') || (c >= ':' && c <= '@') || c == '[' || c == ']';
  });
}

Hole LongestHole(const HeardWindow& window, const decode::WindowSegment& segment,
                 std::size_t tokens_before, std::size_t tokens_of_it,
                 std::span<const align::TimedWord> words) {
  const double begin_s = static_cast<double>(window.first_sample) / kSampleRate;
  std::vector<Hole> holes;
  std::size_t token = 0;
  for (const align::TimedWord& word : words) {
    const bool inside = token >= tokens_before && token < tokens_before + tokens_of_it;
    token += word.tokens.size();
    if (!inside || word.tokens.empty()) continue;
    const SampleIndex at = Samples(begin_s + word.start_s);
    if (!holes.empty()) holes.back().to = at;
    const SampleIndex least = IsPunctuation(word.text) ? 0 : Samples(kWordMin);
    holes.push_back({token - tokens_before, at, Samples(segment.end_s), at + least});
  }
  Hole longest;
  for (const Hole& hole : holes) {
    if (SpeechWithin(window.speech, hole.from, hole.to) >
        SpeechWithin(window.speech, longest.from, longest.to)) {
      longest = hole;
    }
  }
  return longest;
}

}  // namespace

std::size_t SpokenLength(std::string_view text) {
  const auto digits = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
  return base::CountCodePoints(text) + digits * (kLettersOfDigit - 1);
}

std::optional<std::size_t> SegmentWithSkip(const HeardWindow& window,
                                           const tokenizer::Tokenizer& tokenizer,
                                           const decode::WindowSegments& split,
                                           std::span<const Segment> said) {
  Said all;
  for (const Segment& segment : said.last(std::min(said.size(), kPaceSegments))) {
    // Kept segments have the times of the speech in them.
    all += {static_cast<double>(SpokenLength(segment.text)), segment.end_s - segment.start_s};
  }
  std::vector<Said> here;
  for (const decode::WindowSegment& segment : split.segments) {
    here.push_back(SaidIn(window, tokenizer, segment));
    all += here.back();
  }
  for (std::size_t i = 0; i < here.size(); ++i) {
    const double speech_s = all.speech_s - here[i].speech_s;
    const double length = all.length - here[i].length;
    if (speech_s < kPaceMin || length <= 0) continue;
    const double filled_s = here[i].length * speech_s / length;
    if (here[i].speech_s - filled_s >= kMissingMin && filled_s <= kFilledMax * here[i].speech_s) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<BeforeSkip> LeaveBeforeSkip(const HeardWindow& window,
                                          const decode::WindowSegments& split, std::size_t index,
                                          std::span<const align::TimedWord> words, TokenId eot,
                                          SampleIndex heard_to) {
  std::size_t before = 0;
  for (std::size_t i = 0; i < index; ++i) before += TextTokens(split.segments[i], eot);
  const decode::WindowSegment& segment = split.segments[index];
  const Hole hole = LongestHole(window, segment, before, TextTokens(segment, eot), words);
  for (std::size_t i = 0; i + 1 < window.speech.size(); ++i) {
    const SampleIndex pause = window.speech[i].end;
    if (pause < hole.earliest) continue;
    const SampleIndex unheard =
        SpeechWithin(window.speech, std::max(pause, heard_to), std::min(hole.to, window.plan.end));
    if (unheard < kSkipMin) return std::nullopt;
    return BeforeSkip{hole.text_tokens, pause};
  }
  return std::nullopt;
}

void KeepBeforeSkip(const BeforeSkip& place, std::size_t index, TokenId eot,
                    decode::WindowSegments* split) {
  split->segments.resize(index + 1);
  decode::WindowSegment& last = split->segments.back();
  std::size_t kept = 0, text_tokens = 0;
  while (text_tokens < place.text_tokens && kept < last.tokens.size()) {
    if (last.tokens[kept++] < eot) ++text_tokens;
  }
  last.tokens.resize(kept);
  last.end_s = std::min(last.end_s, static_cast<double>(place.rest) / kSampleRate);
  split->single_timestamp_ending = false;
  split->next_seek_frames = place.rest / features::kHopSamples;
}

}  // namespace wt::pipeline
