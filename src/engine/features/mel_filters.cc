#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"
#include "engine/features/log_mel.h"

namespace wt::features {
namespace {

constexpr int kBins = kFrameSamples / 2 + 1;         // 201 bins, 40 Hz apart.
constexpr double kBinHz = 16'000.0 / kFrameSamples;  // 40 Hz
constexpr double kNyquistHz = 8'000.0;
// Slaney's scale (Auditory Toolbox): linear to 1 kHz with 200/3 Hz a mel, then 27 mels for each
// factor of 6.4.
constexpr double kBreakHz = 1'000.0;
constexpr double kBreakMel = 15.0;

double HzToMel(double hz) {
  return hz < kBreakHz ? hz * 3 / 200 : kBreakMel + std::log(hz / kBreakHz) * 27 / std::log(6.4);
}

double MelToHz(double mel) {
  return mel < kBreakMel ? mel * 200 / 3
                         : kBreakHz * std::exp((mel - kBreakMel) * std::log(6.4) / 27);
}

}  // namespace

std::vector<float> MelFilters(int n_mels) {
  WT_CHECK(n_mels == 80 || n_mels == 128);
  std::vector<double> edges(static_cast<std::size_t>(n_mels) + 2);
  const double step = HzToMel(kNyquistHz) / (n_mels + 1);
  for (std::size_t i = 0; i < edges.size(); ++i) edges[i] = MelToHz(static_cast<double>(i) * step);
  edges.back() = kNyquistHz;  // Exact, whatever exp rounds to.
  std::vector<float> filters(static_cast<std::size_t>(n_mels) * kBins);
  for (std::size_t m = 0; m < static_cast<std::size_t>(n_mels); ++m) {
    const double area = 2 / (edges[m + 2] - edges[m]);
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      const double hz = static_cast<double>(bin) * kBinHz;
      const double up = (hz - edges[m]) / (edges[m + 1] - edges[m]);
      const double down = (edges[m + 2] - hz) / (edges[m + 2] - edges[m + 1]);
      // librosa keeps the triangle in float32 before it applies the area.
      const auto triangle = static_cast<float>(std::max(0.0, std::min(up, down)));
      filters[m * kBins + bin] = static_cast<float>(static_cast<double>(triangle) * area);
    }
  }
  return filters;
}

}  // namespace wt::features
