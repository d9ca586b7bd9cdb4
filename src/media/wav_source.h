// An AudioSource over the samples of a 16 kHz WAV file. Reads 64 KiB at a time.
//
// Seeking in one channel is free. A mixdown depends on what came before, so that a backward seek
// mixes again from the start: about 0.3 s for an hour of stereo. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "media/mixdown.h"
#include "media/random_input.h"
#include "media/wav_layout.h"
#include "whisper_transcriber/engine.h"

namespace wt::media {

class WavSource : public AudioSource {
 public:
  /// REQUIRES: channel < layout.channels. `channel` < 0 mixes all of them.
  WavSource(std::unique_ptr<RandomInput> input, const WavLayout& layout, int channel);

  Result<std::size_t> Read(std::span<float> out) override;
  Status Seek(SampleIndex position) override;
  std::optional<SampleIndex> length() const override { return layout_.frames; }

 private:
  /// Converts the next piece of the file into mixed_.
  Status Fill();
  void Restart(std::int64_t frame);

  std::unique_ptr<RandomInput> input_;
  WavLayout layout_;
  int channel_;
  Mixdown mixdown_;
  /// The frame that Fill() reads next.
  std::int64_t next_frame_ = 0;
  /// The sample of mixed_[mixed_taken_].
  std::int64_t position_ = 0;
  std::int64_t target_ = 0;
  std::vector<float> mixed_;
  std::size_t mixed_taken_ = 0;
  std::vector<std::byte> raw_;
  std::vector<float> frames_;
};

}  // namespace wt::media
