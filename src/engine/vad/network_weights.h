// The 15 tensors of the voice activity network, read from a safetensors file.
//
// Internal to this folder. Format: u64 header length, JSON header {name: {dtype, shape,
// data_offsets}}, data. The reader is strict: names, types and shapes must be exactly the
// network's, values finite, and the STFT basis a Hann-windowed DFT, because a transform takes its
// place.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::vad {

inline constexpr int kFrames = 4;          // STFT frames of one step.
inline constexpr int kFrameSamples = 256;  // Samples of an STFT frame.
inline constexpr int kFrameHop = 128;
inline constexpr int kBins = kFrameSamples / 2 + 1;  // 129
inline constexpr int kState = 128;                   // Width of the LSTM.
inline constexpr int kGates = 4 * kState;

/// A convolution of kernel 3 over time, weights [out][in][3], as in the file.
struct ConvWeights {
  int out = 0;
  int in = 0;
  std::vector<float> weight;
  std::vector<float> bias;
};

struct NetworkWeights {
  ConvWeights conv[4];
  std::vector<float> weight_ih;  // [512][128], gates in the order input, forget, cell, output.
  std::vector<float> weight_hh;  // [512][128]
  std::vector<float> bias;       // bias_ih + bias_hh
  std::vector<float> output;     // [128]
  float output_bias = 0;
};

/// Published files have 1.24 MB, their header 1.4 kB.
inline constexpr std::size_t kVadFileBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kVadHeaderBytesMax = std::size_t{64} << 10;

/// kDataCorrupt naming tensor and reason; kUnsupported for another network's basis.
Result<NetworkWeights> ReadNetworkWeights(std::span<const std::byte> safetensors);

}  // namespace wt::vad
