#include "engine/features/dot_product-inl.h"
#include "engine/features/mel_block-inl.h"
#include "engine/features/simd.h"

namespace wt::features {
namespace {

constexpr int kLanes = 4;

float Mel(const MelBlockArgs& args) { return MelFrames<kLanes>(args); }

float Dot(const float* a, const float* b, std::size_t count) {
  return DotProduct<kLanes>(a, b, count);
}

}  // namespace

const SimdSet kSimdGeneric = {"generic", Mel, Dot};

}  // namespace wt::features
