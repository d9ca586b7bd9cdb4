#include "platform/cpu.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace wt::platform {
namespace {

#if defined(__x86_64__)
// XCR0: bits 1-2 SSE and AVX state, bits 5-7 AVX-512 state (Intel SDM vol. 1, 13.3).
unsigned EnabledStates() {
  unsigned eax = 0, edx = 0;
  __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  return eax;
}

// Tile data is not part of a thread's state until the process has asked for it
// (Documentation/arch/x86/xstate.rst).
bool RequestTiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILE_DATA
  static const bool granted = ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return granted;
}
#endif

// cgroup v2: "quota period" or "max period".
int QuotaCpuCount() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return static_cast<int>(std::ceil(std::strtod(quota.c_str(), nullptr) / period));
}

}  // namespace

CpuFeatures DetectCpuFeatures() {
  CpuFeatures features;
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return features;
  const bool fma_f16c = (c & bit_FMA) != 0 && (c & bit_F16C) != 0;
  const unsigned states = EnabledStates();
  const bool ymm = (states & 0x06u) == 0x06u;
  const bool zmm = (states & 0xE6u) == 0xE6u;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return features;
  features.avx2_fma = ymm && fma_f16c && (b & bit_AVX2) != 0;
  const unsigned wanted = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
  features.avx512 = zmm && features.avx2_fma && (b & wanted) == wanted;
  features.avx512_vnni = features.avx512 && (c & bit_AVX512VNNI) != 0;
  // EDX: bit 22 AMX-BF16, 24 AMX-TILE, 25 AMX-INT8. XCR0: bits 17 and 18.
  const bool tiles = (d & 0x03400000u) == 0x03400000u && (states & 0x60000u) == 0x60000u;
  const bool byte_permutes = (c & bit_AVX512VBMI) != 0;
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) == 0) return features;
  features.avx_vnni = features.avx2_fma && (a & (1u << 4)) != 0;
  features.avx512_bf16 = features.avx512_vnni && (a & (1u << 5)) != 0;
  features.amx = tiles && byte_permutes && features.avx512_bf16 && RequestTiles();
#endif
  return features;
}

int UsableCpuCount() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  if (const int quota = QuotaCpuCount(); quota > 0) count = std::min(count, quota);
  return std::max(count, 1);
}

}  // namespace wt::platform
