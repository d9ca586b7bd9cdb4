// Dimensions of a Whisper network, and what is known of the published sizes.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::model {

/// Field names are openai-whisper's (model.py, ModelDimensions).
struct Dims {
  int n_mels = 0;         // 80 or 128
  int n_audio_ctx = 0;    // 1500 frames of 20 ms
  int n_audio_state = 0;  // 384 .. 1280
  int n_audio_head = 0;   // state / 64
  int n_audio_layer = 0;
  int n_vocab = 0;     // 51864 English-only, 51865 multilingual, 51866 large-v3
  int n_text_ctx = 0;  // 448 tokens
  int n_text_state = 0;
  int n_text_head = 0;
  int n_text_layer = 0;

  bool multilingual() const { return n_vocab >= 51865; }
  bool operator==(const Dims&) const = default;
};

/// (decoder layer, head), both from 0.
using AlignmentHead = std::pair<int, int>;

/// kDataCorrupt, naming the dimension, when `dims` is not that of a Whisper network that this
/// engine can run: head size 64, contexts 1500 and 448, equal states, sizes within ranges.
Status CheckDims(const Dims& dims);

/// "tiny", "tiny.en" ... "large-v3-turbo", "distil-small.en" ...; empty when none fits. large-v1
/// and large-v2 have equal dimensions: the answer is "large-v2".
std::string_view SizeName(const Dims& dims);

/// Published dimensions of a size name.
std::optional<Dims> DimsOfSize(std::string_view size);

/// Published alignment heads where known, else all heads of the upper half of the decoder layers.
std::vector<AlignmentHead> DefaultAlignmentHeads(const Dims& dims);

}  // namespace wt::model
