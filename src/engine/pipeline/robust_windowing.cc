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

bool Blank(const std::string& text) {
  return text.find_first_not_of(" \t\n\r\f\v") == std::string::npos;
}

SampleIndex Samples(double seconds) { return std::llrint(seconds * kSampleRate); }

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
  WT_ASSIGN(const WindowResult result, Decode(window, window.frames / decode::kFramesPerTimestamp));
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
