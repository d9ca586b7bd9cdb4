// What counts as heard: rules that tell text with evidence in the audio from text that the model
// made up. Used by robust windowing; the thresholds and what they were chosen by are in ADR 6.
// Pure functions: thread-safe.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/pipeline/windows/window_plan.h"
#include "engine/pipeline/windows/window_result.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/vad/vad.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::pipeline {

/// Speech after the last timestamp that may go unheard: spans are padded by 0.2 s, and timestamps
/// are good to about 0.2 s.
inline constexpr SampleIndex kUnheardSpeechMax = kSampleRate / 2;

/// Decodes the window within limits; `begun`, unless it is null, is what the text begins with.
using DecodeWithin =
    std::function<Result<WindowResult>(const TimeLimits& limits, const WindowResult* begun)>;

/// A window as its text is judged: where it begins in the recording, how much audio it has, and
/// where the recording's speech is.
struct HeardWindow {
  PlannedWindow plan;
  /// Of the first frame; at most plan.begin.
  SampleIndex first_sample = 0;
  /// Frames of 10 ms that are audio.
  int frames = 0;
  std::span<const vad::SpeechSpan> speech;
};

/// Decodes the window as the reference does. Where a time lies more than a second after the
/// audio it is decoded again with no times there. The model sometimes ends a window although
/// somebody still speaks; then it is asked to go on, with the end forbidden before the speech has
/// ended, and the answer counts if Continues() says so.
Result<WindowResult> DecodeAllSpeech(const HeardWindow& window,
                                     const tokenizer::Tokenizer& tokenizer,
                                     const DecodeWithin& decode);

/// Whether what `longer` adds to `shorter` is heard: `unheard` samples of speech have to account
/// for the added text, the model has to be sure of it, and nothing may be said again.
/// REQUIRES: `longer` begins with the tokens of `shorter`, where it has as many.
bool Continues(const tokenizer::Tokenizer& tokenizer, const WindowResult& shorter,
               const WindowResult& longer, SampleIndex unheard);

/// True when a run of four text tokens that begins in `added` stands earlier in the window.
bool RepeatsEarlierText(std::span<const TokenId> before, std::span<const TokenId> added,
                        TokenId eot);

/// Takes segments whose words an earlier segment of the same window has out of `segments`, and
/// returns them.
std::vector<Segment> TakeSaidAgain(std::vector<Segment>* segments, TokenId eot);

/// Neither the no-speech probability nor the log probability speaks for the text, or it is a guess
/// that was refused at every temperature: made up.
bool LacksEvidence(const WindowResult& result);

/// Speech may be there, but drowned. The model then tends to say one thing several times.
bool IsGuess(const WindowResult& result);

/// Text that must not be shown to the next window as what was said: improbable, a loop, a guess, or
/// of a window that is likely not speech.
bool IsDoubtful(const FallbackOptions& options, const WindowResult& result);

/// Whether the next window may be shown the text of this one. The reference carries doubtful text
/// on; one bad window then spoils those behind it.
bool MayBeCarriedOn(const TranscriptionRequest& request, const WindowResult& result);

/// What to keep of attempts that were all refused: the most probable one that is no loop. The last
/// one, which the reference keeps, was sampled at the highest temperature and is the wildest guess.
/// REQUIRES: refused is not empty.
WindowResult LeastDoubtful(const FallbackOptions& options, std::vector<WindowResult>* refused);

}  // namespace wt::pipeline
