// The product's windowing: windows hold speech, end in pauses, and stand for themselves.
//
// What follows the last timestamp of a window goes into the next one if it is worth decoding; the
// decoder cannot place a timestamp after the window's audio; text without evidence is dropped with
// its reason.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "engine/decode/acceptance.h"
#include "engine/pipeline/long_form.h"

namespace wt::pipeline {
namespace {

using features::kHopSamples;

// Less progress than this and the window is taken as done: a model that stamps the first 0.02 s
// over and over would otherwise be asked 1,500 times for one window.
constexpr SampleIndex kProgressMin = kSampleRate;

constexpr SampleIndex kSamplesPerTimestamp = kSampleRate / 50;
// Speech after the last timestamp that may go unheard: spans are padded by 0.2 s, and timestamps
// are good to about 0.2 s.
constexpr SampleIndex kUnheardSpeechMax = kSampleRate / 2;
// The padding of spans and some more: where speech ends at the earliest.
constexpr SampleIndex kEndTolerance = kSampleRate * 2 / 5;
// Mean log probability of the added tokens; speech that is heard well has -0.1 to -0.5, and the
// threshold of the fallback is -1.
constexpr double kAddedLogprobMin = -1.0;
// Of all tokens, where the longer answer is worded differently.
constexpr double kLessSureMax = 0.15;
// A differently worded answer may stamp the same place up to 0.4 s earlier.
constexpr TokenId kTimeShiftMax = 20;
// Fast speech has 20 characters a second; timestamps at the ends of a window are 0.5 s off at
// times.
constexpr double kTimestampSlack = 0.5;
constexpr double kCharactersPerSecondMax = 30;
// Three words or so: what a model says again when it is asked for more than there is.
constexpr std::ptrdiff_t kRepeatTokens = 4;
// A window on the wrong side of both is made up: in the recordings with speech that were looked at
// no window is near (the nearest has no-speech 0.51, log probability -0.55).
constexpr double kNoEvidenceNoSpeechMin = 0.5;
constexpr double kNoEvidenceLogprobMax = -0.7;
// A guess: speech is there, but drowned. The model then tends to say one thing several times.
constexpr double kGuessNoSpeechMin = 0.3;
constexpr double kGuessLogprobMax = -0.75;
// Part of a segment's tokens that an earlier one of the window has as well: said again.
constexpr double kSaidAgainShare = 0.75;
constexpr std::size_t kSaidAgainTokensMin = 4;

bool Blank(const std::string& text) {
  return text.find_first_not_of(" \t\n\r\f\v") == std::string::npos;
}

SampleIndex Samples(double seconds) { return std::llrint(seconds * kSampleRate); }

// End of the last span that begins before `limit`.
SampleIndex SpeechEnd(std::span<const vad::SpeechSpan> speech, SampleIndex limit) {
  SampleIndex end = 0;
  for (const vad::SpeechSpan& span : speech) {
    if (span.begin < limit) end = std::min(span.end, limit);
  }
  return end;
}

// The model stamps the silence before and after a sentence as part of it; the spans know better. A
// segment that touches no span keeps its times.
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

}  // namespace

Status LongForm::RunRobust() {
  std::vector<vad::SpeechSpan> clips;
  for (const TimeRange& clip : request_.clips) {
    const SampleIndex end = clip.end_s ? Samples(*clip.end_s) : state_.samples;
    clips.push_back({Samples(clip.start_s), std::min(end, state_.samples)});
  }
  if (clips.empty()) clips.push_back({0, state_.samples});
  for (; state_.clip < clips.size(); ++state_.clip) {
    const vad::SpeechSpan clip = clips[state_.clip];
    state_.seek = std::max(state_.seek, clip.begin);
    state_.lead_from = std::max(state_.lead_from, clip.begin);
    while (const auto plan = NextWindow(state_.speech, state_.seek, clip.end, state_.lead_from)) {
      WT_TRY(RobustWindow(*plan));
      EndWindow();
    }
    if (state_.clip + 1 < clips.size()) state_.seek = clips[state_.clip + 1].begin;
  }
  return Status();
}

LongForm::Window LongForm::FramesOf(const PlannedWindow& plan) const {
  Window window;
  window.first_frame = plan.begin / kHopSamples;
  const std::int64_t last =
      std::min((plan.end + kHopSamples - 1) / kHopSamples, audio_.content_frames());
  window.frames = static_cast<int>(
      std::clamp<std::int64_t>(last - window.first_frame, 0, features::kWindowFrames));
  return window;
}

// The model sometimes ends a window although somebody still speaks. Then it is asked once more,
// with the end forbidden before the speech has ended; the answer counts if the model is nearly as
// sure of it as of the short one.
Result<WindowResult> LongForm::DecodeAllSpeech(const PlannedWindow& plan, const Window& window) {
  TimeLimits limits;
  limits.max_timestamp_index = window.frames / decode::kFramesPerTimestamp;
  WT_ASSIGN(WindowResult result, Decode(window, limits));
  const TokenId begin = tokenizer_.special().timestamp_begin;
  const bool open_end = result.tokens.empty() || result.tokens.back() < begin;
  if (plan.cut || open_end || !result.accepted) return result;
  const SampleIndex end =
      window.first_frame * kHopSamples + (result.tokens.back() - begin) * kSamplesPerTimestamp;
  if (SpeechWithin(state_.speech, end, plan.end) < kUnheardSpeechMax) return result;
  const SampleIndex speech_end = SpeechEnd(state_.speech, plan.end);
  limits.min_end_timestamp_index = static_cast<int>(
      (speech_end - kEndTolerance - window.first_frame * kHopSamples) / kSamplesPerTimestamp);
  WT_ASSIGN(WindowResult longer, Decode(window, limits));
  const SampleIndex unheard = SpeechWithin(state_.speech, end, plan.end);
  return Continues(result, longer, unheard) ? longer : result;
}

// Whether `longer` says what `shorter` says and more at its end, which ends at `end`: the unheard
// speech has to account for it, and the model has to be sure of it.
bool LongForm::Continues(const WindowResult& shorter, const WindowResult& longer,
                         SampleIndex unheard) const {
  if (!longer.accepted || longer.tokens.size() <= shorter.tokens.size()) return false;
  // The added text begins after the timestamp that ended the shorter one (or the nearest one).
  const TokenId end = shorter.tokens.back();
  const auto after = std::find_if(longer.tokens.begin(), longer.tokens.end(), [&](TokenId token) {
    return token >= end - kTimeShiftMax && token >= tokenizer_.special().timestamp_begin;
  });
  const std::span<const TokenId> added(after, longer.tokens.end());
  const std::span<const TokenId> before(longer.tokens.begin(), after);
  const std::string text = tokenizer_.Decode(added);
  const auto most =
      static_cast<std::size_t>((Seconds(unheard) + kTimestampSlack) * kCharactersPerSecondMax);
  if (base::CountCodePoints(text) > most || RepeatsEarlierText(before, added)) return false;
  const std::size_t common = shorter.tokens.size();
  if (!std::equal(shorter.tokens.begin(), shorter.tokens.end(), longer.tokens.begin())) {
    return longer.avg_logprob >= shorter.avg_logprob - kLessSureMax;
  }
  // Log probabilities are means over the tokens and the end token.
  const auto count = static_cast<double>(common + 1);
  const auto more = static_cast<double>(longer.tokens.size() - common);
  return (longer.avg_logprob * (count + more) - shorter.avg_logprob * count) / more >=
         kAddedLogprobMin;
}

// True when a run of kRepeatTokens that ends in the added text stands earlier in the window.
bool LongForm::RepeatsEarlierText(std::span<const TokenId> before,
                                  std::span<const TokenId> added) const {
  std::vector<TokenId> text;
  const auto keep_text = [&](std::span<const TokenId> tokens) {
    std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(text),
                 [&](TokenId token) { return token < tokenizer_.special().eot; });
  };
  keep_text(before);
  const auto first_added = static_cast<std::ptrdiff_t>(text.size());
  keep_text(added);
  for (auto at = text.begin() + first_added; text.end() - at >= kRepeatTokens; ++at) {
    if (std::search(text.begin(), at, at, at + kRepeatTokens) != at) return true;
  }
  return false;
}

