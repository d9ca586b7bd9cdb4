#include "engine/model/ggml_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "engine/tensor/numbers.h"

namespace wt::model {
namespace {

using Quants = std::array<std::uint8_t, kBlockElements>;

float LoadHalf(const std::byte* at) {
  std::uint16_t half;
  std::memcpy(&half, at, sizeof(half));
  return tensor::HalfToFloat(half);
}

void StoreHalf(float value, std::byte* at) {
  const std::uint16_t half = tensor::FloatToHalf(value);
  std::memcpy(at, &half, sizeof(half));
}

/// 4-bit parts: element i < 16 is the low nibble of byte i, element 16 + i the high one.
void UnpackNibbles(const std::byte* in, Quants* q) {
  for (std::size_t i = 0; i < 16; ++i) {
    (*q)[i] = static_cast<std::uint8_t>(in[i] & std::byte{15});
    (*q)[i + 16] = static_cast<std::uint8_t>(in[i] >> 4);
  }
}

void PackNibbles(const Quants& q, std::byte* out) {
  for (std::size_t i = 0; i < 16; ++i) {
    out[i] = static_cast<std::byte>((q[i] & 15) | ((q[i + 16] & 15) << 4));
  }
}

/// Bit i of the word is the fifth bit of element i.
void UnpackFifthBits(const std::byte* in, Quants* q) {
  std::uint32_t word;
  std::memcpy(&word, in, sizeof(word));
  for (std::size_t i = 0; i < q->size(); ++i) {
    (*q)[i] = static_cast<std::uint8_t>((*q)[i] | (((word >> i) & 1u) << 4));
  }
}

void PackFifthBits(const Quants& q, std::byte* out) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    word |= (static_cast<std::uint32_t>(q[i] >> 4) & 1u) << i;
  }
  std::memcpy(out, &word, sizeof(word));
}

/// Values d * (q - middle): q4_0 (middle 8) and q5_0 (middle 16).
void ScaleCentred(const Quants& q, float d, int middle, float* out) {
  for (std::size_t i = 0; i < q.size(); ++i) out[i] = static_cast<float>(q[i] - middle) * d;
}

/// Values d * q + m: q4_1 and q5_1.
void ScaleShifted(const Quants& q, float d, float m, float* out) {
  for (std::size_t i = 0; i < q.size(); ++i) out[i] = static_cast<float>(q[i]) * d + m;
}

void DequantizeBlock(TensorType type, const std::byte* in, float* out) {
  Quants q;
  const float d = LoadHalf(in);
  switch (type) {
    case TensorType::kQ4_0: UnpackNibbles(in + 2, &q); return ScaleCentred(q, d, 8, out);
    case TensorType::kQ4_1:
      UnpackNibbles(in + 4, &q);
      return ScaleShifted(q, d, LoadHalf(in + 2), out);
    case TensorType::kQ5_0:
      UnpackNibbles(in + 6, &q);
      UnpackFifthBits(in + 2, &q);
      return ScaleCentred(q, d, 16, out);
    case TensorType::kQ5_1:
      UnpackNibbles(in + 8, &q);
      UnpackFifthBits(in + 4, &q);
      return ScaleShifted(q, d, LoadHalf(in + 2), out);
    default:
      for (std::size_t i = 0; i < q.size(); ++i) {
        out[i] = static_cast<float>(static_cast<std::int8_t>(in[2 + i])) * d;
      }
  }
}

/// As ggml, not d itself but its inverse multiplies: the last bit decides some roundings.
float Inverse(float d) { return d != 0.0f ? 1.0f / d : 0.0f; }

/// floor(value) for value >= 0 within [0, top]; NaN gives 0, so that no conversion is undefined.
std::uint8_t Clamped(float value, float top) {
  if (!(value > 0.0f)) return 0;
  return static_cast<std::uint8_t>(std::min(value, top));
}

