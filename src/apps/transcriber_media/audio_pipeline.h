// From frames to 16 kHz mono: timeline, mixdown, resampling, sink.
//
// A change of rate or channels in the middle of a track (chained streams, broadcast recordings)
// ends one run of mixdown and resampler and starts the next. Memory does not grow with the length
// of the audio. Thread-compatible; borrows the sink.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "apps/transcriber_media/frame_pcm.h"
#include "apps/transcriber_media/libav.h"
#include "apps/transcriber_media/output.h"
#include "apps/transcriber_media/resampler.h"
#include "apps/transcriber_media/timeline.h"
#include "media/mixdown.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

class AudioPipeline {
 public:
  /// `channel` < 0 mixes all of them.
  AudioPipeline(const ClockRules& rules, Fidelity fidelity, int channel, SampleSink* sink);

  /// kInvalidArgument when the frame lacks the channel; kResourceExhausted beyond the longest
  /// audio.
  Status Push(const AVFrame& frame, std::optional<double> start_s);
  /// Gives out the rest. REQUIRES: nothing is pushed after it.
  Status Finish();
  /// Frames that were taken.
  std::int64_t frames() const { return frames_; }
  /// Those of them that were damaged and silenced.
  std::int64_t damaged_frames() const { return damaged_frames_; }

 private:
  struct Run {
    int rate;
    int channels;
    media::Mixdown mixdown;
    Resampler resampler;
  };

  Status EnsureRun(const AVFrame& frame);
  Status FinishRun();
  Status PushSilence(std::int64_t samples);
  Status PushInterleaved(std::span<const float> samples);
  /// Resamples mixed_ and writes it.
  Status Emit();
  Status WriteOut();

  Timeline timeline_;
  Fidelity fidelity_;
  int channel_;
  SampleSink* sink_;
  std::optional<Run> run_;
  bool begun_ = false;
  std::int64_t frames_ = 0;
  std::int64_t damaged_frames_ = 0;
  std::int64_t samples_out_ = 0;
  std::vector<float> interleaved_;
  std::vector<float> mixed_;
  std::vector<float> resampled_;
};

}  // namespace wt::apps::transcriber_media
