// Packing of a matrix as int4, the same for every instruction set (PackedMatrix says the layout).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/kernels/kernel_sets.h"

namespace wt::kernels {
namespace {

// The largest magnitude that becomes zeros, as for int8.
constexpr float kSmallest = 0x1p-100f;
// The levels are (u - 7.5) * scale. At the largest magnitude / 7.5 no number is cut off; for
// numbers spread normally 0.335 of their deviation is best (Max, Quantizing for minimum distortion,
// 1960, table II: 16 levels), which cuts off few. Which is best for a column is tried in steps.
constexpr float kNarrowings[] = {1.0f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f};

// 0 .. 15; NaN gives 0.
std::uint32_t Level(float scaled) {
  const float level = std::floor(scaled + 8.0f);
  return level > 15.0f ? 15u : level >= 0.0f ? static_cast<std::uint32_t>(level) : 0u;
}

float SquaredError(const float* row, int k, float scale) {
  const float inverse = 1.0f / scale;
  float sum = 0.0f;
  for (int i = 0; i < k; ++i) {
    const float error = (static_cast<float>(Level(row[i] * inverse)) - 7.5f) * scale - row[i];
    sum += error * error;
  }
  return sum;
}

float BestScale(const float* row, int k) {
  float largest = 0.0f;
  for (int i = 0; i < k; ++i) largest = std::max(largest, std::fabs(row[i]));
  if (!(largest >= kSmallest)) return 0.0f;
  float best = largest / 7.5f;
  float least = SquaredError(row, k, best);
  for (const float narrowing : kNarrowings) {
    const float scale = largest / 7.5f * narrowing;
    const float error = SquaredError(row, k, scale);
    if (error >= least) continue;
    least = error;
    best = scale;
  }
  return best;
}

// One column of a panel from a row of W.
void PackColumn(const float* row, int k, int padded_k, float scale, std::ptrdiff_t unit_stride,
                std::byte* out) {
  const float inverse = scale > 0.0f ? 1.0f / scale : 0.0f;
  const auto level = [&](int i) { return i < k ? Level(row[i] * inverse) : 0u; };
  for (int i = 0; i < padded_k; i += 8, out += unit_stride) {
    for (int j = 0; j < 4; ++j) {
      out[j] = static_cast<std::byte>(level(i + j) | level(i + 4 + j) << 4);
    }
  }
}

}  // namespace

void SubtractInt4(float* row, int k) {
  const float scale = BestScale(row, k);
  if (scale == 0.0f) return;
  const float inverse = 1.0f / scale;
  for (int i = 0; i < k; ++i)
    row[i] -= (static_cast<float>(Level(row[i] * inverse)) - 7.5f) * scale;
}

void PackInt4(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
              std::byte* dst) {
  // Columns beyond n in the last panel are columns without numbers.
  const int end = first + count == shape.n ? shape.panels() * shape.panel : first + count;
  for (int column = first; column < end; ++column) {
    std::byte* panel =
        dst + static_cast<std::size_t>(column / shape.panel) * shape.bytes_per_panel();
    const int lane = column % shape.panel;
    const int k = column < shape.n ? shape.k : 0;
    const float* row = src + (column - first) * (column < shape.n ? ld : 0);
    const float scale = BestScale(row, k);
    PackColumn(row, k, shape.padded_k(), scale, shape.panel * std::ptrdiff_t{4}, panel + lane * 4);
    std::memcpy(panel + shape.value_bytes_per_panel() + static_cast<std::size_t>(lane) * 4, &scale,
                sizeof scale);
  }
}

}  // namespace wt::kernels
