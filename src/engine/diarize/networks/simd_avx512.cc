#include "engine/diarize/networks/elementwise-inl.h"
#include "engine/diarize/networks/simd.h"

namespace wt::diarize {

const SimdSet kSimdAvx512 = WT_DIARIZE_SIMD_SET("avx512");

}  // namespace wt::diarize
