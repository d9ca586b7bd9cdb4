#include "engine/vad/network_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "engine/network/weights_file.h"

namespace wt::vad {
namespace {

// Published kernels equal the DFT to 8e-8; anything near 1e-5 would be another basis.
constexpr double kBasisTolerance = 1e-5;

// The basis holds kBins rows of w[n] cos(2 pi k n / 256), then as many of +-w[n] sin(...), with the
// periodic Hann window w. The sign does not matter to the magnitude.
Status CheckBasis(const std::vector<float>& basis) {
  double cosine = 0, plus_sine = 0, minus_sine = 0;
  for (std::size_t k = 0; k < kBins; ++k) {
    for (std::size_t n = 0; n < kFrameSamples; ++n) {
      const double window =
          0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(n) / kFrameSamples);
      const double angle =
          2 * std::numbers::pi * static_cast<double>(k * n % kFrameSamples) / kFrameSamples;
      const double re = static_cast<double>(basis[k * kFrameSamples + n]);
      const double im = static_cast<double>(basis[(k + kBins) * kFrameSamples + n]);
      cosine = std::max(cosine, std::abs(re - window * std::cos(angle)));
      plus_sine = std::max(plus_sine, std::abs(im - window * std::sin(angle)));
      minus_sine = std::max(minus_sine, std::abs(im + window * std::sin(angle)));
    }
  }
  if (std::max(cosine, std::min(plus_sine, minus_sine)) <= kBasisTolerance) return {};
  return Status(StatusCode::kUnsupported,
                "voice activity weights: tensor \"stft.forward_basis_buffer\" is not the Hann-"
                "windowed transform of 256 points; these are another network's weights");
}

}  // namespace

Result<NetworkWeights> ReadNetworkWeights(std::span<const std::byte> safetensors) {
  WT_ASSIGN(const auto file,
            network::WeightsFile::Open(safetensors, {.what = "voice activity",
                                                     .bytes_max = kVadFileBytesMax,
                                                     .header_bytes_max = kVadHeaderBytesMax,
                                                     .tensors = 0}));
  WT_ASSIGN(const auto basis,
            file.Read("stft.forward_basis_buffer", {2 * kBins, 1, kFrameSamples}));
  WT_TRY(CheckBasis(basis));
  NetworkWeights weights;
  constexpr std::pair<int, int> kShapes[4] = {{128, kBins}, {64, 128}, {64, 64}, {kState, 64}};
  for (int i = 0; i < 4; ++i) {
    const auto [out, in] = kShapes[i];
    const std::string name = fmt::format("encoder.{}.reparam_conv.", i);
    ConvWeights& conv = weights.conv[i];
    conv.out = out;
    conv.in = in;
    const auto rows = static_cast<std::int64_t>(out);
    WT_ASSIGN(conv.weight, file.Read(name + "weight", {rows, static_cast<std::int64_t>(in), 3}));
    WT_ASSIGN(conv.bias, file.Read(name + "bias", {rows}));
  }
  WT_ASSIGN(weights.weight_ih, file.Read("decoder.rnn.weight_ih", {kGates, kState}));
  WT_ASSIGN(weights.weight_hh, file.Read("decoder.rnn.weight_hh", {kGates, kState}));
  WT_ASSIGN(weights.bias, file.Read("decoder.rnn.bias_ih", {kGates}));
  WT_ASSIGN(const auto bias_hh, file.Read("decoder.rnn.bias_hh", {kGates}));
  for (std::size_t i = 0; i < bias_hh.size(); ++i) weights.bias[i] += bias_hh[i];
  WT_ASSIGN(weights.output, file.Read("decoder.decoder.2.weight", {1, kState, 1}));
  WT_ASSIGN(const auto output_bias, file.Read("decoder.decoder.2.bias", {1}));
  weights.output_bias = output_bias[0];
  return weights;
}

}  // namespace wt::vad
