// The AVX2 + FMA set with products of bytes (AVX-VNNI).
#include "engine/kernels/vector/simd_avx2-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/vector/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx2VnniKernels = FamilyTable(Isa::kAvx2Vnni);

}  // namespace wt::kernels
