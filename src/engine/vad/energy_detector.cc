#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/vad/vad.h"

namespace wt::vad {
namespace {

// Probabilities come this many steps late (1 s), so that a recording that begins with steady noise
// is known to be steady from its first step on.
constexpr std::size_t kLookAheadSteps = 31;
// The noise floor is a low quantile of the levels from 3 s before to 1 s after a step: speech
// pauses or dips between syllables more often than for a tenth of that time.
constexpr std::size_t kLookBackSteps = 94;
constexpr std::size_t kQuantile = 10;
// A step counts as loud as its loudest neighbour within 64 ms, which bridges stop consonants.
constexpr std::size_t kSpreadSteps = 2;
// Levels in dB below full scale. Below -60 there is nothing to hear (-69 + 9).
constexpr float kFloorMin = -69.0f;
// Speech at 9 dB above the floor (probability 0.5); steady noise stays within 4 dB of it.
constexpr float kSpeechAboveFloor = 9.0f;
constexpr float kSlope = 1.5f;
// One-pole high pass at (1 - 0.96) * 16000 / 2 pi = 102 Hz against DC offset and hum.
constexpr float kHighPass = 0.96f;

class EnergyDetector final : public Detector {
 public:
  void Feed(std::span<const float> samples, std::vector<float>* probabilities) override {
    for (const float sample : samples) {
      const float x = std::isfinite(sample) ? std::clamp(sample, -4.0f, 4.0f) : 0.0f;
      filtered_ = x - last_ + kHighPass * filtered_;
      last_ = x;
      energy_ += static_cast<double>(filtered_) * static_cast<double>(filtered_);
      if (++samples_in_step_ == kStepSamples) EndStep(probabilities);
    }
  }

  void Finish(std::vector<float>* probabilities) override {
    if (samples_in_step_ != 0) EndStep(probabilities);
    while (answered_ < levels_.size()) Answer(probabilities);
    *this = EnergyDetector();
  }

  VadMethod method() const override { return VadMethod::kEnergy; }

 private:
  void EndStep(std::vector<float>* probabilities) {
    // 1e-12: -120 dB, the level of digital silence.
    levels_.push_back(static_cast<float>(10 * std::log10(energy_ / kStepSamples + 1e-12)));
    energy_ = 0;
    samples_in_step_ = 0;
    if (levels_.size() > answered_ + kLookAheadSteps) Answer(probabilities);
    if (answered_ >= 2 * kLookBackSteps) {
      levels_.erase(levels_.begin(), levels_.begin() + kLookBackSteps);
      answered_ -= kLookBackSteps;
    }
  }

  void Answer(std::vector<float>* probabilities) {
    const std::size_t begin = answered_ - std::min(answered_, kLookBackSteps);
    const std::size_t end = std::min(answered_ + kLookAheadSteps + 1, levels_.size());
    sorted_.assign(levels_.begin() + static_cast<std::ptrdiff_t>(begin),
                   levels_.begin() + static_cast<std::ptrdiff_t>(end));
    const auto quantile = sorted_.begin() + static_cast<std::ptrdiff_t>(sorted_.size() / kQuantile);
    std::nth_element(sorted_.begin(), quantile, sorted_.end());
    const float floor = std::max(*quantile, kFloorMin);
    const std::size_t spread_begin = answered_ - std::min(answered_, kSpreadSteps);
    const std::size_t spread_end = std::min(answered_ + kSpreadSteps + 1, end);
    const float level =
        *std::max_element(levels_.begin() + static_cast<std::ptrdiff_t>(spread_begin),
                          levels_.begin() + static_cast<std::ptrdiff_t>(spread_end));
    const float above = level - floor - kSpeechAboveFloor;
    probabilities->push_back(1.0f / (1.0f + std::exp(-above / kSlope)));
    ++answered_;
  }

  float last_ = 0;
  float filtered_ = 0;
  double energy_ = 0;
  int samples_in_step_ = 0;
  // Levels of the latest steps (at most 2 * kLookBackSteps + kLookAheadSteps + 1); the first
  // `answered_` of them have their probability.
  std::vector<float> levels_;
  std::size_t answered_ = 0;
  std::vector<float> sorted_;
};

}  // namespace

std::unique_ptr<Detector> NewEnergyDetector() { return std::make_unique<EnergyDetector>(); }

}  // namespace wt::vad
