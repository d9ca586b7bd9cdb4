// From any number of channels to one, robustly.
//
// The rule (docs/formats/media-stream.md, "Mixdown"), applied to blocks of at most 4 seconds:
//  1. A channel is heard from the first block on in which it exceeds digital silence (2 steps of 16
//     bits). Channels never heard do not take part, so speech in one of eight channels keeps its
//     level.
//  2. A heard channel whose correlation with the reference channel falls under -0.9 is inverted,
//     until the correlation rises above -0.5: inverted twins would cancel out. The reference is the
//     loudest channel of the first block with sound.
//  3. The result is the mean of the heard channels: for ordinary stereo exactly (left + right) / 2.
//  4. When the weights change, they do so linearly over the first 20 ms of the block.
// The result depends on the samples only, not on how they are cut into calls. Memory is one block
// (2^20 samples over all channels at most). Thread-compatible.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wt::media {

class Mixdown {
 public:
  /// REQUIRES: channels >= 1, rate >= 1, channel < channels. `channel` < 0 mixes all of them.
  Mixdown(int channels, int rate, int channel);

  /// Takes interleaved frames (a multiple of the channels) and appends what is mixed to `out`.
  void Push(std::span<const float> interleaved, std::vector<float>* out);
  /// Mixes the unfinished block. Push may be called again after it.
  void Finish(std::vector<float>* out);
  /// Frames taken and not given out yet.
  std::size_t frames_pending() const { return block_.size() / channels_; }

 private:
  void Analyse();
  void MixBlock(std::vector<float>* out);

  std::size_t channels_;
  int channel_;
  std::size_t block_samples_max_;
  std::size_t ramp_frames_;
  std::vector<float> block_;
  std::vector<bool> heard_;
  std::vector<float> polarity_;
  std::vector<float> weights_;
  int reference_ = -1;
};

}  // namespace wt::media
