#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "engine/vad/network_layers.h"
#include "engine/vad/vad.h"

namespace wt::vad {
namespace {

// NaN and infinity count as 0: one of them would stay in the state for ever. Others are limited to
// what keeps all layers far from overflow.
float Clean(float x) {
  constexpr float kSampleMax = 1e6f;
  return std::isfinite(x) ? std::clamp(x, -kSampleMax, kSampleMax) : 0.0f;
}

class NetworkDetector final : public Detector {
 public:
  explicit NetworkDetector(std::shared_ptr<const NetworkLayers> layers)
      : layers_(std::move(layers)) {}

  void Feed(std::span<const float> samples, std::vector<float>* probabilities) override {
    while (!samples.empty()) {
      const std::size_t count = std::min(samples.size(), input_.size() - held_);
      std::transform(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count),
                     input_.begin() + static_cast<std::ptrdiff_t>(held_), Clean);
      held_ += count;
      samples = samples.subspan(count);
      RunFullSteps(probabilities);
    }
  }

  void Finish(std::vector<float>* probabilities) override {
    const std::size_t rest = (held_ - kContextSamples) % kStepSamples;
    if (rest != 0) {
      const std::vector<float> zeros(kStepSamples - rest);
      Feed(zeros, probabilities);
    }
    std::fill_n(input_.begin(), kContextSamples, 0.0f);
    state_ = NetworkState();
  }

  VadMethod method() const override { return VadMethod::kNetwork; }

 private:
  void RunFullSteps(std::vector<float>* probabilities) {
    const std::size_t steps = (held_ - kContextSamples) / kStepSamples;
    if (steps == 0) return;
    layers_->Encode(input_.data(), static_cast<int>(steps), &scratch_);
    for (std::size_t i = 0; i < steps; ++i) {
      probabilities->push_back(layers_->Recur(scratch_.gates.data() + i * kGates, &state_));
    }
    // The last 64 samples of the last step stay as the next one's context, then the rest.
    const auto used = static_cast<std::ptrdiff_t>(steps * kStepSamples);
    std::copy(input_.begin() + used, input_.begin() + static_cast<std::ptrdiff_t>(held_),
              input_.begin());
    held_ -= steps * kStepSamples;
  }

  std::shared_ptr<const NetworkLayers> layers_;  // Shared: immutable weights of all detectors.
  NetworkScratch scratch_;
  NetworkState state_;
  // The context, then up to kBatchSteps steps; `held_` values are filled.
  std::vector<float> input_ = std::vector<float>(kContextSamples + kBatchSteps * kStepSamples);
  std::size_t held_ = kContextSamples;
};

class SpeechNetwork final : public Network {
 public:
  explicit SpeechNetwork(std::shared_ptr<const NetworkLayers> layers)
      : layers_(std::move(layers)) {}
  std::unique_ptr<Detector> NewDetector() const override {
    return std::make_unique<NetworkDetector>(layers_);
  }

 private:
  std::shared_ptr<const NetworkLayers> layers_;
};

}  // namespace

Result<std::shared_ptr<const Network>> Network::Read(std::span<const std::byte> safetensors,
                                                     const kernels::KernelSet& kernels) {
  WT_ASSIGN(const NetworkWeights weights, ReadNetworkWeights(safetensors));
  return std::shared_ptr<const Network>(
      std::make_shared<SpeechNetwork>(std::make_shared<const NetworkLayers>(weights, kernels)));
}

Result<std::shared_ptr<const Network>> Network::Read(std::span<const std::byte> safetensors) {
  return Read(safetensors, kernels::BestKernels());
}

}  // namespace wt::vad