/// The element of largest magnitude (the first of equals) becomes q = 0, so that one more step
/// is available on its side.
float QuantizeCentred(const float* x, int middle, Quants* q) {
  float peak = 0.0f;
  for (int i = 0; i < kBlockElements; ++i) {
    if (std::fabs(x[i]) > std::fabs(peak)) peak = x[i];
  }
  const float d = peak / static_cast<float>(-middle);
  const float inverse = Inverse(d);
  for (std::size_t i = 0; i < q->size(); ++i) {
    const float shifted = x[i] * inverse + (static_cast<float>(middle) + 0.5f);
    (*q)[i] = Clamped(shifted, static_cast<float>(2 * middle - 1));
  }
  return d;
}

struct Affine {
  float d;
  float m;
};

Affine QuantizeShifted(const float* x, int top, Quants* q) {
  const auto [low, high] = std::minmax_element(x, x + kBlockElements);
  const float d = (*high - *low) / static_cast<float>(top);
  const float inverse = Inverse(d);
  for (std::size_t i = 0; i < q->size(); ++i) {
    (*q)[i] = Clamped((x[i] - *low) * inverse + 0.5f, static_cast<float>(top));
  }
  return {d, *low};
}

void QuantizeQ8(const float* x, std::byte* out) {
  float peak = 0.0f;
  for (int i = 0; i < kBlockElements; ++i) peak = std::max(peak, std::fabs(x[i]));
  const float d = peak / 127.0f;
  const float inverse = Inverse(d);
  StoreHalf(d, out);
  for (int i = 0; i < kBlockElements; ++i) {
    // std::round is half away from zero, as the format wants. NaN would be undefined: it is 0.
    const float q = std::round(x[i] * inverse);
    const float safe = q >= -127.0f && q <= 127.0f ? q : 0.0f;
    out[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(safe));
  }
}

void QuantizeBlock(TensorType type, const float* x, std::byte* out) {
  Quants q;
  if (type == TensorType::kQ8_0) return QuantizeQ8(x, out);
  if (type == TensorType::kQ4_0 || type == TensorType::kQ5_0) {
    const bool five = type == TensorType::kQ5_0;
    StoreHalf(QuantizeCentred(x, five ? 16 : 8, &q), out);
    if (five) PackFifthBits(q, out + 2);
    PackNibbles(q, out + (five ? 6 : 2));
    return;
  }
  const bool five = type == TensorType::kQ5_1;
  const Affine affine = QuantizeShifted(x, five ? 31 : 15, &q);
  StoreHalf(affine.d, out);
  StoreHalf(affine.m, out + 2);
  if (five) PackFifthBits(q, out + 4);
  PackNibbles(q, out + (five ? 8 : 4));
}

}  // namespace

int BlockBytes(TensorType type) {
  switch (type) {
    case TensorType::kQ4_0: return 2 + 16;
    case TensorType::kQ4_1: return 2 + 2 + 16;
    case TensorType::kQ5_0: return 2 + 4 + 16;
    case TensorType::kQ5_1: return 2 + 2 + 4 + 16;
    case TensorType::kQ8_0: return 2 + 32;
    default: return 0;
  }
}

void DequantizeBlocks(TensorType type, std::span<const std::byte> blocks, std::span<float> out) {
  const auto bytes = static_cast<std::size_t>(BlockBytes(type));
  const std::size_t count = out.size() / kBlockElements;
  WT_CHECK(bytes > 0 && out.size() % kBlockElements == 0 && blocks.size() >= count * bytes);
  for (std::size_t i = 0; i < count; ++i) {
    DequantizeBlock(type, blocks.data() + i * bytes, out.data() + i * kBlockElements);
  }
}

void QuantizeBlocks(TensorType type, std::span<const float> values, std::span<std::byte> out) {
  const auto bytes = static_cast<std::size_t>(BlockBytes(type));
  const std::size_t count = values.size() / kBlockElements;
  WT_CHECK(bytes > 0 && values.size() % kBlockElements == 0 && out.size() == count * bytes);
  for (std::size_t i = 0; i < count; ++i) {
    QuantizeBlock(type, values.data() + i * kBlockElements, out.data() + i * bytes);
  }
}

}  // namespace wt::model
