// The AVX-512 set with bf16 products (AVX512_BF16).
#include "engine/kernels/simd_avx512-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx512Bf16Kernels = FamilyTable(Isa::kAvx512Bf16);

}  // namespace wt::kernels