// Removes segments whose words an earlier segment of the same window has.
void LongForm::DropSaidAgain(std::vector<Segment>* segments) {
  const TokenId eot = tokenizer_.special().eot;
  std::vector<std::vector<TokenId>> said;
  std::erase_if(*segments, [&](const Segment& segment) {
    std::vector<TokenId> text;
    std::copy_if(segment.tokens.begin(), segment.tokens.end(), std::back_inserter(text),
                 [&](TokenId token) { return token < eot; });
    const bool again = std::any_of(said.begin(), said.end(), [&](const auto& earlier) {
      const auto known = std::count_if(text.begin(), text.end(), [&](TokenId token) {
        return std::find(earlier.begin(), earlier.end(), token) != earlier.end();
      });
      return static_cast<double>(known) >= kSaidAgainShare * static_cast<double>(text.size());
    });
    if (again && text.size() >= kSaidAgainTokensMin) {
      Drop(segment.start_s, segment.end_s, DropReason::kRepetition, segment.text);
      return true;
    }
    said.push_back(std::move(text));
    return false;
  });
}

// Speech left in [rest, end) is decoded again when it is long enough to stand alone, or when there
// is more speech behind it to share its window.
bool LongForm::WorthDecoding(SampleIndex rest, SampleIndex end) const {
  const SampleIndex left = SpeechWithin(state_.speech, rest, end);
  if (left >= kRestMin) return true;
  const auto next = NextWindow(state_.speech, rest, state_.samples);
  return left >= kUnheardSpeechMax && next &&
         SpeechWithin(state_.speech, end, next->end) >= kRestMin;
}

