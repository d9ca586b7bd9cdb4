#include "engine/pipeline/recording_audio.h"

#include <algorithm>

#include "base/status_macros.h"

namespace wt::pipeline {

RecordingAudio::RecordingAudio(AudioSource& source, int n_mels)
    : source_(source), log_mel_(n_mels) {}

Status RecordingAudio::Scan(const base::CancelFlag* cancel,
                            const std::function<void(std::span<const float>)>& on_samples) {
  std::vector<float> block(16000);
  for (;;) {
    if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
    WT_ASSIGN(const std::size_t n, source_.Read(block));
    if (n == 0) break;
    all_.insert(all_.end(), block.begin(), block.begin() + static_cast<long>(n));
    if (on_samples) on_samples({block.data(), n});
  }
  samples_ = static_cast<SampleIndex>(all_.size());
  std::vector<float> mel(static_cast<std::size_t>(log_mel_.n_mels()) * 3000);
  log_mel_max_ = -10.0f;
  const SampleIndex frames = samples_ / 160 + 3000;
  std::vector<float> samples;
  for (SampleIndex f = 0; f < frames; f += 3000) {
    const auto n = static_cast<int>(std::min<SampleIndex>(3000, frames - f));
    samples.assign(static_cast<std::size_t>(n) * 160 + 400, 0.0f);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      SampleIndex at = f * 160 - 200 + static_cast<SampleIndex>(i);
      if (at < 0) at = -at;
      if (at < samples_) samples[i] = all_[static_cast<std::size_t>(at)];
    }
    log_mel_max_ = std::max(log_mel_max_, log_mel_.Compute(samples, n, mel.data(), 3000));
  }
  return Status();
}

void RecordingAudio::Restore(SampleIndex samples, float log_mel_max) {
  samples_ = samples;
  log_mel_max_ = log_mel_max;
}

Status RecordingAudio::Window(std::int64_t first_frame, int frames, std::span<float> out) {
  WT_TRY(PaddedWindow(first_frame, out));
  for (int m = 0; m < log_mel_.n_mels(); ++m) {
    float* row = out.data() + static_cast<std::ptrdiff_t>(m) * 3000;
    std::fill(row + frames, row + 3000, 0.0f);
  }
  return Status();
}

Status RecordingAudio::PaddedWindow(std::int64_t first_frame, std::span<float> out) {
  std::vector<float> samples(3000 * 160 + 400, 0.0f);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    SampleIndex at = first_frame * 160 - 200 + static_cast<SampleIndex>(i);
    if (at < 0) at = -at;
    if (at < samples_) samples[i] = all_[static_cast<std::size_t>(at)];
  }
  log_mel_.Compute(samples, 3000, out.data(), 3000);
  features::NormalizeLogMel(log_mel_max_, log_mel_.n_mels(), 3000, out.data(), 3000);
  return Status();
}

}  // namespace wt::pipeline
