// Decoded frames as interleaved float32. Pure: thread-safe.
#pragma once

#include <vector>

#include "apps/transcriber_media/libav.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

/// What a codec does to samples.
enum class Fidelity { kExact, kLossy };

/// Replaces `out` by the samples of `frame`. kDataCorrupt when the frame has no or too many
/// channels, an impossible rate or a sample format that is not known.
Status FrameToFloats(const AVFrame& frame, std::vector<float>* out);

/// Damaged packets of lossy codecs decode to bursts thousands of times over full scale, which would
/// drown the speech around them. Silences `samples` when they hold one (peak above 24 dB over full
/// scale) and returns true; cuts lesser overshoots at 6 dB.
bool SilenceBurst(std::vector<float>* samples);

}  // namespace wt::apps::transcriber_media
