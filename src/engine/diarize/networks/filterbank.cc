#include "engine/diarize/networks/filterbank.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace wt::diarize {
namespace {

typedef float Float4 __attribute__((vector_size(16)));
constexpr int kLanes = 4;
constexpr double kLowHz = 20, kHighHz = 8000, kRate = 16'000;
constexpr float kPreemphasis = 0.97f;
constexpr float kFloor = 1.1920929e-7f;  // FLT_EPSILON, as in Kaldi.

double Mel(double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); }

}  // namespace

Filterbank::Filterbank() {
  for (int i = 0; i < kFbankFrameSamples; ++i) {
    const double hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / (kFbankFrameSamples - 1));
    // The transform wants its samples halved.
    half_window_[i] = static_cast<float>(0.5 * std::pow(hann, 0.85));
  }
  const double low = Mel(kLowHz), step = (Mel(kHighHz) - low) / (kMelBands + 1);
  for (int b = 0; b < kMelBands; ++b) {
    const double left = low + b * step, centre = left + step, right = centre + step;
    Band& band = bands_[b];
    band.weights = weights_.size();
    for (int bin = 0; bin < kPoints / 2; ++bin) {
      const double mel = Mel(bin * kRate / kPoints);
      if (mel <= left || mel >= right) continue;
      if (band.end == 0) band.first = bin;
      band.end = bin + 1;
      weights_.push_back(
          static_cast<float>(mel <= centre ? (mel - left) / step : (right - mel) / step));
    }
  }
}

void Filterbank::ComputeRaw(std::span<const float> samples, float* out) const {
  const int frames = FbankFrames(static_cast<int>(samples.size()));
  Float4 data[kPoints], scratch[kPoints], power[kPoints / 2 + 1];
  for (int first = 0; first < frames; first += kLanes) {
    std::fill_n(data, kPoints, Float4{});
    for (int lane = 0; lane < std::min(kLanes, frames - first); ++lane) {
      const float* x = samples.data() + (first + lane) * kFbankHopSamples;
      double sum = 0;
      for (int i = 0; i < kFbankFrameSamples; ++i) sum += static_cast<double>(x[i]);
      const auto mean = static_cast<float>(sum / kFbankFrameSamples);
      float before = x[0] - mean;
      for (int i = 0; i < kFbankFrameSamples; ++i) {
        const float here = x[i] - mean;
        const float value = (here - kPreemphasis * before) * half_window_[i];
        data[i / 2 + i % 2 * (kPoints / 2)][lane] = value;
        before = here;
      }
    }
    tensor::PowerSpectrum<kPoints>(fft_, data, scratch, power);
    for (int b = 0; b < kMelBands; ++b) {
      const Band& band = bands_[b];
      Float4 sum = {};
      for (int bin = band.first; bin < band.end; ++bin) {
        sum += power[bin] * weights_[band.weights + static_cast<std::size_t>(bin - band.first)];
      }
      for (int lane = 0; lane < std::min(kLanes, frames - first); ++lane) {
        out[(first + lane) * kMelBands + b] = std::log(std::max(sum[lane], kFloor));
      }
    }
  }
}

void Filterbank::Compute(std::span<const float> samples, float* out) const {
  ComputeRaw(samples, out);
  const int frames = FbankFrames(static_cast<int>(samples.size()));
  double means[kMelBands] = {};
  for (int f = 0; f < frames; ++f) {
    for (int b = 0; b < kMelBands; ++b) means[b] += static_cast<double>(out[f * kMelBands + b]);
  }
  for (int f = 0; f < frames; ++f) {
    for (int b = 0; b < kMelBands; ++b) {
      out[f * kMelBands + b] -= static_cast<float>(means[b] / frames);
    }
  }
}

}  // namespace wt::diarize
