// PCM bytes to float32, the same way for the own WAV reader and for decoded frames.
//
// Integers are divided by their full scale (a power of two: exact for 8 to 24 bits). What is not
// finite becomes 0, and magnitudes are cut at kSampleMax, so that no later stage meets an overflow.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wt::media {

static_assert(std::endian::native == std::endian::little, "PCM and the stream are little-endian");

enum class PcmType { kU8, kS16, kS24, kS32, kS64, kF32, kF64 };

/// 96 dB over full scale. Squares of spectra of such samples stay far below the float32 maximum:
/// (65536 * 400)^2 = 6.9e14.
inline constexpr float kSampleMax = 65536.0F;

inline float SaneSample(float x) {
  if (!std::isfinite(x)) return 0.0F;
  return x > kSampleMax ? kSampleMax : (x < -kSampleMax ? -kSampleMax : x);
}

inline std::size_t PcmBytes(PcmType type) {
  switch (type) {
    case PcmType::kU8: return 1;
    case PcmType::kS16: return 2;
    case PcmType::kS24: return 3;
    case PcmType::kS32:
    case PcmType::kF32: return 4;
    case PcmType::kS64:
    case PcmType::kF64: return 8;
  }
  return 1;
}

template <typename T>
T LoadPcm(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// The sample at `bytes`, which holds PcmBytes(type) bytes.
inline float PcmToFloat(const std::byte* bytes, PcmType type) {
  switch (type) {
    case PcmType::kU8:
      return (static_cast<float>(LoadPcm<std::uint8_t>(bytes)) - 128.0F) * (1.0F / 128.0F);
    case PcmType::kS16: return static_cast<float>(LoadPcm<std::int16_t>(bytes)) * 0x1p-15F;
    case PcmType::kS24: {
      const std::uint32_t low = LoadPcm<std::uint16_t>(bytes);
      const std::uint32_t high = LoadPcm<std::uint8_t>(bytes + 2);
      // Into the upper 24 bits, so that the sign bit is where int32 has it.
      return static_cast<float>(static_cast<std::int32_t>((high << 24) | (low << 8))) * 0x1p-31F;
    }
    case PcmType::kS32: return static_cast<float>(LoadPcm<std::int32_t>(bytes)) * 0x1p-31F;
    case PcmType::kS64: return static_cast<float>(LoadPcm<std::int64_t>(bytes)) * 0x1p-63F;
    case PcmType::kF32: return SaneSample(LoadPcm<float>(bytes));
    case PcmType::kF64: return SaneSample(static_cast<float>(LoadPcm<double>(bytes)));
  }
  return 0.0F;
}

}  // namespace wt::media
