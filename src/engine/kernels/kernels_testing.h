// Helpers of the kernel tests: seeded data, packed matrices that own their memory, and the list of
// sets that run on this machine as test parameters.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/numbers.h"

namespace wt::kernels {

inline void PrintTo(const KernelSet* set, std::ostream* out) { *out << IsaName(set->isa); }

namespace testing {

inline std::vector<const KernelSet*> Sets() {
  const KernelList list = RunnableKernels();
  return {list.sets, list.sets + list.count};
}

inline std::string SetName(const ::testing::TestParamInfo<const KernelSet*>& info) {
  return std::string(IsaName(info.param->isa));
}

/// Normally distributed values; the same for the same seed on every machine.
inline std::vector<float> RandomFloats(std::size_t count, unsigned seed, float scale = 1.0f) {
  std::mt19937 engine(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    // Sum of four uniform numbers: std::normal_distribution differs between libraries.
    float sum = -2.0f;
    for (int i = 0; i < 4; ++i) sum += static_cast<float>(engine() >> 8) * 0x1.0p-24f;
    value = sum * 1.7320508f * scale;
  }
  return values;
}

/// A packed matrix with its memory. Guard bytes behind the panels show writes beyond them.
class Packed {
 public:
  Packed(const KernelSet& set, PackedType type, int n, int k) {
    shape_ = {.type = type, .n = n, .k = k, .panel = set.panel};
    memory_ = tensor::Buffer<std::uint8_t>(shape_.bytes() + kGuardBytes);
    for (std::uint8_t& byte : memory_.span()) byte = kGuard;
    shape_.data = reinterpret_cast<const std::byte*>(memory_.data());
  }
  std::byte* data() { return reinterpret_cast<std::byte*>(memory_.data()); }
  const PackedMatrix& matrix() const { return shape_; }

  /// W[column, i] read back from the panels.
  float At(int column, int i) const {
    const int panel = shape_.panel;
    const std::byte* start =
        shape_.data + static_cast<std::size_t>(column / panel) * shape_.bytes_per_panel();
    if (shape_.type == PackedType::kF32) {
      return reinterpret_cast<const float*>(start)[i * panel + column % panel];
    }
    if (shape_.type == PackedType::kInt8) {
      const int unit = i / 4 * panel + column % panel;
      const auto byte = std::to_integer<int>(start[unit * 4 + i % 4]);
      const auto* scales = reinterpret_cast<const float*>(start + shape_.value_bytes_per_panel());
      return static_cast<float>(byte - 128) * scales[column % panel];
    }
    const auto* pairs = reinterpret_cast<const std::uint16_t*>(start);
    return tensor::Bf16ToFloat(pairs[(i / 2 * panel + column % panel) * 2 + i % 2]);
  }
  bool GuardIsIntact() const {
    for (std::size_t i = shape_.bytes(); i < memory_.size(); ++i) {
      if (memory_[i] != kGuard) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kGuardBytes = 64;
  static constexpr std::uint8_t kGuard = 0xA5;
  PackedMatrix shape_;
  tensor::Buffer<std::uint8_t> memory_;
};

inline Packed PackRows(const KernelSet& set, PackedType type, const std::vector<float>& w, int n,
                       int k) {
  Packed packed(set, type, n, k);
  set.pack(w.data(), k, 0, n, packed.matrix(), packed.data());
  return packed;
}

inline double ExactGelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }

/// What a bf16 matrix or operand holds in place of `value`.
inline float Rounded(PackedType type, float value) {
  return type == PackedType::kF32 ? value : tensor::Bf16ToFloat(tensor::FloatToBf16(value));
}

}  // namespace testing
}  // namespace wt::kernels
