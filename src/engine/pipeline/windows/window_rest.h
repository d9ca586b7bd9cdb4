// What becomes of the audio after a window's last pair of timestamps. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "engine/decode/segments.h"
#include "engine/pipeline/windows/heard_text.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt::pipeline {

/// Where the next window may begin.
struct WindowEnd {
  /// Speech before this is settled.
  SampleIndex seek = 0;
  /// Silence before the next speech may be taken in from here on; at most seek.
  SampleIndex lead_from = 0;
  /// seek is inside the window, at its last timestamp: what follows is heard again.
  bool rest_pending = false;

  bool operator==(const WindowEnd&) const = default;
};

/// The next window begins at `rest`, inside this one.
WindowEnd HeardAgainFrom(SampleIndex rest);

/// The end of a window that is settled whatever its text is.
WindowEnd SettledEnd(const HeardWindow& window);

/// Settles what follows the last timestamp of `tokens`, which `split` was made from: it is heard
/// again with the next window, or (where the window ends in a pause, so that its last words are
/// whole although their end has no time) becomes a segment, or counts as silence. A window that is
/// cut in speech may lose its last segments too, to be heard again whole (cut_end.h).
WindowEnd SettleRest(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
                     SampleIndex samples, std::span<const TokenId> tokens,
                     decode::WindowSegments* split);

/// The end of a window whose text was found invented from a frame on, or refused up to it
/// (hallucination_silence_threshold): what follows is heard again without the silence before it,
/// which is what made the text.
WindowEnd EndBeforeInvented(const HeardWindow& window, std::int64_t next_seek_frames);

/// True for a window that holds hardly any speech which the windows before (up to `heard_to`) have
/// not held: shown the text before, the model says it once more there.
bool IsTail(const HeardWindow& window, SampleIndex heard_to);

}  // namespace wt::pipeline
