#include "engine/features/mel_block-inl.h"

namespace wt::features {

float MelBlockGeneric(const MelBlockArgs& args) { return MelFrames<4>(args); }

}  // namespace wt::features
