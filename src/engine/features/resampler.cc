#include "engine/features/resampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/check.h"
#include "base/limits.h"
#include "engine/features/simd.h"
#include "whisper_transcriber/options.h"

namespace wt::features {
namespace {

// Kaiser's formulas for 100 dB: beta = 0.1102 (100 - 8.7) = 10.06, and for a transition of 0.09
// of the band N = (100 - 8) / (2.285 * 0.09 pi) = 142.4 taps at the lower of the two rates.
constexpr double kBeta = 10.06;
constexpr double kTapsAtLowerRate = 142.4;
// The middle of the transition from 0.91 to 1.0.
constexpr double kCutoff = 0.955;
// At most 1 MiB of filters (44.1 kHz needs 160 phases of 416 taps). Where the fraction is worse
// (44,101 Hz: 16,000 phases) 1,024 filters for each sample of the lower rate are interpolated
// linearly: the error is at most (pi / 1024)^2 / 8 = -118 dB.
constexpr std::size_t kBankValuesMax = std::size_t{1} << 18;
constexpr double kPhasesAtLowerRate = 1'024;
constexpr std::size_t kInterpolatedPhasesMin = 32;
// The dot product works on 32 lanes.
constexpr std::size_t kTapsMultiple = 32;
// Input is taken in pieces, so that memory does not grow with the size of a call.
constexpr std::size_t kPieceSamples = 16'384;

// Modified Bessel function of order 0 by its power series; x is at most kBeta.
double BesselI0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 64 && term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// The filter at `t` input samples from its centre.
double Kernel(double t, double cutoff, double half_width) {
  const double u = t / half_width;
  if (u <= -1 || u >= 1) return 0;
  const double x = std::numbers::pi * cutoff * t;
  const double sinc = x == 0 ? 1 : std::sin(x) / x;
  return sinc * BesselI0(kBeta * std::sqrt(1 - u * u));
}

}  // namespace

Result<Resampler> Resampler::Create(int rate_in) {
  if (rate_in < base::kAudioRateMin || rate_in > base::kAudioRateMax) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("a sample rate of {} Hz is outside {} .. {} Hz", rate_in,
                              base::kAudioRateMin, base::kAudioRateMax));
  }
  return Resampler(rate_in);
}

Resampler::Resampler(int rate_in) : dot_(ChooseSimd().dot) {
  const int common = std::gcd(rate_in, kSampleRate);
  step_ = rate_in / common;
  phases_ = kSampleRate / common;
  if (step_ != phases_) {
    MakeBank(std::min(1.0, static_cast<double>(phases_) / static_cast<double>(step_)));
  }
  Restart();
}

void Resampler::MakeBank(double lower_rate) {
  const double width = kTapsAtLowerRate / lower_rate;
  taps_ = (static_cast<std::size_t>(std::ceil(width)) + kTapsMultiple - 1) / kTapsMultiple *
          kTapsMultiple;
  half_taps_ = taps_ / 2;
  bank_phases_ = static_cast<std::size_t>(phases_);
  interpolated_ = bank_phases_ * taps_ > kBankValuesMax;
  if (interpolated_) {
    bank_phases_ = std::max(static_cast<std::size_t>(std::ceil(kPhasesAtLowerRate * lower_rate)),
                            kInterpolatedPhasesMin);
  }
  bank_.resize((bank_phases_ + 1) * taps_);
  const auto half = static_cast<double>(half_taps_);
  std::vector<double> filter(taps_);
  for (std::size_t phase = 0; phase <= bank_phases_; ++phase) {
    // Tap j meets the sample half_taps_ - 1 - j before the position rounded down.
    const double fraction = static_cast<double>(phase) / static_cast<double>(bank_phases_);
    double sum = 0;
    for (std::size_t j = 0; j < taps_; ++j) {
      const double t = fraction + (half - 1) - static_cast<double>(j);
      sum += filter[j] = Kernel(t, kCutoff * lower_rate, half);
    }
    // Each phase has gain 1 at 0 Hz, so that a constant stays constant.
    for (std::size_t j = 0; j < taps_; ++j) {
      bank_[phase * taps_ + j] = static_cast<float>(filter[j] / sum);
    }
  }
}

void Resampler::Restart() {
  // Silence before the start: the first output lies on input sample 0.
  held_.assign(half_taps_ == 0 ? 0 : half_taps_ - 1, 0.0f);
  phase_ = 0;
  fed_ = 0;
  produced_ = 0;
}

void Resampler::Append(std::span<const float> samples) {
  for (const float x : samples) held_.push_back(std::isfinite(x) ? x : 0.0f);
}

void Resampler::Feed(std::span<const float> samples, std::vector<float>* out) {
  fed_ += static_cast<std::int64_t>(samples.size());
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), kPieceSamples);
    Append(samples.first(count));
    Produce(out);
    samples = samples.subspan(count);
  }
}

void Resampler::Finish(std::vector<float>* out) {
  // ceil(fed * phases / step) outputs; their last needs at most half_taps_ samples of silence.
  const std::int64_t whole = fed_ / step_ * phases_;
  const std::int64_t rest = fed_ % step_ * phases_;
  const std::int64_t wanted = whole + (rest + step_ - 1) / step_;
  const auto missing = static_cast<std::size_t>(wanted - produced_);
  if (missing > 0) {
    const std::size_t before = out->size();
    const std::vector<float> silence(half_taps_);
    Append(silence);
    Produce(out);
    WT_DCHECK(out->size() >= before + missing);
    out->resize(before + missing);
  }
  Restart();
}

float Resampler::OutputAt(const float* samples) const {
  if (!interpolated_) {
    return dot_(samples, bank_.data() + static_cast<std::size_t>(phase_) * taps_, taps_);
  }
  // phase_ < 2^14 and bank_phases_ <= 2^10: the product is exact.
  const std::int64_t scaled = phase_ * static_cast<std::int64_t>(bank_phases_);
  const float* filter = bank_.data() + static_cast<std::size_t>(scaled / phases_) * taps_;
  const float weight = static_cast<float>(scaled % phases_) / static_cast<float>(phases_);
  const float low = dot_(samples, filter, taps_);
  const float high = dot_(samples, filter + taps_, taps_);
  return low + weight * (high - low);
}

void Resampler::Produce(std::vector<float>* out) {
  if (taps_ == 0) {
    out->insert(out->end(), held_.begin(), held_.end());
    produced_ += static_cast<std::int64_t>(held_.size());
    held_.clear();
    return;
  }
  std::size_t at = 0;
  while (at + taps_ <= held_.size()) {
    out->push_back(OutputAt(held_.data() + at));
    ++produced_;
    phase_ += step_;
    at += static_cast<std::size_t>(phase_ / phases_);
    phase_ %= phases_;
  }
  // A step is at most one sample of the lower rate and the filter over 142 of them, so `at` is
  // never beyond the end.
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace wt::features
