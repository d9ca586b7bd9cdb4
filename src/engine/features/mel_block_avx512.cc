#include "engine/features/mel_block-inl.h"

namespace wt::features {

float MelBlockAvx512(const MelBlockArgs& args) { return MelFrames<16>(args); }

}  // namespace wt::features
