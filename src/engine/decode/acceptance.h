// Whether a decoded window is kept, tried again at a higher temperature, or taken for silence.
//
// openai-whisper, transcribe.py (decode_with_fallback and the "no voice activity check"). A metric
// that is not a number is never beyond a threshold. Pure functions: thread-safe.
#pragma once

#include "whisper_transcriber/options.h"

namespace wt::decode {

/// What is known of one decoded window.
struct WindowQuality {
  /// UTF-8 bytes / zlib bytes of the text.
  double compression_ratio = 0;
  double avg_logprob = 0;
  /// Of the no-speech token at the start of the transcript.
  double no_speech_prob = 0;
};

/// True when the window has to be decoded again, if a temperature is left. The result at the last
/// temperature is kept in any case.
bool NeedsFallback(const FallbackOptions& options, const WindowQuality& quality);

/// True when the kept result is silence: it gives no text and the whole window is passed over.
bool IsSilence(const FallbackOptions& options, const WindowQuality& quality);

}  // namespace wt::decode
