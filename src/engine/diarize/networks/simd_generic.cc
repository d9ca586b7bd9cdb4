#include "engine/diarize/networks/elementwise-inl.h"
#include "engine/diarize/networks/simd.h"

namespace wt::diarize {

const SimdSet kSimdGeneric = WT_DIARIZE_SIMD_SET("generic");

}  // namespace wt::diarize
