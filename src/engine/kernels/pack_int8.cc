// Packing of a matrix as int8, the same for every instruction set (PackedMatrix says the layout).
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/kernels/kernel_sets.h"

namespace wt::kernels {
namespace {

// The largest magnitude that becomes zeros: its scale's inverse would overflow.
constexpr float kSmallest = 0x1p-100f;

float LargestMagnitude(const float* x, int k) {
  float largest = 0.0f;
  for (int i = 0; i < k; ++i) largest = std::max(largest, std::fabs(x[i]));
  return largest;
}

// 1 .. 255; NaN gives 128.
std::uint32_t Byte(float scaled) {
  if (!(scaled >= -127.0f)) scaled = std::isnan(scaled) ? 0.0f : -127.0f;
  return static_cast<std::uint32_t>(std::lrintf(std::min(scaled, 127.0f)) + 128);
}

// One column of a panel from a row of W.
void PackColumn(const float* row, int k, int padded_k, std::ptrdiff_t unit_stride, std::byte* out,
                float* scale) {
  const float largest = LargestMagnitude(row, k);
  const bool zero = largest < kSmallest;
  const float inverse = zero ? 0.0f : 127.0f / largest;
  *scale = zero ? 0.0f : largest / 127.0f;
  for (int i = 0; i < padded_k; i += 4, out += unit_stride) {
    std::uint32_t unit = 0;
    for (int j = 3; j >= 0; --j) {
      const std::uint32_t byte = i + j < k ? Byte(row[i + j] * inverse) : 128u;
      unit = unit << 8 | byte;
    }
    std::memcpy(out, &unit, sizeof unit);
  }
}

}  // namespace

void PackInt8(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
              std::byte* dst) {
  // Columns beyond n in the last panel are columns without numbers.
  const int end = first + count == shape.n ? shape.panels() * shape.panel : first + count;
  for (int column = first; column < end; ++column) {
    std::byte* panel =
        dst + static_cast<std::size_t>(column / shape.panel) * shape.bytes_per_panel();
    const int lane = column % shape.panel;
    const int k = column < shape.n ? shape.k : 0;
    float scale = 0.0f;
    PackColumn(src + (column - first) * (column < shape.n ? ld : 0), k, shape.padded_k(),
               shape.panel * std::ptrdiff_t{4}, panel + lane * 4, &scale);
    std::memcpy(panel + shape.value_bytes_per_panel() + static_cast<std::size_t>(lane) * 4, &scale,
                sizeof scale);
  }
}

}  // namespace wt::kernels
