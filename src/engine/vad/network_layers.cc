#include "engine/vad/network_layers.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "engine/network/activations-inl.h"

namespace wt::vad {

using network::Linear;
using network::Sigmoid;
using network::Tanh;

namespace {

typedef float Float4 __attribute__((vector_size(16)));
static_assert(kFrames == 4, "a lane for each frame of a step");

// Taps first .. last of a convolution as a matrix [out][(last - first + 1) * in].
Linear PackTaps(const kernels::KernelSet& kernels, const ConvWeights& conv, int first, int last) {
  const int taps = last - first + 1;
  std::vector<float> rows;
  rows.reserve(static_cast<std::size_t>(conv.out * conv.in * taps));
  for (int out = 0; out < conv.out; ++out) {
    for (int tap = first; tap <= last; ++tap) {
      for (int in = 0; in < conv.in; ++in) {
        rows.push_back(conv.weight[static_cast<std::size_t>((out * conv.in + in) * 3 + tap)]);
      }
    }
  }
  return Linear(kernels, conv.out, conv.in * taps, rows, conv.bias);
}

void Relu(float* x, int count) {
  for (int i = 0; i < count; ++i) x[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

}  // namespace

NetworkLayers::NetworkLayers(const NetworkWeights& weights, const kernels::KernelSet& kernels)
    : kernels_(kernels),
      conv0_all_(PackTaps(kernels, weights.conv[0], 0, 2)),
      conv0_late_(PackTaps(kernels, weights.conv[0], 1, 2)),
      conv0_early_(PackTaps(kernels, weights.conv[0], 0, 1)),
      conv1_all_(PackTaps(kernels, weights.conv[1], 0, 2)),
      conv1_late_(PackTaps(kernels, weights.conv[1], 1, 2)),
      conv2_late_(PackTaps(kernels, weights.conv[2], 1, 2)),
      conv3_middle_(PackTaps(kernels, weights.conv[3], 1, 1)),
      input_(kernels, kGates, kState, weights.weight_ih, weights.bias),
      recurrent_(kernels, kGates, kState, weights.weight_hh, {}),
      output_(weights.output),
      output_bias_(weights.output_bias) {
  for (int n = 0; n < kFrameSamples; ++n) {
    const double hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / kFrameSamples);
    half_window_[n] = 0.5f * static_cast<float>(hann);
  }
}

void NetworkLayers::Magnitudes(const float* samples, float* out) const {
  constexpr int kHeld = kContextSamples + kStepSamples;
  float window[kHeld + kContextSamples];
  std::copy_n(samples, kHeld, window);
  // 64 samples by reflection at the end, the edge itself not repeated.
  for (int i = 0; i < kContextSamples; ++i) window[kHeld + i] = window[kHeld - 2 - i];
  Float4 data[kFrameSamples], scratch[kFrameSamples], power[kBins];
  for (int n = 0; n < kFrameSamples; ++n) {
    const Float4 x = {window[n], window[n + kFrameHop], window[n + 2 * kFrameHop],
                      window[n + 3 * kFrameHop]};
    data[n / 2 + n % 2 * (kFrameSamples / 2)] = x * half_window_[n];
  }
  tensor::PowerSpectrum<kFrameSamples>(fft_, data, scratch, power);
  for (int frame = 0; frame < kFrames; ++frame) {
    for (int bin = 0; bin < kBins; ++bin) {
      out[frame * kBins + bin] = std::sqrt(power[bin][frame]);
    }
  }
}

void NetworkLayers::Encode(const float* samples, int steps, NetworkScratch* scratch) const {
  WT_DCHECK(steps <= kBatchSteps);
  float* magnitude = scratch->magnitude.data();
  for (int step = 0; step < steps; ++step) {
    Magnitudes(samples + step * kStepSamples, magnitude + step * kFrames * kBins);
  }
  constexpr int kWidth0 = 128, kWidth1 = 64;
  float* x0 = scratch->conv0.data();
  constexpr int kLd0 = kFrames * kWidth0, kLdm = kFrames * kBins;
  conv0_late_.Apply(kernels_, magnitude, kLdm, steps, x0, kLd0);
  conv0_all_.Apply(kernels_, magnitude, kLdm, steps, x0 + kWidth0, kLd0);
  conv0_all_.Apply(kernels_, magnitude + kBins, kLdm, steps, x0 + 2 * kWidth0, kLd0);
  conv0_early_.Apply(kernels_, magnitude + 2 * kBins, kLdm, steps, x0 + 3 * kWidth0, kLd0);
  Relu(x0, steps * kLd0);
  // Stride 2 with one zero in front: output 0 sees inputs -1, 0, 1 and output 1 sees 1, 2, 3.
  float* x1 = scratch->conv1.data();
  conv1_late_.Apply(kernels_, x0, kLd0, steps, x1, 2 * kWidth1);
  conv1_all_.Apply(kernels_, x0 + kWidth0, kLd0, steps, x1 + kWidth1, 2 * kWidth1);
  Relu(x1, steps * 2 * kWidth1);
  conv2_late_.Apply(kernels_, x1, 2 * kWidth1, steps, scratch->conv2.data(), kWidth1);
  Relu(scratch->conv2.data(), steps * kWidth1);
  conv3_middle_.Apply(kernels_, scratch->conv2.data(), kWidth1, steps, scratch->conv3.data(),
                      kState);
  Relu(scratch->conv3.data(), steps * kState);
  input_.Apply(kernels_, scratch->conv3.data(), kState, steps, scratch->gates.data(), kGates);
}

float NetworkLayers::Recur(float* gates, NetworkState* state) const {
  recurrent_.Apply(kernels_, state->h.data(), kState, 1, gates, kGates, kernels::Epilogue::kAdd);
  float* h = state->h.data();
  float* c = state->c.data();
  for (int i = 0; i < kState; ++i) {
    const float input = Sigmoid(gates[i]);
    const float forget = Sigmoid(gates[i + kState]);
    const float cell = Tanh(gates[i + 2 * kState]);
    const float output = Sigmoid(gates[i + 3 * kState]);
    c[i] = forget * c[i] + input * cell;
    h[i] = output * Tanh(c[i]);
  }
  float sum = 0;
  for (int i = 0; i < kState; ++i) sum += (h[i] > 0.0f ? h[i] : 0.0f) * output_[i];
  return Sigmoid(sum + output_bias_);
}

}  // namespace wt::vad
