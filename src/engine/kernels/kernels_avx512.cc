// The AVX-512 sets (F, BW, DQ, VL) without bf16 products.
#include "engine/kernels/simd_avx512-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx512Kernels = FamilyTable(Isa::kAvx512);
constinit const KernelSet kAvx512VnniKernels = FamilyTable(Isa::kAvx512Vnni);

}  // namespace wt::kernels
