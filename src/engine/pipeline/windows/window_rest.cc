#include "engine/pipeline/windows/window_rest.h"

#include <algorithm>
#include <cstddef>

#include "engine/features/log_mel.h"
#include "engine/pipeline/windows/cut_end.h"
#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

// Less progress than this and the window is taken as done: a model that stamps the first 0.02 s
// over and over would otherwise be asked 1,500 times for one window.
constexpr SampleIndex kProgressMin = kSampleRate;
constexpr double kFramesPerSecond = 100.0;

// Speech left in [rest, end) is decoded again when it is long enough to stand alone, or when there
// is more speech behind it to share its window.
bool WorthDecoding(std::span<const vad::SpeechSpan> speech, SampleIndex rest, SampleIndex end,
                   SampleIndex samples) {
  const SampleIndex left = SpeechWithin(speech, rest, end);
  if (left >= kRestMin) return true;
  const auto next = NextWindow(speech, rest, samples);
  return left >= kUnheardSpeechMax && next && SpeechWithin(speech, end, next->end) >= kRestMin;
}

// The next window may take in what this one has left unheard, if that is more than the tolerance
// of timestamps.
WindowEnd EndAfter(const HeardWindow& window, SampleIndex rest) {
  WindowEnd end = SettledEnd(window);
  if (SpeechWithin(window.speech, rest, window.plan.end) >= kUnheardSpeechMax) {
    end.lead_from = std::min(rest, end.lead_from);
  }
  return end;
}

// The text after the last pair of timestamps, up to the window's end.
decode::WindowSegment TailOf(const HeardWindow& window, std::span<const TokenId> tokens,
                             const decode::WindowSegments& split) {
  std::size_t used = 0;
  for (const auto& piece : split.segments) used += piece.tokens.size();
  const std::int64_t end_frame = window.first_sample / features::kHopSamples + window.frames;
  decode::WindowSegment tail;
  tail.start_s = static_cast<double>(split.next_seek_frames) / kFramesPerSecond;
  tail.end_s = static_cast<double>(end_frame) / kFramesPerSecond;
  tail.first_token = used;
  tail.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(used), tokens.end());
  return tail;
}

// Drops the segments that the next window hears again from `split`.
void KeepFirst(const CutEnd& cut, decode::WindowSegments* split) {
  if (cut.segments == split->segments.size()) return;
  split->segments.resize(cut.segments);
  split->single_timestamp_ending = false;
  split->next_seek_frames = cut.rest / features::kHopSamples;
}

WindowEnd SettleCut(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
                    SampleIndex samples, decode::WindowSegments* split) {
  const PlannedWindow& plan = window.plan;
  // Without a time at its end the text is kept as it is.
  if (!split->single_timestamp_ending &&
      split->next_seek_frames * features::kHopSamples >= plan.end) {
    return SettledEnd(window);
  }
  const CutEnd cut = LeaveCut(window, tokenizer, *split);
  if (cut.rest - plan.begin < kProgressMin) return SettledEnd(window);
  const bool all_said = split->single_timestamp_ending && cut.segments == split->segments.size();
  if (all_said &&
      (cut.rest >= plan.end || !WorthDecoding(window.speech, cut.rest, plan.end, samples))) {
    return EndAfter(window, cut.rest);
  }
  KeepFirst(cut, split);
  decode::WindowSegment& last = split->segments.back();
  last.end_s = std::min(last.end_s, static_cast<double>(cut.rest) / kSampleRate);
  return HeardAgainFrom(cut.rest);
}

}  // namespace

WindowEnd HeardAgainFrom(SampleIndex rest) {
  return {.seek = rest, .lead_from = rest, .rest_pending = true};
}

WindowEnd SettledEnd(const HeardWindow& window) {
  // The silence after the last word belongs to both windows. It does not depend on the text, which
  // lets the next window be decoded ahead.
  const SampleIndex spoken = SpeechEnd(window.speech, window.plan.end);
  return {.seek = window.plan.end,
          .lead_from = std::clamp(spoken, window.plan.begin, window.plan.end)};
}

WindowEnd SettleRest(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
                     SampleIndex samples, std::span<const TokenId> tokens,
                     decode::WindowSegments* split) {
  const PlannedWindow& plan = window.plan;
  const tokenizer::SpecialTokens& special = tokenizer.special();
  if (plan.cut) return SettleCut(window, tokenizer, samples, split);
  if (split->single_timestamp_ending) {
    // The reference takes this for "nothing is spoken after it"; the detector may know better.
    const TokenId last = tokens.back() - special.timestamp_begin;
    const SampleIndex rest = window.first_sample + last * kSamplesPerTimestamp;
    if (rest - plan.begin < kProgressMin) return SettledEnd(window);
    if (rest < plan.end && WorthDecoding(window.speech, rest, plan.end, samples)) {
      return HeardAgainFrom(rest);
    }
    return EndAfter(window, rest);
  }
  const SampleIndex rest = split->next_seek_frames * features::kHopSamples;
  if (rest >= plan.end) return SettledEnd(window);
  decode::WindowSegment tail = TailOf(window, tokens, *split);
  const bool has_text = std::any_of(tail.tokens.begin(), tail.tokens.end(),
                                    [&](TokenId token) { return token < special.eot; });
  if (has_text && tail.end_s > tail.start_s) {
    split->segments.push_back(std::move(tail));
    return SettledEnd(window);
  }
  if (rest - plan.begin < kProgressMin) return SettledEnd(window);
  if (SpeechWithin(window.speech, rest, plan.end) >= kRestMin) return HeardAgainFrom(rest);
  return EndAfter(window, rest);
}

WindowEnd EndBeforeInvented(const HeardWindow& window, std::int64_t next_seek_frames) {
  return HeardAgainFrom(std::min(next_seek_frames * features::kHopSamples, window.plan.end));
}

bool IsTail(const HeardWindow& window, SampleIndex heard_to) {
  return SpeechWithin(window.speech, std::max(heard_to, window.plan.begin), window.plan.end) <
         kRestMin;
}

}  // namespace wt::pipeline
