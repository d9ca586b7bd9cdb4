#include "engine/diarize/networks/elementwise-inl.h"
#include "engine/diarize/networks/simd.h"

namespace wt::diarize {

const SimdSet kSimdAvx2 = WT_DIARIZE_SIMD_SET("avx2");

}  // namespace wt::diarize
