// Which of up to three voices speaks when inside 10 s: pyannote segmentation-3.0 in our own forward
// pass (reference/speaker/README.md, section 1; architecture: Bredin and Laurent, "End-to-end
// speaker segmentation", arXiv 2104.04045, and SincNet, arXiv 1808.00158).
//
// The network is immutable and shared. A forward pass over a batch of windows needs a scratch of
// its own, 39 MB for a full one; windows do not influence each other, so results do not depend on
// how they are batched. Internal to engine/diarize.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "engine/diarize/networks/simd.h"
#include "engine/network/linear.h"
#include "platform/thread_pool.h"
#include "whisper_transcriber/status.h"

namespace wt::diarize {

inline constexpr int kSegmentationSamples = 160'000;  // 10 s: the input is fixed.
inline constexpr int kSegmentationFrames = 589;
/// Frame i sees samples kFrameStep * i .. kFrameStep * i + kFrameReach.
inline constexpr int kFrameStep = 270;
inline constexpr int kFrameReach = 990;
/// Nobody, a, b, c, a + b, a + c, b + c.
inline constexpr int kClasses = 7;
/// Rows of the recurrent products; a tile of the AVX-512 product has 6 rows.
inline constexpr int kSegmentationBatch = 6;

/// Log-probabilities, [frame][class].
using ClassScores = std::array<float, static_cast<std::size_t>(kSegmentationFrames* kClasses)>;

class SegmentationNetwork {
 public:
  /// Reads a safetensors file's bytes; kDataCorrupt naming tensor and reason. Copies what it needs.
  static Result<std::shared_ptr<const SegmentationNetwork>> Read(
      std::span<const std::byte> safetensors, const kernels::KernelSet& kernels);

  class Scratch;

  /// Scores of up to kSegmentationBatch windows of kSegmentationSamples samples, one behind the
  /// other in `samples` at the starts given. kCancelled within a layer of the network. `pool`
  /// shares out windows and directions and may be null.
  Status Run(std::span<const float* const> windows, platform::ThreadPool* pool,
             const base::CancelFlag* cancel, Scratch* scratch, std::span<ClassScores> out) const;

  /// The convolution kernels made from the file's 161 numbers, for tests: 80 rows of 251.
  const std::vector<float>& sinc_kernels() const { return sinc_kernels_; }

 private:
  SegmentationNetwork() = default;
  struct Norm {
    std::vector<float> weight, bias;
  };
  void Convolve(const float* window, float* scratch, float* out) const;
  void SincLayer(const float* window, float* scratch, float* out) const;
  void PooledConvolution(const network::Linear& conv, const float* in, int rows, float* scratch,
                         float* out) const;
  void Normalise(const Norm& norm, int rows, float* x) const;
  void Recur(int layer, int direction, int batch, float* gates, float* state, float* out) const;
  void Classify(const float* features, float* scratch, ClassScores* out) const;

  const kernels::KernelSet* kernels_ = nullptr;
  const SimdSet* simd_ = nullptr;
  float wave_weight_ = 1, wave_bias_ = 0;
  std::vector<float> sinc_kernels_;
  network::Linear sinc_even_, sinc_odd_;
  network::Linear conv1_, conv2_;
  Norm norm0_, norm1_, norm2_;
  network::Linear input_[4][2], recurrent_[4][2];
  network::Linear linear0_, linear1_, classifier_;
};

/// Memory of one forward pass. One thread at a time.
class SegmentationNetwork::Scratch {
 public:
  Scratch();

 private:
  friend class SegmentationNetwork;
  /// [frame][window][256]: what a layer reads and what it writes.
  tensor::Buffer<float> features_[2];
  /// [direction][frame][window][512].
  tensor::Buffer<float> gates_;
  /// Per window: layers of the convolutional part.
  std::vector<tensor::Buffer<float>> windows_;
};

}  // namespace wt::diarize
