#include "media/mixdown.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/check.h"

namespace wt::media {
namespace {

// 2 / 32768: dither of one step does not make a channel heard.
constexpr float kSilencePeak = 2.0F / 32768.0F;
constexpr double kInvertBelow = -0.9;
constexpr double kRestoreAbove = -0.5;
constexpr std::size_t kBlockSeconds = 4;
constexpr std::size_t kBlockSamplesMax = std::size_t{1} << 20;

struct ChannelStats {
  float peak = 0.0F;
  double energy = 0.0;
};

std::vector<ChannelStats> Measure(std::span<const float> block, std::size_t channels) {
  std::vector<ChannelStats> stats(channels);
  for (std::size_t i = 0; i < block.size(); i += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float x = block[i + c];
      stats[c].peak = std::max(stats[c].peak, std::fabs(x));
      stats[c].energy += static_cast<double>(x) * x;
    }
  }
  return stats;
}

double Product(std::span<const float> block, std::size_t channels, std::size_t a, std::size_t b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < block.size(); i += channels) {
    sum += static_cast<double>(block[i + a]) * block[i + b];
  }
  return sum;
}

}  // namespace

Mixdown::Mixdown(int channels, int rate, int channel)
    : channels_(static_cast<std::size_t>(channels)), channel_(channel) {
  WT_CHECK(channels >= 1 && rate >= 1 && channel < channels);
  const std::size_t frames =
      std::min(static_cast<std::size_t>(rate) * kBlockSeconds, kBlockSamplesMax / channels_);
  block_samples_max_ = std::max<std::size_t>(frames, 1) * channels_;
  ramp_frames_ = static_cast<std::size_t>(rate) / 50;
  heard_.assign(channels_, false);
  polarity_.assign(channels_, 1.0F);
  weights_.assign(channels_, 0.0F);
  if (channels == 1) channel_ = 0;
}

void Mixdown::Push(std::span<const float> interleaved, std::vector<float>* out) {
  WT_DCHECK(interleaved.size() % channels_ == 0);
  if (channel_ >= 0) {
    for (std::size_t i = static_cast<std::size_t>(channel_); i < interleaved.size();
         i += channels_) {
      out->push_back(interleaved[i]);
    }
    return;
  }
  while (!interleaved.empty()) {
    const std::size_t count = std::min(interleaved.size(), block_samples_max_ - block_.size());
    block_.insert(block_.end(), interleaved.begin(),
                  interleaved.begin() + static_cast<std::ptrdiff_t>(count));
    interleaved = interleaved.subspan(count);
    if (block_.size() == block_samples_max_) Finish(out);
  }
}

void Mixdown::Finish(std::vector<float>* out) {
  if (block_.empty()) return;
  MixBlock(out);
  block_.clear();
}

void Mixdown::Analyse() {
  const std::vector<ChannelStats> stats = Measure(block_, channels_);
  for (std::size_t c = 0; c < channels_; ++c) {
    if (stats[c].peak > kSilencePeak) heard_[c] = true;
  }
  if (reference_ < 0 && std::find(heard_.begin(), heard_.end(), true) != heard_.end()) {
    const auto loudest = std::max_element(
        stats.begin(), stats.end(),
        [](const ChannelStats& a, const ChannelStats& b) { return a.energy < b.energy; });
    reference_ = static_cast<int>(loudest - stats.begin());
  }
  if (reference_ < 0) return;
  const std::size_t reference = static_cast<std::size_t>(reference_);
  if (stats[reference].peak <= kSilencePeak) return;
  for (std::size_t c = 0; c < channels_; ++c) {
    if (c == reference || stats[c].peak <= kSilencePeak) continue;
    const double scale = std::sqrt(stats[reference].energy * stats[c].energy);
    const double correlation = Product(block_, channels_, reference, c) / scale;
    if (correlation < kInvertBelow) polarity_[c] = -1.0F;
    if (correlation > kRestoreAbove) polarity_[c] = 1.0F;
  }
}

void Mixdown::MixBlock(std::vector<float>* out) {
  const std::vector<float> before = weights_;
  Analyse();
  const auto heard = std::count(heard_.begin(), heard_.end(), true);
  for (std::size_t c = 0; c < channels_ && heard > 0; ++c) {
    weights_[c] = heard_[c] ? polarity_[c] / static_cast<float>(heard) : 0.0F;
  }
  const std::size_t frames = block_.size() / channels_;
  // Nothing was heard before: there is no level that could jump.
  const bool silent_before =
      std::all_of(before.begin(), before.end(), [](float weight) { return weight == 0.0F; });
  const std::size_t ramp = silent_before || before == weights_ ? 0 : std::min(ramp_frames_, frames);
  for (std::size_t i = 0; i < frames; ++i) {
    const float* frame = block_.data() + i * channels_;
    const float old_share =
        i < ramp ? 1.0F - static_cast<float>(i) / static_cast<float>(ramp) : 0.0F;
    float sum = 0.0F;
    for (std::size_t c = 0; c < channels_; ++c) {
      sum += frame[c] * (weights_[c] + old_share * (before[c] - weights_[c]));
    }
    out->push_back(sum);
  }
}

}  // namespace wt::media
