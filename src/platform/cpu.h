// What this processor can do, by CPUID feature bits (and the operating system's consent), never by
// vendor or model. Pure queries: thread-safe.
#pragma once

namespace wt::platform {

struct CpuFeatures {
  bool avx2_fma = false;  // AVX2 + FMA + F16C, saved by the kernel.
  bool avx_vnni = false;  // 256-bit VPDPBUSD without AVX-512.
  bool avx512 = false;    // F, BW, DQ, VL, saved by the kernel.
  bool avx512_vnni = false;
  bool avx512_bf16 = false;
};

CpuFeatures DetectCpuFeatures();

/// Processors this process may run on (affinity mask and cgroup quota), at least 1.
int UsableCpuCount();

}  // namespace wt::platform
