// The product's windowing: windows hold speech, end in pauses, and stand for themselves.
//
// What follows the last timestamp of a window goes into the next one if it is worth decoding; the
// decoder cannot place a timestamp after the window's audio; text without evidence is dropped with
// its reason.
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "engine/decode/acceptance.h"
#include "engine/pipeline/long_form.h"
#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

using features::kHopSamples;

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
    clip_end_ = clip.end;
    state_.seek = std::max(state_.seek, clip.begin);
    state_.lead_from = std::max(state_.lead_from, clip.begin);
    while (const auto plan = NextWindow(state_.speech, state_.seek, clip.end, state_.lead_from)) {
      // Nothing below asks where the window was decoded ahead.
      if (Cancelled()) return Status(StatusCode::kCancelled, "cancelled");
      WT_TRY(RobustWindow(*plan));
      state_.heard_to = std::max(state_.heard_to, plan->end);
      EndWindow();
    }
    if (state_.clip + 1 < clips.size()) state_.seek = clips[state_.clip + 1].begin;
  }
  return Status();
}

HeardWindow LongForm::HeardOf(const PlannedWindow& plan) const {
  const std::int64_t first = plan.begin / kHopSamples;
  const std::int64_t last =
      std::min((plan.end + kHopSamples - 1) / kHopSamples, audio_.content_frames());
  return {.plan = plan,
          .first_sample = first * kHopSamples,
          .frames =
              static_cast<int>(std::clamp<std::int64_t>(last - first, 0, features::kWindowFrames)),
          .speech = state_.speech};
}

Status LongForm::RobustWindow(const PlannedWindow& plan) {
  const HeardWindow heard = HeardOf(plan);
  const bool short_rest =
      std::exchange(state_.rest_pending, false) && plan.end - plan.begin < kRestMin;
  const WindowEnd settled = SettledEnd(heard);
  state_.seek = settled.seek;
  state_.lead_from = settled.lead_from;
  if (heard.frames == 0 || short_rest) return Status();
  WT_ASSIGN(const WindowResult result, Hear(heard));
  const bool silence = decode::IsSilence(
      request_.fallback, {result.compression_ratio, result.avg_logprob, result.no_speech_prob});
  if (silence || (request_.guard && LacksEvidence(result))) {
    const double start_s = Seconds(heard.first_sample);
    Drop(start_s, start_s + static_cast<double>(heard.frames) / 100.0,
         silence ? DropReason::kNoSpeechProbability : DropReason::kLowEvidence, result.text);
    if (ConditionOnPrevious()) ForgetHistory();
    return Status();
  }
  return KeepRobust(heard, result);
}

// A time after the window's audio that decoding left is the audio's end, rounded; text that begins
// there has no audio at all.
void LongForm::DropOutside(const HeardWindow& heard, std::vector<Segment>* segments) {
  const double end_s = Seconds(heard.first_sample) + static_cast<double>(heard.frames) / 100.0;
  std::vector<Segment> inside;
  for (Segment& segment : *segments) {
    if (segment.start_s >= end_s) {
      Drop(segment.start_s, segment.end_s, DropReason::kOutsideAudio, std::move(segment.text));
      continue;
    }
    segment.end_s = std::min(segment.end_s, end_s);
    inside.push_back(std::move(segment));
  }
  *segments = std::move(inside);
}

Status LongForm::KeepRobust(const HeardWindow& heard, const WindowResult& result) {
  const Window window = {heard.first_sample / kHopSamples, heard.frames};
  const tokenizer::SpecialTokens& special = tokenizer_.special();
  decode::WindowSegments split = decode::SplitWindow(result.tokens, special.timestamp_begin,
                                                     window.first_frame, window.frames);
  WindowEnd end = SettleRest(heard, tokenizer_, state_.samples, result.tokens, &split);
  // Only the network tells speech from silence well enough, and the words of a translation have no
  // place in the audio.
  if (state_.vad == VadMethod::kNetwork && result.accepted &&
      request_.decoding.task == SpeechTask::kTranscribe) {
    WT_TRY(LeaveSkipped(heard, &split, &end));
  }
  std::vector<std::vector<Word>> words;
  if (request_.words.word_timestamps) {
    const bool judge = request_.words.hallucination_silence_threshold_s.has_value();
    WT_ASSIGN(const WordsVerdict verdict, AddWords(window, judge, &split, &words));
    if (verdict != WordsVerdict::kAllKept) end = EndBeforeInvented(heard, split.next_seek_frames);
    if (verdict == WordsVerdict::kRefused) split.segments.clear();
  }
  state_.seek = end.seek;
  state_.lead_from = end.lead_from;
  state_.rest_pending = end.rest_pending;
  std::vector<Segment> segments =
      MakeSegments(window, result, std::move(split.segments), std::move(words));
  DropOutside(heard, &segments);
  std::erase_if(segments, [&](const Segment& segment) {
    return Blank(segment.text) || segment.start_s >= segment.end_s;
  });
  if (request_.guard && IsGuess(result)) {
    for (Segment& again : TakeSaidAgain(&segments, special.eot)) {
      Drop(again.start_s, again.end_s, DropReason::kRepetition, std::move(again.text));
    }
  }
  if (state_.vad == VadMethod::kNetwork && !request_.words.word_timestamps) {
    for (Segment& segment : segments) FitToSpeech(state_.speech, &segment);
  }
  Keep(std::move(segments), result);
  return Status();
}

}  // namespace wt::pipeline
