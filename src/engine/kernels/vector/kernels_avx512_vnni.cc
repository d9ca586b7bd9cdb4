// The AVX-512 set with products of bytes (AVX512_VNNI).
#include "engine/kernels/vector/simd_avx512-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/vector/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx512VnniKernels = FamilyTable(Isa::kAvx512Vnni);

}  // namespace wt::kernels
