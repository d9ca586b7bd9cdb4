#include "engine/features/log_mel.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "base/check.h"
#include "engine/features/mel_block.h"
#include "engine/features/simd.h"

namespace wt::features {
MelTables MakeMelTables(int n_mels) {
  MelTables tables;
  tables.n_mels = n_mels;
  for (int i = 0; i < kFrameSamples; ++i) {
    const double hann = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * i / kFrameSamples);
    tables.half_window[i] = 0.5f * static_cast<float>(hann);
  }
  const std::vector<float> filters = MelFilters(n_mels);
  for (int m = 0; m < n_mels; ++m) {
    const float* row = filters.data() + static_cast<std::size_t>(m) * kSpectrumBins;
    const float* end = row + kSpectrumBins;
    const float* first = std::find_if(row, end, [](float w) { return w != 0; });
    const float* last = std::find_if(first, end, [](float w) { return w == 0; });
    tables.bands.push_back({.first_bin = static_cast<int>(first - row),
                            .bins = static_cast<int>(last - first),
                            .weights = static_cast<int>(tables.weights.size())});
    tables.weights.insert(tables.weights.end(), first, last);
  }
  return tables;
}

struct LogMel::State {
  MelTables tables;
  const SimdSet& simd;
};

LogMel::LogMel(int n_mels)
    : n_mels_(n_mels),
      state_(std::make_unique<State>(State{MakeMelTables(n_mels), ChooseSimd()})) {}

LogMel::~LogMel() = default;

float LogMel::Compute(std::span<const float> samples, int frames, float* out, int stride) const {
  if (frames <= 0) return kLogFloor;
  WT_CHECK(stride >= frames);
  WT_CHECK(samples.size() >= static_cast<std::size_t>(frames - 1) * kHopSamples + kFrameSamples);
  return state_->simd.mel_frames({.tables = &state_->tables,
                                  .bands = state_->tables.bands.data(),
                                  .weights = state_->tables.weights.data(),
                                  .samples = samples.data(),
                                  .frames = frames,
                                  .out = out,
                                  .stride = stride});
}

void NormalizeLogMel(float maximum, int n_mels, int frames, float* data, int stride) {
  const float lowest = maximum - 8.0f;
  for (int m = 0; m < n_mels; ++m) {
    float* row = data + static_cast<std::ptrdiff_t>(m) * stride;
    for (int i = 0; i < frames; ++i) row[i] = (std::max(row[i], lowest) + 4.0f) / 4.0f;
  }
}

}  // namespace wt::features
