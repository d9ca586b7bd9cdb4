// The mel filter bank that ggml files carry for whisper.cpp. The engine does not read it back.
#pragma once

#include <vector>

namespace wt::model {

/// n_mels x 201, row-major: librosa's Slaney mel scale with area-normalised triangles, 201 bins of
/// 40 Hz. Bit-equal to openai-whisper's mel_filters.npz. REQUIRES: n_mels is 80 or 128.
std::vector<float> GgmlMelFilters(int n_mels);

}  // namespace wt::model
