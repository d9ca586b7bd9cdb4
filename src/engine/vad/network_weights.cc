#include "engine/vad/network_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/byte_reader.h"
#include "base/status_macros.h"

namespace wt::vad {
namespace {

using Json = nlohmann::json;

// {"name": {"shape": [1]}} has depth 3; deeper values are dropped while parsing.
constexpr int kHeaderDepthMax = 4;
// Published kernels equal the DFT to 8e-8; anything near 1e-5 would be another basis.
constexpr double kBasisTolerance = 1e-5;

Status Corrupt(std::string_view tensor, std::string_view reason) {
  return Status(StatusCode::kDataCorrupt,
                fmt::format("voice activity weights: tensor \"{}\" {}", tensor, reason));
}

Status CorruptHeader(std::string_view reason) {
  return Status(StatusCode::kDataCorrupt, fmt::format("voice activity weights: {}", reason));
}

class TensorFile {
 public:
  static Result<TensorFile> Open(std::span<const std::byte> bytes) {
    if (bytes.size() > kVadFileBytesMax) return CorruptHeader("the file is larger than 16 MiB");
    base::ByteReader reader(bytes);
    std::uint64_t header_bytes = 0;
    if (!reader.Read(&header_bytes)) return CorruptHeader("the file ends within its first 8 bytes");
    if (header_bytes > kVadHeaderBytesMax) return CorruptHeader("the header is larger than 64 KiB");
    std::string_view text;
    if (!reader.ReadText(static_cast<std::size_t>(header_bytes), &text)) {
      return CorruptHeader("the file ends within its header");
    }
    TensorFile file;
    file.header_ = Json::parse(
        text, [](int depth, Json::parse_event_t, Json&) { return depth <= kHeaderDepthMax; },
        /*allow_exceptions=*/false);
    if (!file.header_.is_object()) return CorruptHeader("the header is not a JSON object");
    file.data_ = bytes.subspan(reader.offset());
    return file;
  }

  /// The values of an F32 tensor of exactly this shape, all finite.
  Result<std::vector<float>> Read(std::string_view name,
                                  std::span<const std::uint64_t> shape) const {
    const auto entry = header_.find(name);
    if (entry == header_.end()) return Corrupt(name, "is missing");
    if (!entry->is_object()) return Corrupt(name, "has no description");
    if (entry->value("dtype", Json()) != "F32") return Corrupt(name, "is not of type F32");
    if (entry->value("shape", Json()) != Json(std::vector(shape.begin(), shape.end()))) {
      return Corrupt(name, fmt::format("has a shape other than [{}]", fmt::join(shape, ", ")));
    }
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape) count *= extent;
    const Json offsets = entry->value("data_offsets", Json());
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      return Corrupt(name, "has no data offsets");
    }
    const auto begin = offsets[0].get<std::uint64_t>();
    const auto end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > data_.size()) return Corrupt(name, "lies outside the file");
    if (end - begin != count * sizeof(float)) return Corrupt(name, "has a wrong number of bytes");
    std::vector<float> values(static_cast<std::size_t>(count));
    std::memcpy(values.data(), data_.data() + begin, static_cast<std::size_t>(end - begin));
    if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
      return Corrupt(name, "holds a value that is not a number");
    }
    return values;
  }

 private:
  Json header_;
  std::span<const std::byte> data_;
};

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
  WT_ASSIGN(const TensorFile file, TensorFile::Open(safetensors));
  const auto read = [&file](std::string_view name, std::initializer_list<std::uint64_t> shape) {
    return file.Read(name, std::span(shape.begin(), shape.size()));
  };
  WT_ASSIGN(const auto basis, read("stft.forward_basis_buffer", {2 * kBins, 1, kFrameSamples}));
  WT_TRY(CheckBasis(basis));
  NetworkWeights weights;
  constexpr std::pair<int, int> kShapes[4] = {{128, kBins}, {64, 128}, {64, 64}, {kState, 64}};
  for (int i = 0; i < 4; ++i) {
    const auto [out, in] = kShapes[i];
    const std::string name = fmt::format("encoder.{}.reparam_conv.", i);
    ConvWeights& conv = weights.conv[i];
    conv.out = out;
    conv.in = in;
    const auto rows = static_cast<std::uint64_t>(out);
    WT_ASSIGN(conv.weight, read(name + "weight", {rows, static_cast<std::uint64_t>(in), 3}));
    WT_ASSIGN(conv.bias, read(name + "bias", {rows}));
  }
  WT_ASSIGN(weights.weight_ih, read("decoder.rnn.weight_ih", {kGates, kState}));
  WT_ASSIGN(weights.weight_hh, read("decoder.rnn.weight_hh", {kGates, kState}));
  WT_ASSIGN(weights.bias, read("decoder.rnn.bias_ih", {kGates}));
  WT_ASSIGN(const auto bias_hh, read("decoder.rnn.bias_hh", {kGates}));
  for (std::size_t i = 0; i < bias_hh.size(); ++i) weights.bias[i] += bias_hh[i];
  WT_ASSIGN(weights.output, read("decoder.decoder.2.weight", {1, kState, 1}));
  WT_ASSIGN(const auto output_bias, read("decoder.decoder.2.bias", {1}));
  weights.output_bias = output_bias[0];
  return weights;
}

}  // namespace wt::vad