// Decides about the audio after the last pair of timestamps, up to the window's end.
void LongForm::SettleRest(const PlannedWindow& plan, const Window& window,
                          std::span<const TokenId> tokens, decode::WindowSegments* split) {
  state_.seek = plan.end;
  SampleIndex rest = split->next_seek_frames * kHopSamples;
  if (split->single_timestamp_ending) {
    // The reference takes this for "nothing is spoken after it"; the detector may know better.
    const TokenId last = tokens.back() - tokenizer_.special().timestamp_begin;
    rest = window.first_frame * kHopSamples + last * kSamplesPerTimestamp;
    if (rest - plan.begin < kProgressMin) return;
    state_.lead_from = std::min(rest, plan.end);
    if (WorthDecoding(rest, plan.end)) {
      state_.seek = rest;
      state_.rest_pending = true;
    }
    return;
  }
  if (rest >= plan.end) return;
  std::size_t used = 0;
  for (const auto& piece : split->segments) used += piece.tokens.size();
  decode::WindowSegment tail;
  tail.start_s = static_cast<double>(split->next_seek_frames) / 100.0;
  tail.end_s = static_cast<double>(window.first_frame + window.frames) / 100.0;
  tail.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(used), tokens.end());
  const bool has_text = std::any_of(tail.tokens.begin(), tail.tokens.end(), [&](TokenId token) {
    return token < tokenizer_.special().eot;
  });
  const bool progressed = rest - plan.begin >= kProgressMin;
  if (!plan.cut && has_text && tail.end_s > tail.start_s) {
    // The window ends in a pause, so its last words are whole although their end has no time.
    split->segments.push_back(std::move(tail));
  } else if (progressed && (plan.cut || SpeechWithin(state_.speech, rest, plan.end) >= kRestMin)) {
    state_.seek = rest;
    state_.lead_from = rest;
    state_.rest_pending = true;
  } else if (progressed) {
    state_.lead_from = rest;
  }
}

Status LongForm::RobustWindow(const PlannedWindow& plan) {
  const Window window = FramesOf(plan);
  state_.lead_from = plan.end;
  const bool short_rest =
      std::exchange(state_.rest_pending, false) && plan.end - plan.begin < kRestMin;
  if (window.frames == 0 || short_rest) {
    state_.seek = plan.end;
    return Status();
  }
  WT_TRY(Encode(window));
  WT_TRY(SettleLanguage(window));
  WT_ASSIGN(const WindowResult result, DecodeAllSpeech(plan, window));
  if (decode::IsSilence(request_.fallback,
                        {result.compression_ratio, result.avg_logprob, result.no_speech_prob})) {
    Drop(static_cast<double>(window.first_frame) / 100.0,
         static_cast<double>(window.first_frame + window.frames) / 100.0,
         DropReason::kNoSpeechProbability, result.text);
    state_.seek = plan.end;
    return Status();
  }
  if (request_.guard && result.no_speech_prob > kNoEvidenceNoSpeechMin &&
      result.avg_logprob < kNoEvidenceLogprobMax) {
    Drop(static_cast<double>(window.first_frame) / 100.0,
         static_cast<double>(window.first_frame + window.frames) / 100.0, DropReason::kLowEvidence,
         result.text);
    state_.seek = plan.end;
    return Status();
  }
  decode::WindowSegments split = decode::SplitWindow(
      result.tokens, tokenizer_.special().timestamp_begin, window.first_frame, window.frames);
  SettleRest(plan, window, result.tokens, &split);
  std::vector<std::vector<Word>> words;
  if (request_.words.word_timestamps) {
    WT_TRY(AddWords(window, /*follow_words=*/false, &split, &words));
  }
  std::vector<Segment> segments =
      MakeSegments(window, result, std::move(split.segments), std::move(words));
  std::erase_if(segments, [&](const Segment& segment) {
    return Blank(segment.text) || segment.start_s >= segment.end_s;
  });
  if (request_.guard && result.no_speech_prob > kGuessNoSpeechMin &&
      result.avg_logprob < kGuessLogprobMax) {
    DropSaidAgain(&segments);
  }
  if (state_.vad == VadMethod::kNetwork && !request_.words.word_timestamps) {
    for (Segment& segment : segments) FitToSpeech(state_.speech, &segment);
  }
  Keep(std::move(segments), result);
  return Status();
}

}  // namespace wt::pipeline
