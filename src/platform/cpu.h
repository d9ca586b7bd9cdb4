// What this processor can do, by CPUID feature bits (and the operating system's consent), never by
// vendor or model. Thread-safe. The first query asks the kernel for the use of AMX.
#pragma once

namespace wt::platform {

struct CpuFeatures {
  bool avx2_fma = false;  // AVX2 + FMA + F16C, saved by the kernel.
  bool avx_vnni = false;  // 256-bit VPDPBUSD without AVX-512.
  bool avx512 = false;    // F, BW, DQ, VL, saved by the kernel.
  bool avx512_vnni = false;
  bool avx512_bf16 = false;
  /// Tiles with products of int8 and bf16, and the kernel has let this process use them. With
  /// AVX512_VBMI and AVX512_BF16, which all processors with tiles have.
  bool amx = false;
};

CpuFeatures DetectCpuFeatures();

/// Processors this process may run on (affinity mask and cgroup quota), at least 1.
int UsableCpuCount();

}  // namespace wt::platform
