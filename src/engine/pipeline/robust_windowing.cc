// The product's windowing: windows hold speech, end in pauses, and stand for themselves.
//
// What follows the last timestamp of a window goes into the next one if it is worth decoding; the
// decoder cannot place a timestamp after the window's audio; text without evidence is dropped with
// its reason.
#include <algorithm>
#include <cmath>

#include "base/status_macros.h"
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
// In mean log probability per token.
constexpr double kLessSureMax = 0.25;

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
    while (const auto plan = NextWindow(state_.speech, state_.seek, clip.end)) {
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
  const bool sure = longer.accepted && longer.avg_logprob >= result.avg_logprob - kLessSureMax;
  return sure ? longer : result;
}

// Decides about the audio after the last pair of timestamps, up to the window's end.
void LongForm::SettleRest(const PlannedWindow& plan, const Window& window,
                          std::span<const TokenId> tokens, decode::WindowSegments* split) {
  state_.seek = plan.end;
  const SampleIndex rest = split->next_seek_frames * kHopSamples;
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
  }
}

Status LongForm::RobustWindow(const PlannedWindow& plan) {
  const Window window = FramesOf(plan);
  if (window.frames == 0) {
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
  Keep(std::move(segments), result);
  return Status();
}

}  // namespace wt::pipeline
