// The AVX-512 set (F, BW, DQ, VL) without products of bytes or bf16.
#include "engine/kernels/vector/simd_avx512-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/vector/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx512Kernels = FamilyTable(Isa::kAvx512);

}  // namespace wt::kernels
