// Who a stretch of speech sounds like: CAM++ in our own forward pass
// (reference/speaker/README.md, section 2; Wang et al., "CAM++: A Fast and Efficient Network for
// Speaker Verification Using Context-Aware Masking", arXiv 2303.00332).
//
// Immutable and shared; a forward pass needs a scratch of its own, 8 MB for 1.5 s. Batch norms are
// folded into the product before them where there is one. Internal to engine/diarize.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/diarize/networks/filterbank.h"
#include "engine/diarize/networks/simd.h"
#include "engine/network/linear.h"
#include "whisper_transcriber/status.h"

namespace wt::diarize {

inline constexpr int kVoiceValues = 192;
using VoiceVector = std::array<float, kVoiceValues>;

/// Stretches embedded at once: 0.5 s to 10 s of samples.
inline constexpr int kVoiceSamplesMin = 8'000;
inline constexpr int kVoiceSamplesMax = 160'000;

class VoiceNetwork {
 public:
  /// Reads a safetensors file's bytes; kDataCorrupt naming tensor and reason. Copies what it needs.
  static Result<std::shared_ptr<const VoiceNetwork>> Read(std::span<const std::byte> safetensors,
                                                          const kernels::KernelSet& kernels);

  /// Memory of one forward pass, grown to the longest stretch. One thread at a time.
  class Scratch;

  /// The vector of a stretch; compare by cosine. REQUIRES: kVoiceSamplesMin <= samples.size() <=
  /// kVoiceSamplesMax.
  VoiceVector Embed(std::span<const float> samples, Scratch* scratch) const;

  const Filterbank& filterbank() const { return filterbank_; }

 private:
  VoiceNetwork() = default;
  /// A convolution 3x3: for each of the three bands that it meets, its taps over time.
  struct Conv {
    network::Linear bands[3];
  };
  struct Residual {
    Conv conv1, conv2;
    network::Linear shortcut;  // Where the bands are halved.
    bool halves = false;
  };
  /// x * scale + shift: a batch norm that stands before its product.
  struct Norm {
    std::vector<float> scale, shift;
  };
  struct Layer {
    Norm norm1;
    network::Linear linear1;
    network::Linear local[3];
    network::Linear context1, context2;
  };
  struct Block {
    std::vector<Layer> layers;
    Norm transit_norm;
    network::Linear transit;
    int in = 0, dilation = 1;
  };
  struct Reader;
  struct Image;

  void Head(int frames, Scratch* scratch) const;
  void Convolve(const Conv& conv, const Image& in, int band_stride, Image* out,
                kernels::Epilogue first) const;
  void RunResidual(const Residual& block, Image* in, Image* middle, Image* out) const;
  void DenseLayer(const Layer& layer, const Block& block, int channels, int times, int ld, float* x,
                  Scratch* scratch) const;
  VoiceVector Pool(const float* x, int times) const;

  const kernels::KernelSet* kernels_ = nullptr;
  const SimdSet* simd_ = nullptr;
  Filterbank filterbank_;
  network::Linear conv1_;
  Residual residuals_[4];
  Conv conv2_;
  network::Linear tdnn_;
  Block blocks_[3];
  Norm out_norm_;
  network::Linear dense_;
};

class VoiceNetwork::Scratch {
 public:
  Scratch() = default;

 private:
  friend class VoiceNetwork;
  void Fit(int frames);

  int frames_ = 0;
  /// Log mel, then the head's output: [time][320].
  std::vector<float> features_, flat_;
  /// Images [band][time][channel]; see Image.
  std::vector<float> images_[3];
  /// [time][channels] of a block and of the next one.
  std::vector<float> x_[2];
  std::vector<float> normed_, hidden_, local_, context_;
};

}  // namespace wt::diarize
