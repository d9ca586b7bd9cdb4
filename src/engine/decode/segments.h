// From the tokens of one window to segments with times and the place of the next window.
//
// openai-whisper, transcribe.py: segments end at pairs of timestamps; text after the last pair is
// decoded again with the next window, which starts at that pair; a single timestamp at the end says
// that nothing is spoken after it. Times are in seconds of the recording, computed in the
// reference's order of operations, so that they are equal to the last bit. Pure: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "whisper_transcriber/options.h"

namespace wt::decode {

/// Frames of log-mel are 10 ms apart, timestamps two frames.
inline constexpr int kFramesPerTimestamp = 2;

struct WindowSegment {
  double start_s = 0;
  double end_s = 0;
  /// Timestamps included, as the reference keeps them.
  std::vector<TokenId> tokens;
  /// Where `tokens` begin among the window's.
  std::size_t first_token = 0;
};

struct WindowSegments {
  std::vector<WindowSegment> segments;
  /// Frame at which the next window starts. Always after this one: a pair at 0.00, which only
  /// decoding without the timestamp rules can give, would hold the reference in a loop; here it
  /// counts as the end of the window.
  std::int64_t next_seek_frames = 0;
  /// The last timestamp is a single one: no speech follows it in this window.
  bool single_timestamp_ending = false;
};

/// `seek_frames` is where the window starts, `window_frames` how many of its frames (at most 3,000)
/// are audio. A slice that does not begin with a timestamp (after a prefix) starts with the window;
/// the reference computes a negative time there.
WindowSegments SplitWindow(std::span<const TokenId> tokens, TokenId timestamp_begin,
                           std::int64_t seek_frames, std::int64_t window_frames);

}  // namespace wt::decode
