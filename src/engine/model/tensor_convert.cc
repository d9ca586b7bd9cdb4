#include "engine/model/tensor_convert.h"

#include <bit>
#include <cstddef>
#include <cstring>

#include "base/check.h"
#include "engine/model/ggml_blocks.h"
#include "engine/tensor/numbers.h"

namespace wt::model {
namespace {

std::uint16_t LoadU16(const std::byte* at) {
  std::uint16_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

float LoadF32(const std::byte* at) {
  float value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

/// tensor::HalfToFloat without branches. Denormals are made by the subtraction of two normal
/// numbers, so that the result does not depend on the thread's flush-to-zero mode.
inline float HalfToFloatBranchless(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t magnitude = half & 0x7FFFu;
  // The exponent's bias goes from 15 to 127; infinity and NaN need another 112.
  const std::uint32_t normal =
      (magnitude << 13) + (112u << 23) + (magnitude >= 0x7C00u ? 112u << 23 : 0u);
  // 0.5 has an ulp of 2^-24, the least denormal: 0.5 + mantissa * 2^-24, then minus 0.5.
  const std::uint32_t denormal =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(0x3F000000u | magnitude) - 0.5f);
  return std::bit_cast<float>(sign | (magnitude < 0x400u ? denormal : normal));
}

void HalvesToFloat(const std::byte* in, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = HalfToFloatBranchless(LoadU16(in + 2 * i));
  }
}

void Bf16sToFloat(const std::byte* in, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = tensor::Bf16ToFloat(LoadU16(in + 2 * i));
}

void Int8ToFloat(const std::byte* in, float scale, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<std::int8_t>(in[i])) / scale;
  }
}

void Int16ToFloat(const std::byte* in, float scale, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<std::int16_t>(LoadU16(in + 2 * i))) / scale;
  }
}

}  // namespace

bool IsBlockType(TensorType type) { return type >= TensorType::kQ4_0 && type <= TensorType::kQ8_0; }

void ConvertRowsToFloat(const TensorView& tensor, std::int64_t first, std::int64_t count,
                        std::span<float> out) {
  const std::int64_t row = tensor.elements() / tensor.shape[0];
  const std::int64_t begin = first * row;
  WT_CHECK(first >= 0 && count >= 0 && first + count <= tensor.shape[0]);
  WT_CHECK(out.size() == static_cast<std::size_t>(count * row));
  const std::byte* data = tensor.data.data();
  switch (tensor.type) {
    case TensorType::kF32:
      if (!out.empty()) std::memcpy(out.data(), data + 4 * begin, out.size_bytes());
      return;
    case TensorType::kF16: return HalvesToFloat(data + 2 * begin, out);
    case TensorType::kBf16: return Bf16sToFloat(data + 2 * begin, out);
    case TensorType::kInt8Rows:
      for (std::int64_t r = 0; r < count; ++r) {
        const float scale = LoadF32(tensor.scales.data() + 4 * (first + r));
        const std::size_t at = static_cast<std::size_t>(r * row);
        Int8ToFloat(data + begin + r * row, scale, out.subspan(at, static_cast<std::size_t>(row)));
      }
      return;
    case TensorType::kInt16:
      return Int16ToFloat(data + 2 * begin, LoadF32(tensor.scales.data()), out);
    case TensorType::kQ4_0:
    case TensorType::kQ4_1:
    case TensorType::kQ5_0:
    case TensorType::kQ5_1:
    case TensorType::kQ8_0:
      return DequantizeBlocks(
          tensor.type,
          tensor.data.subspan(static_cast<std::size_t>(TensorBytes(tensor.type, begin, row))), out);
  }
}

}  // namespace wt::model
