// Tables and arguments of the log-mel inner loop (see simd.h).
//
// Internal to this folder. A block is as many frames as a vector has lanes. Tables are immutable.
#pragma once

#include <vector>

#include "engine/features/log_mel.h"
#include "engine/tensor/real_fft-inl.h"

namespace wt::features {

inline constexpr int kSpectrumBins = kFrameSamples / 2 + 1;

/// The bins in which a mel filter is not zero; its weights start at `weights`.
struct MelBand {
  int first_bin = 0;
  int bins = 0;
  int weights = 0;
};

struct MelTables {
  int n_mels = 0;
  tensor::RealFftTables<kFrameSamples> fft;
  /// Periodic Hann window, halved (see PowerSpectrum).
  float half_window[kFrameSamples];
  std::vector<float> weights;
  std::vector<MelBand> bands;
};

/// REQUIRES: n_mels is 80 or 128.
MelTables MakeMelTables(int n_mels);

/// One call: `frames` frames (any number) from `samples`, as LogMel::Compute describes them.
/// `bands` and `weights` are the tables' arrays, so that the inner loops touch no container.
struct MelBlockArgs {
  const MelTables* tables = nullptr;
  const MelBand* bands = nullptr;
  const float* weights = nullptr;
  const float* samples = nullptr;
  int frames = 0;
  float* out = nullptr;
  int stride = 0;
};

}  // namespace wt::features
