// Log-mel spectrogram as Whisper was trained on (openai-whisper audio.py, log_mel_spectrogram).
//
// Frame i of a recording covers samples [160 i - 200, 160 i + 200): 400 samples under a periodic
// Hann window, left of the start by reflection (x[-k] = x[k]), right of the end zeros. Raw values
// are log10(max(mel power, 1e-10)). Normalising needs the maximum M of the whole recording
// (including the 30 s of zeros that the reference appends): (max(raw, M - 8) + 4) / 4.
// Immutable after construction: thread-safe; Compute may run in parallel.
#pragma once

#include <memory>
#include <span>
#include <vector>

namespace wt::features {

inline constexpr int kFrameSamples = 400;   // 25 ms at 16 kHz
inline constexpr int kHopSamples = 160;     // 10 ms
inline constexpr int kFrameContext = 200;   // Samples on each side of a frame's centre.
inline constexpr int kWindowFrames = 3000;  // 30 s
inline constexpr float kLogFloor = -10.0f;  // log10(1e-10): the raw value of digital silence.

/// Mel filters, n_mels x 201 row-major (librosa's Slaney scale, area-normalised). The same float32
/// values as openai-whisper's mel_filters.npz. REQUIRES: n_mels is 80 or 128.
std::vector<float> MelFilters(int n_mels);

class LogMel {
 public:
  explicit LogMel(int n_mels);
  ~LogMel();
  LogMel(const LogMel&) = delete;
  LogMel& operator=(const LogMel&) = delete;

  int n_mels() const { return n_mels_; }

  /// Raw log-mel of `frames` consecutive frames. `samples` begins 200 samples before the first
  /// frame's centre and holds at least (frames - 1) * 160 + 400 of them; the caller reflects and
  /// zero-fills at the borders. Writes out[mel * stride + frame]. REQUIRES: stride >= frames.
  /// Returns the largest value written (kLogFloor when frames is 0). NaN and infinite samples
  /// count as 0, others are limited to +-1e9. A frame's values depend on its 400 samples only, not
  /// on the call or the instruction set.
  float Compute(std::span<const float> samples, int frames, float* out, int stride) const;

 private:
  struct State;
  int n_mels_;
  std::unique_ptr<const State> state_;
};

/// In place: (max(raw, maximum - 8) + 4) / 4 for `frames` frames of each mel row.
void NormalizeLogMel(float maximum, int n_mels, int frames, float* data, int stride);

}  // namespace wt::features
