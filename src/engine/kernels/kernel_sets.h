// The tables of functions that kernels.cc chooses from, one per instruction set. Constant data:
// thread-safe. A table may be named on any processor; its functions run only where
// platform::DetectCpuFeatures() allows.
//
// The source of an instruction set is compiled with flags of its own (CMakeLists.txt). It must not
// emit any inline function that another source could emit too, because the linker keeps one copy
// for the whole program: everything in it has internal linkage but for its tables, and it calls
// nothing inline from other headers. The test kernels_symbols checks the object files.
#pragma once

#include "engine/kernels/kernels.h"

namespace wt::kernels {

/// KernelSet::pack for int8 and int4: one code for all sets, so that they pack the same bytes.
void PackInt8(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
              std::byte* dst);
void PackInt4(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
              std::byte* dst);

extern const KernelSet kGenericKernels;
#if defined(__x86_64__)
extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvx2VnniKernels;
extern const KernelSet kAvx512Kernels;
extern const KernelSet kAvx512VnniKernels;
extern const KernelSet kAvx512Bf16Kernels;
extern const KernelSet kAvx512AmxKernels;
#endif

}  // namespace wt::kernels
