#include "engine/kernels/peaks.h"

#include <time.h>

#include <algorithm>
#include <cstdint>

#include "engine/tensor/buffer.h"

namespace wt::kernels {
namespace {

double ThreadSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

#if defined(__x86_64__)

// Twelve independent instructions: more than 2 units x 4 cycles of latency.
#define WT_TWELVE(instruction, reg)                                                          \
  asm volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11\n\t" instruction " %%" reg "12, %%" reg     \
               "13, %%" reg "\\r\n\t.endr" ::                                                \
                   : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", \
                     "xmm9", "xmm10", "xmm11", "xmm12", "xmm13")

// Four products of tiles with sums of their own.
#define WT_FOUR_TILES(instruction)                                                                \
  asm volatile(instruction " %%tmm6, %%tmm4, %%tmm0\n\t" instruction                              \
                           " %%tmm7, %%tmm4, %%tmm1\n\t" instruction                              \
                           " %%tmm6, %%tmm5, %%tmm2\n\t" instruction " %%tmm7, %%tmm5, %%tmm3" :: \
                               :)

constexpr int kPasses = 50'000;
constexpr int kRepeats = 5;

// The best rate of a pass of `operations`.
template <typename Pass>
double Rate(double operations, Pass pass) {
  double best = 1e30;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double start = ThreadSeconds();
    for (int i = 0; i < kPasses; ++i) pass();
    best = std::min(best, ThreadSeconds() - start);
  }
  return best > 0 ? operations * kPasses / best : 0;
}

double TileRate(PackedType type) {
  // LDTILECFG: palette 1, eight tiles of 16 rows x 64 bytes (Intel SDM vol. 1, 18.2).
  alignas(64) std::uint8_t config[64] = {1};
  for (int i = 0; i < 8; ++i) {
    config[16 + 2 * i] = 64;
    config[48 + i] = 16;
  }
  asm volatile("ldtilecfg %0" ::"m"(config));
  const double per_pass = 4.0 * 16 * 16 * (type == PackedType::kInt8 ? 128 : 64);
  const double rate = type == PackedType::kInt8
                          ? Rate(per_pass, [] { WT_FOUR_TILES("tdpbsud"); })
                          : Rate(per_pass, [] { WT_FOUR_TILES("tdpbf16ps"); });
  asm volatile("tilerelease");
  return rate;
}

double Int8Rate(Isa isa) {
  switch (isa) {
    case Isa::kAvx2Vnni: return Rate(12.0 * 64, [] { WT_TWELVE("%{vex%} vpdpbusd", "ymm"); });
    case Isa::kAvx512Vnni:
    case Isa::kAvx512Bf16: return Rate(12.0 * 128, [] { WT_TWELVE("vpdpbusd", "zmm"); });
    case Isa::kAvx512Amx: return TileRate(PackedType::kInt8);
    case Isa::kGeneric:
    case Isa::kAvx2:
    case Isa::kAvx512: break;
  }
  return 0;
}

bool Is512(Isa isa) { return isa >= Isa::kAvx512; }

// Adds up the memory by vectors; the compiler sees no use of the sums and must not drop the loads.
void ReadAll(bool wide, const std::byte* data, std::size_t bytes) {
  const std::byte* end = data + bytes;
  if (wide) {
    for (; data < end; data += 256) {
      asm volatile(
          "vmovups (%0), %%zmm0\n\tvmovups 64(%0), %%zmm1\n\t"
          "vmovups 128(%0), %%zmm2\n\tvmovups 192(%0), %%zmm3" ::"r"(data)
          : "xmm0", "xmm1", "xmm2", "xmm3");
    }
  } else {
    for (; data < end; data += 128) {
      asm volatile(
          "vmovups (%0), %%ymm0\n\tvmovups 32(%0), %%ymm1\n\t"
          "vmovups 64(%0), %%ymm2\n\tvmovups 96(%0), %%ymm3" ::"r"(data)
          : "xmm0", "xmm1", "xmm2", "xmm3");
    }
  }
}

#endif

}  // namespace

#if defined(__x86_64__)

double MeasurePeak(Isa isa, PackedType type) {
  if (isa == Isa::kGeneric) return 0;
  switch (type) {
    case PackedType::kF32:
      return Is512(isa) ? Rate(12.0 * 32, [] { WT_TWELVE("vfmadd231ps", "zmm"); })
                        : Rate(12.0 * 16, [] { WT_TWELVE("vfmadd231ps", "ymm"); });
    case PackedType::kBf16:
      if (isa == Isa::kAvx512Amx) return TileRate(PackedType::kBf16);
      return isa == Isa::kAvx512Bf16 ? Rate(12.0 * 64, [] { WT_TWELVE("vdpbf16ps", "zmm"); }) : 0;
    case PackedType::kInt8: return Int8Rate(isa);
    case PackedType::kInt4: break;
  }
  return 0;
}

void ReadMemory(Isa isa, const std::byte* data, std::size_t bytes) {
  ReadAll(Is512(isa), data, bytes);
}

double MeasureRead(Isa isa, std::size_t bytes) {
  if (isa == Isa::kGeneric) return 0;
  bytes = bytes / 256 * 256;
  tensor::Buffer<std::byte> memory(bytes);
  constexpr std::size_t kBytesPerRepeat = std::size_t{256} << 20;
  const auto passes = std::max<std::size_t>(1, kBytesPerRepeat / bytes);
  double best = 1e30;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const double start = ThreadSeconds();
    for (std::size_t i = 0; i < passes; ++i) ReadAll(Is512(isa), memory.data(), bytes);
    best = std::min(best, ThreadSeconds() - start);
  }
  return best > 0 ? static_cast<double>(bytes) * static_cast<double>(passes) / best : 0;
}

#else

double MeasurePeak(Isa, PackedType) { return 0; }
double MeasureRead(Isa, std::size_t) { return 0; }
void ReadMemory(Isa, const std::byte*, std::size_t) {}

#endif

}  // namespace wt::kernels
