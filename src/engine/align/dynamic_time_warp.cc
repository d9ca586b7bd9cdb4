// Dynamic time warping (openai-whisper, timing.py, dtw_cpu and backtrace).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/check.h"
#include "engine/align/word_alignment.h"

namespace wt::align {
namespace {

/// Where the cheapest path into a cell comes from.
enum Step : std::uint8_t { kDiagonal = 0, kRow = 1, kColumn = 2 };

/// Sums one row of cells. `above` and `current` have a border cell at index 0.
///
/// The reference takes the diagonal or the cell above only if it is cheaper than both others, so
/// that a tie of these two below the third still goes to the third. Sums are float32, as there.
void WarpRow(const float* cost, std::size_t columns, const float* above, float* current,
             std::uint8_t* steps) {
  float left = current[0];
  for (std::size_t j = 0; j < columns; ++j) {
    const float diagonal = above[j];
    const float up = above[j + 1];
    // What does not depend on the cell to the left is settled first: only one comparison and one
    // sum are on the path from cell to cell.
    const float best = std::min(diagonal, up);
    const bool tied = diagonal == up;
    const std::uint8_t step = diagonal < up ? kDiagonal : kRow;
    const bool from_left = tied || !(best < left);
    const float chosen = from_left ? left : best;
    steps[j] = from_left ? static_cast<std::uint8_t>(kColumn) : step;
    left = chosen + cost[j];
    current[j + 1] = left;
  }
}

}  // namespace

AlignmentPath DynamicTimeWarp(std::span<const float> cost, int rows, int columns) {
  if (rows <= 0 || columns <= 0) return {};
  const auto n = static_cast<std::size_t>(rows);
  const auto m = static_cast<std::size_t>(columns);
  WT_CHECK(cost.size() == n * m);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> above(m + 1, kInfinity);
  std::vector<float> current(m + 1, kInfinity);
  std::vector<std::uint8_t> steps(n * m);
  above[0] = 0;
  for (std::size_t i = 0; i < n; ++i) {
    current[0] = kInfinity;
    WarpRow(cost.data() + i * m, m, above.data(), current.data(), steps.data() + i * m);
    std::swap(above, current);
  }

  AlignmentPath path;
  path.reserve(n + m);
  int i = rows - 1;
  int j = columns - 1;
  while (i >= 0 || j >= 0) {
    // Costs that are no numbers can lead past the first column: it stays there.
    path.emplace_back(std::max(i, 0), std::max(j, 0));
    std::uint8_t step = kColumn;
    if (j < 0) step = kRow;
    if (i >= 0 && j >= 0)
      step = steps[static_cast<std::size_t>(i) * m + static_cast<std::size_t>(j)];
    if (step != kColumn) --i;
    if (step != kRow) --j;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace wt::align
