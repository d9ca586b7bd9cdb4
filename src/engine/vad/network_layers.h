// The layers of the voice activity network over a batch of steps (reference/vad/README.md, 1-10).
//
// Internal to this folder. Steps 1-8 and the input half of the LSTM do not depend on the state, so
// they run as matrix products over up to kBatchSteps steps at once; the recurrent half runs step by
// step. Convolutions need no copying: at time-major layout the three taps of an output lie side by
// side, and taps that would meet padding are left out of the product. The sum of an output has the
// same order in every batch size (see kernels.h), so results do not depend on how steps are
// batched. Immutable after construction: thread-safe; scratch and state belong to the caller.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/network/linear.h"
#include "engine/tensor/real_fft-inl.h"
#include "engine/vad/network_weights.h"
#include "engine/vad/vad.h"

namespace wt::vad {

/// Samples kept from the step before, put in front of the new ones.
inline constexpr int kContextSamples = 64;
/// 32 steps are 1 s; the scratch (0.3 MB) stays in the second-level cache.
inline constexpr int kBatchSteps = 32;

/// Values between the layers, [step][time][channel].
struct NetworkScratch {
  std::vector<float> magnitude = std::vector<float>(kBatchSteps * kFrames * kBins);
  std::vector<float> conv0 = std::vector<float>(kBatchSteps * kFrames * 128);
  std::vector<float> conv1 = std::vector<float>(kBatchSteps * 2 * 64);
  std::vector<float> conv2 = std::vector<float>(kBatchSteps * 64);
  std::vector<float> conv3 = std::vector<float>(kBatchSteps * kState);
  /// W_ih x + b_ih + b_hh; the recurrent half is added step by step.
  std::vector<float> gates = std::vector<float>(kBatchSteps * kGates);
};

struct NetworkState {
  std::vector<float> h = std::vector<float>(kState);
  std::vector<float> c = std::vector<float>(kState);
};

class NetworkLayers {
 public:
  NetworkLayers(const NetworkWeights& weights, const kernels::KernelSet& kernels);

  /// Layers up to the LSTM's input for `steps` <= kBatchSteps steps. `samples` holds the context
  /// and then steps * kStepSamples new samples.
  void Encode(const float* samples, int steps, NetworkScratch* scratch) const;
  /// One step of the LSTM and the output layer: the probability. `gates` is a row of scratch.gates.
  float Recur(float* gates, NetworkState* state) const;

 private:
  void Magnitudes(const float* samples, float* out) const;

  const kernels::KernelSet& kernels_;
  tensor::RealFftTables<kFrameSamples> fft_;
  float half_window_[kFrameSamples];
  // "All" has three taps; "late" lacks the first one (its input lies before the frames), "early"
  // the last one, "middle" both.
  network::Linear conv0_all_, conv0_late_, conv0_early_;
  network::Linear conv1_all_, conv1_late_;
  network::Linear conv2_late_;
  network::Linear conv3_middle_;
  network::Linear input_, recurrent_;
  std::vector<float> output_;
  float output_bias_ = 0;
};

}  // namespace wt::vad
