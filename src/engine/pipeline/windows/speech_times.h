// Times of text by where the voice activity detector heard speech. Pure functions: thread-safe.
#pragma once

#include <optional>
#include <span>

#include "engine/vad/vad.h"
#include "whisper_transcriber/transcript.h"

namespace wt::pipeline {

/// 0.02 s.
inline constexpr SampleIndex kSamplesPerTimestamp = kSampleRate / 50;

/// Samples of speech inside [begin, end).
SampleIndex SpeechWithin(std::span<const vad::SpeechSpan> speech, SampleIndex begin,
                         SampleIndex end);

/// End of the last span that begins before `limit`, at most `limit`; 0 without one.
SampleIndex SpeechEnd(std::span<const vad::SpeechSpan> speech, SampleIndex limit);

/// The place between two spans that is nearest to `at`, at most `reach` away. Spans that touch have
/// a short pause there: padding filled it.
std::optional<SampleIndex> NearestPause(std::span<const vad::SpeechSpan> speech, SampleIndex at,
                                        SampleIndex reach);

/// The model stamps the silence before and after a sentence as part of it; the spans know better.
/// A segment that touches no span keeps its times.
void FitToSpeech(std::span<const vad::SpeechSpan> speech, Segment* segment);

}  // namespace wt::pipeline
