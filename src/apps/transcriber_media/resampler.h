// One channel of float32 from any rate to 16 kHz, by swresample: with the soxr engine where it was
// compiled in, else with its own filter. 16 kHz passes through untouched. Thread-compatible.
#pragma once

#include <span>
#include <vector>

#include "apps/transcriber_media/libav.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

class Resampler {
 public:
  /// `rate` within base::kAudioRateMin .. kAudioRateMax.
  static Result<Resampler> Create(int rate);

  /// Appends what is ready to `out`.
  Status Push(std::span<const float> samples, std::vector<float>* out);
  /// Appends the rest; nothing may be pushed after it.
  Status Finish(std::vector<float>* out);

 private:
  Status Convert(const float* samples, int count, std::vector<float>* out);

  int rate_ = 0;
  /// Null when nothing is to be done.
  SwrPointer swr_;
};

}  // namespace wt::apps::transcriber_media
