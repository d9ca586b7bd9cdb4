// One recording's audio as the pipeline needs it: a first pass, then log-mel windows.
//
// One thread at a time (the task's driver).
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "engine/features/log_mel.h"
#include "whisper_transcriber/engine.h"

namespace wt::pipeline {

class RecordingAudio {
 public:
  /// `source` must outlive this.
  RecordingAudio(AudioSource& source, int n_mels);

  /// Reads everything once: length and log-mel maximum. `on_samples` sees all samples in order.
  Status Scan(const base::CancelFlag* cancel,
              const std::function<void(std::span<const float>)>& on_samples);
  /// Instead of Scan, when its results are known (resumed work).
  void Restore(SampleIndex samples, float log_mel_max);

  SampleIndex samples() const { return samples_; }
  float log_mel_max() const { return log_mel_max_; }
  /// Frames of 10 ms that belong to the recording.
  std::int64_t content_frames() const { return samples_ / features::kHopSamples; }

  /// `frames` normalised frames from `first_frame` on; the rest of the 3000 is 0 (the value, not
  /// silence), as in the reference. `out` is n_mels x 3000. REQUIRES: within content_frames().
  Status Window(std::int64_t first_frame, int frames, std::span<float> out);
  /// 3000 frames from `first_frame` on, with the log-mel of silence after the recording's end.
  Status PaddedWindow(std::int64_t first_frame, std::span<float> out);

 private:
  AudioSource& source_;
  features::LogMel log_mel_;
  SampleIndex samples_ = 0;
  float log_mel_max_ = 0;
  std::vector<float> all_;
};

}  // namespace wt::pipeline
