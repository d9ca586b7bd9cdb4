#include "engine/diarize/networks/simd.h"

#include "platform/cpu.h"

namespace wt::diarize {

SimdList RunnableSimd() {
  SimdList list = {{&kSimdGeneric}, 1};
#if defined(__x86_64__)
  const platform::CpuFeatures cpu = platform::DetectCpuFeatures();
  if (cpu.avx2_fma) list.sets[list.count++] = &kSimdAvx2;
  if (cpu.avx512) list.sets[list.count++] = &kSimdAvx512;
#endif
  return list;
}

const SimdSet& ChooseSimd() {
  const SimdList list = RunnableSimd();
  return *list.sets[list.count - 1];
}

}  // namespace wt::diarize
