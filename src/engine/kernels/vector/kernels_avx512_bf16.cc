// The AVX-512 set with products of bytes and bf16 (AVX512_VNNI, AVX512_BF16).
#include "engine/kernels/vector/simd_avx512-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/vector/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx512Bf16Kernels = FamilyTable(Isa::kAvx512Bf16);

}  // namespace wt::kernels
