#include "engine/diarize/recipe/activity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace wt::diarize {
namespace {

constexpr float kActiveMin = 0.3f;
constexpr float kVoiceMin = 0.2f;
constexpr int kVadStepSamples = 512;

std::array<float, kSegmentationFrames> HammingWindow() {
  std::array<float, kSegmentationFrames> window;
  for (std::size_t i = 0; i < window.size(); ++i) {
    window[i] =
        static_cast<float>(0.54 - 0.46 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                                                  (kSegmentationFrames - 1)));
  }
  return window;
}

float Share(float log_probability) { return std::exp(log_probability); }

/// True when voice activity reaches kVoiceMin anywhere in frames [begin, end).
bool HasVoice(FrameIndex begin, FrameIndex end, std::span<const float> vad) {
  const SampleIndex from = begin * kFrameStep + (kFrameReach - kFrameStep) / 2;
  const SampleIndex to = (end - 1) * kFrameStep + (kFrameReach + kFrameStep) / 2;
  const auto steps = static_cast<SampleIndex>(vad.size());
  const SampleIndex last = std::min(to / kVadStepSamples, steps - 1);
  for (SampleIndex step = from / kVadStepSamples; step <= last; ++step) {
    if (vad[static_cast<std::size_t>(step)] >= kVoiceMin) return true;
  }
  return false;
}

}  // namespace

FrameIndex FramesOf(SampleIndex samples) {
  const SampleIndex first_middle = kFrameReach / 2;
  return samples <= first_middle ? 0 : (samples - first_middle - 1) / kFrameStep + 1;
}

std::int64_t ActivityWindows(SampleIndex samples) {
  if (samples <= 0) return 0;
  const SampleIndex beyond = std::max<SampleIndex>(0, samples - kSegmentationSamples);
  return 1 + (beyond + kActivityHopSamples - 1) / kActivityHopSamples;
}

ActivityFrames::ActivityFrames(SampleIndex samples)
    : sums_(static_cast<std::size_t>(FramesOf(samples))) {}

void ActivityFrames::Add(std::int64_t index, const ClassScores& scores) {
  static const std::array<float, kSegmentationFrames> window = HammingWindow();
  // Windows begin between frames: the nearest frame stands for the beginning.
  const std::int64_t first = (index * kActivityHopSamples + kFrameStep / 2) / kFrameStep;
  const auto count = static_cast<std::int64_t>(sums_.size());
  for (std::int64_t i = 0; i < std::min<std::int64_t>(kSegmentationFrames, count - first); ++i) {
    const float* row = scores.data() + i * kClasses;
    const float weight = window[static_cast<std::size_t>(i)];
    Sum& sum = sums_[static_cast<std::size_t>(first + i)];
    sum.speech += weight * (1.0f - Share(row[0]));
    sum.overlap += weight * (Share(row[4]) + Share(row[5]) + Share(row[6]));
    sum.weight += weight;
  }
}

bool ActivityFrames::AnyAbove(float least, FrameIndex begin, FrameIndex end) const {
  for (FrameIndex i = std::max<FrameIndex>(begin, 0); i < std::min(end, count()); ++i) {
    const Sum& sum = sums_[static_cast<std::size_t>(i)];
    if (sum.speech >= least * sum.weight) return true;
  }
  return false;
}

Activity ActivityFrames::Finish() const {
  Activity activity;
  for (const Sum& sum : sums_) {
    const float factor = sum.weight > 0 ? 1.0f / sum.weight : 0.0f;
    activity.speech.push_back(sum.speech * factor);
    activity.overlap.push_back(sum.overlap * factor);
  }
  return activity;
}

std::vector<bool> ActiveFrames(const Activity& activity, std::span<const float> vad) {
  const std::size_t count = activity.speech.size();
  std::vector<bool> active(count);
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin;
    while (end < count && activity.speech[end] >= kActiveMin) ++end;
    if (end > begin &&
        HasVoice(static_cast<FrameIndex>(begin), static_cast<FrameIndex>(end), vad)) {
      std::fill(active.begin() + static_cast<std::ptrdiff_t>(begin),
                active.begin() + static_cast<std::ptrdiff_t>(end), true);
    }
    begin = end + 1;
  }
  return active;
}

}  // namespace wt::diarize
