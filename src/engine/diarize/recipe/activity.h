// When somebody speaks, and when two do: the segmentation windows of a recording put together
// (reference/speaker/README.md, section 3, steps 1 and 2).
//
// Frames have 270 samples (16.875 ms) and count from the start of the recording. Memory: 16 bytes
// per frame, 3.4 MB an hour. One thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/diarize/networks/segmentation.h"
#include "whisper_transcriber/options.h"

namespace wt::diarize {

/// Windows of 10 s begin every 2 s.
inline constexpr int kActivityHopSamples = 2 * kSampleRate;

/// A position in frames of kFrameStep samples.
using FrameIndex = std::int64_t;

/// The middle of a frame.
inline double FrameMiddle(FrameIndex frame) {
  return (static_cast<double>(frame) * kFrameStep + kFrameReach / 2.0) / kSampleRate;
}
inline constexpr double kFrameSeconds = static_cast<double>(kFrameStep) / kSampleRate;

/// Frames whose middle lies inside a recording of that many samples.
FrameIndex FramesOf(SampleIndex samples);
/// Windows that cover a recording of that many samples; the last one may reach beyond its end.
std::int64_t ActivityWindows(SampleIndex samples);

/// Shares of one.
struct Activity {
  std::vector<float> speech;
  std::vector<float> overlap;
};

class ActivityFrames {
 public:
  explicit ActivityFrames(SampleIndex samples);
  /// The scores of window `index`. Windows come in any order.
  void Add(std::int64_t index, const ClassScores& scores);
  FrameIndex count() const { return static_cast<FrameIndex>(sums_.size()); }
  /// True when the average of speech so far is above `least` in one of frames [begin, end).
  bool AnyAbove(float least, FrameIndex begin, FrameIndex end) const;
  /// The averages.
  Activity Finish() const;

 private:
  struct Sum {
    float speech = 0, overlap = 0, weight = 0;
  };
  std::vector<Sum> sums_;
};

/// Frames in which somebody speaks: where `activity` says so, without runs in which no step of
/// voice activity (`vad`, a probability for each 512 samples) is at least a little sure. That keeps
/// music and noise out.
std::vector<bool> ActiveFrames(const Activity& activity, std::span<const float> vad);

}  // namespace wt::diarize
