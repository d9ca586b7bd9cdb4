// The AVX-512 set with products of tiles of bytes and bf16 (AMX_INT8, AMX_BF16).
#include "engine/kernels/vector/simd_avx512-inl.h"
// The vocabulary above comes first.
#include "engine/kernels/vector/family-inl.h"

namespace wt::kernels {

constinit const KernelSet kAvx512AmxKernels = FamilyTable(Isa::kAvx512Amx);

}  // namespace wt::kernels
