// Kaldi's log mel filterbank, as the voice network was trained on (kaldi feature-fbank.cc with 80
// bands from 20 to 8000 Hz, Povey window, no dither; reference/speaker/README.md, section 2).
//
// Immutable: thread-safe. Internal to engine/diarize.
#pragma once

#include <span>
#include <vector>

#include "engine/tensor/real_fft-inl.h"

namespace wt::diarize {

inline constexpr int kMelBands = 80;
inline constexpr int kFbankFrameSamples = 400;  // 25 ms.
inline constexpr int kFbankHopSamples = 160;    // 10 ms.

/// Whole frames in a stretch of that many samples.
constexpr int FbankFrames(int samples) {
  return samples < kFbankFrameSamples ? 0 : 1 + (samples - kFbankFrameSamples) / kFbankHopSamples;
}

class Filterbank {
 public:
  Filterbank();
  /// out[frame * kMelBands + band] of all whole frames, each band's mean over them subtracted.
  /// REQUIRES: there is room for FbankFrames(samples.size()) frames.
  void Compute(std::span<const float> samples, float* out) const;
  /// The same without the subtraction.
  void ComputeRaw(std::span<const float> samples, float* out) const;

 private:
  static constexpr int kPoints = 512;
  /// Weights of the bins first_[band] .. ends_[band] of a band, one band behind the other.
  struct Band {
    int first = 0, end = 0;
    std::size_t weights = 0;
  };
  tensor::RealFftTables<kPoints> fft_;
  float half_window_[kFbankFrameSamples];
  Band bands_[kMelBands];
  std::vector<float> weights_;
};

}  // namespace wt::diarize
