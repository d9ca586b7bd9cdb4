#include "engine/kernels/kernels.h"

#include <iterator>
#include <string>

#include "engine/kernels/kernel_sets.h"
#include "platform/cpu.h"

namespace wt::kernels {
namespace {

bool CanRun(Isa isa, const platform::CpuFeatures& cpu) {
  switch (isa) {
    case Isa::kGeneric: return true;
    case Isa::kAvx2: return cpu.avx2_fma;
    case Isa::kAvx2Vnni: return cpu.avx_vnni;
    case Isa::kAvx512: return cpu.avx512;
    case Isa::kAvx512Vnni: return cpu.avx512_vnni;
    case Isa::kAvx512Bf16: return cpu.avx512_bf16;
    case Isa::kAvx512Amx: return cpu.amx;
  }
  return false;
}

// From the slowest to the fastest.
constexpr const KernelSet* kSets[] = {
    &kGenericKernels,
#if defined(__x86_64__)
    &kAvx2Kernels,       &kAvx2VnniKernels,   &kAvx512Kernels,
    &kAvx512VnniKernels, &kAvx512Bf16Kernels, &kAvx512AmxKernels,
#endif
};
static_assert(std::size(kSets) <= std::size(KernelList{}.sets));

}  // namespace

std::string_view IsaName(Isa isa) {
  switch (isa) {
    case Isa::kGeneric: return "generic";
    case Isa::kAvx2: return "avx2";
    case Isa::kAvx2Vnni: return "avx2_vnni";
    case Isa::kAvx512: return "avx512";
    case Isa::kAvx512Vnni: return "avx512_vnni";
    case Isa::kAvx512Bf16: return "avx512_bf16";
    case Isa::kAvx512Amx: return "avx512_amx";
  }
  return "unknown";
}

KernelList RunnableKernels() {
  const platform::CpuFeatures cpu = platform::DetectCpuFeatures();
  KernelList list = {};
  for (const KernelSet* set : kSets) {
    if (CanRun(set->isa, cpu)) list.sets[list.count++] = set;
  }
  return list;
}

const KernelSet& BestKernels() {
  const KernelList list = RunnableKernels();
  return *list.sets[list.count - 1];
}

Result<const KernelSet*> FindKernels(std::string_view name) {
  if (name == "auto") return &BestKernels();
  const KernelList list = RunnableKernels();
  for (int i = 0; i < list.count; ++i) {
    if (IsaName(list.sets[i]->isa) == name) return list.sets[i];
  }
  return Status(StatusCode::kUnsupported, "this processor cannot run the instruction set \"" +
                                              std::string(name) + "\"; \"auto\" picks the best");
}

}  // namespace wt::kernels
