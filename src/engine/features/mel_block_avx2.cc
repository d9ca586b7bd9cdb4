#include "engine/features/mel_block-inl.h"

namespace wt::features {

float MelBlockAvx2(const MelBlockArgs& args) { return MelFrames<8>(args); }

}  // namespace wt::features
