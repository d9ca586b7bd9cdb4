#include "engine/model/writers/mel_filters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace wt::model {
namespace {

// Slaney's scale: 3 mel per 200 Hz up to 1 kHz (15 mel), then 27 mel per factor of 6.4.
constexpr double kBreakMel = 15.0;
constexpr double kMelStep = 27.0;
constexpr double kTopHz = 8'000.0;
constexpr int kBins = 201;
constexpr double kBinHz = 40.0;  // 16 kHz / 400 samples.

double ToHz(double mel) {
  if (mel < kBreakMel) return mel * 200.0 / 3.0;
  return 1'000.0 * std::exp((mel - kBreakMel) * std::log(6.4) / kMelStep);
}

/// n_mels + 2 band edges, evenly spaced in mel from 0 to 8 kHz, with exact ends.
std::vector<double> Edges(int n_mels) {
  const double top = kBreakMel + std::log(kTopHz / 1'000.0) * kMelStep / std::log(6.4);
  const double step = top / (n_mels + 1);
  std::vector<double> edges;
  for (int i = 0; i < n_mels + 2; ++i) edges.push_back(ToHz(i * step));
  edges.front() = 0.0;
  edges.back() = kTopHz;
  return edges;
}

}  // namespace

std::vector<float> GgmlMelFilters(int n_mels) {
  const std::vector<double> edges = Edges(n_mels);
  std::vector<float> filters;
  for (std::size_t band = 0; band < static_cast<std::size_t>(n_mels); ++band) {
    const double low = edges[band];
    const double centre = edges[band + 1];
    const double high = edges[band + 2];
    for (int bin = 0; bin < kBins; ++bin) {
      const double hz = bin * kBinHz;
      const double up = (hz - low) / (centre - low);
      const double down = (high - hz) / (high - centre);
      // The triangle is rounded to float32 before the area factor is applied, as librosa does.
      const auto triangle = static_cast<float>(std::max(0.0, std::min(up, down)));
      filters.push_back(static_cast<float>(triangle * (2.0 / (high - low))));
    }
  }
  return filters;
}

}  // namespace wt::model
