// The AVX2 + FMA set without products of bytes.
#include "engine/kernels/vector/simd_avx2-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/vector/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx2Kernels = FamilyTable(Isa::kAvx2);

}  // namespace wt::kernels
