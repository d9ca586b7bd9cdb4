// The AVX2 + FMA sets.
#include "engine/kernels/simd_avx2-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx2Kernels = FamilyTable(Isa::kAvx2);
constinit const KernelSet kAvx2VnniKernels = FamilyTable(Isa::kAvx2Vnni);

}  // namespace wt::kernels
