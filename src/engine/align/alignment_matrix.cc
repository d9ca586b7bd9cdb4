// AlignmentMatrix: from attention probabilities to how well each token fits each frame.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/check.h"
#include "engine/align/word_alignment.h"

namespace wt::align {
namespace {

constexpr std::size_t kReach = 3;  // The median filter is 2 * 3 + 1 = 7 frames wide.

/// Relative error of a few float32 operations: 2^-24 each.
constexpr double kRounding = 1e-6;

/// Mean and reciprocal deviation of every frame over all rows.
struct FrameStatistics {
  std::vector<float> mean;
  std::vector<float> scale;
};

/// One head's weights, each row divided by its sum.
void NormalizeRows(std::span<const float> weights, std::size_t frames, std::vector<float>* out) {
  out->assign(weights.begin(), weights.end());
  for (std::size_t begin = 0; begin < out->size(); begin += frames) {
    double sum = 0;
    for (std::size_t f = 0; f < frames; ++f) sum += (*out)[begin + f];
    if (!(sum > 0)) continue;  // No attention on the audio at all: the row says nothing.
    const auto factor = static_cast<float>(1.0 / sum);
    for (std::size_t f = 0; f < frames; ++f) (*out)[begin + f] *= factor;
  }
}

FrameStatistics Statistics(const std::vector<float>& weights, std::size_t frames) {
  const double rows = static_cast<double>(weights.size() / frames);
  std::vector<double> mean(frames, 0.0);
  std::vector<double> square(frames, 0.0);
  for (std::size_t i = 0; i < weights.size(); i += frames) {
    for (std::size_t f = 0; f < frames; ++f) mean[f] += weights[i + f];
  }
  for (double& value : mean) value /= rows;
  for (std::size_t i = 0; i < weights.size(); i += frames) {
    for (std::size_t f = 0; f < frames; ++f) {
      const double difference = weights[i + f] - mean[f];
      square[f] += difference * difference;
    }
  }
  FrameStatistics statistics{.mean = {mean.begin(), mean.end()}, .scale = {}};
  statistics.scale.reserve(frames);
  for (std::size_t f = 0; f < frames; ++f) {
    // A frame that all tokens attend to alike, but for rounding, says nothing (the reference
    // divides 0 by 0 or magnifies the rounding).
    const double deviation = std::sqrt(square[f] / rows);
    const bool differs = deviation > kRounding * mean[f];
    statistics.scale.push_back(differs ? static_cast<float>(1.0 / deviation) : 0.0f);
  }
  return statistics;
}

inline void Order(float& a, float& b) {
  const float low = b < a ? b : a;
  const float high = b < a ? a : b;
  a = low;
  b = high;
}

/// The median of seven by 13 exchanges (the network in N. Devillard, "Fast median search", 1998).
/// Without branches, so that a compiler works on several frames at once.
inline float MedianOf7(std::array<float, 7> v) {
  Order(v[0], v[5]);
  Order(v[0], v[3]);
  Order(v[1], v[6]);
  Order(v[2], v[4]);
  Order(v[0], v[1]);
  Order(v[3], v[5]);
  Order(v[2], v[6]);
  Order(v[2], v[3]);
  Order(v[3], v[6]);
  Order(v[4], v[5]);
  Order(v[1], v[4]);
  Order(v[1], v[3]);
  Order(v[3], v[4]);
  return v[3];
}

/// Adds the median-filtered row (reflected at both ends) to `sum`. `padded` is scratch.
void AddFiltered(std::span<const float> row, std::vector<float>* padded, float* sum) {
  const std::size_t frames = row.size();
  if (frames <= kReach) {  // Too short to reflect: the reference leaves it as it is.
    for (std::size_t f = 0; f < frames; ++f) sum[f] += row[f];
    return;
  }
  padded->resize(frames + 2 * kReach);
  std::copy(row.begin(), row.end(), padded->begin() + kReach);
  for (std::size_t i = 1; i <= kReach; ++i) {
    (*padded)[kReach - i] = row[i];
    (*padded)[kReach + frames - 1 + i] = row[frames - 1 - i];
  }
  const float* x = padded->data();
  for (std::size_t f = 0; f < frames; ++f) {
    sum[f] += MedianOf7({x[f], x[f + 1], x[f + 2], x[f + 3], x[f + 4], x[f + 5], x[f + 6]});
  }
}

}  // namespace

std::vector<float> AlignmentMatrix(const AttentionInput& input) {
  const int kept = input.rows - input.start_tokens - 1;
  if (input.heads <= 0 || input.frames <= 0 || kept <= 0) return {};
  const auto frames = static_cast<std::size_t>(input.frames);
  const std::size_t head_size = static_cast<std::size_t>(input.rows) * frames;
  WT_CHECK(input.weights.size() == head_size * static_cast<std::size_t>(input.heads));
  const auto first = static_cast<std::size_t>(input.start_tokens);

  std::vector<float> matrix(static_cast<std::size_t>(kept) * frames, 0.0f);
  std::vector<float> weights;
  std::vector<float> padded;
  for (std::size_t head = 0; head < static_cast<std::size_t>(input.heads); ++head) {
    NormalizeRows(input.weights.subspan(head * head_size, head_size), frames, &weights);
    const FrameStatistics statistics = Statistics(weights, frames);
    for (std::size_t row = 0; row < static_cast<std::size_t>(kept); ++row) {
      const auto values = std::span(weights).subspan((first + row) * frames, frames);
      for (std::size_t f = 0; f < frames; ++f) {
        values[f] = (values[f] - statistics.mean[f]) * statistics.scale[f];
      }
      AddFiltered(values, &padded, matrix.data() + row * frames);
    }
  }
  const float factor = 1.0f / static_cast<float>(input.heads);
  for (float& value : matrix) value *= factor;
  return matrix;
}

}  // namespace wt::align
