// Decoded frames as interleaved float32. Pure: thread-safe.
#pragma once

#include <vector>

#include "apps/transcriber_media/libav.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

/// Replaces `out` by the samples of `frame`. kDataCorrupt when the frame has no or too many
/// channels, an impossible rate or a sample format that is not known.
Status FrameToFloats(const AVFrame& frame, std::vector<float>* out);

}  // namespace wt::apps::transcriber_media
