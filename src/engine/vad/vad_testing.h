// Made-up network weights for tests, as values and as the bytes of a safetensors file.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "engine/vad/network_weights.h"

namespace wt::vad {

struct TestTensor {
  std::vector<int> shape;
  std::vector<float> values;
};
using TestTensors = std::map<std::string, TestTensor>;

inline std::vector<float> RandomValues(base::Random* random, std::size_t count, double scale) {
  std::vector<float> values(count);
  for (float& x : values) x = static_cast<float>((random->Uniform() * 2 - 1) * scale);
  return values;
}

/// The STFT basis: kBins cosine rows, then kBins sine rows, under a periodic Hann window.
inline std::vector<float> HannBasis() {
  std::vector<float> basis;
  for (const bool sine : {false, true}) {
    for (int k = 0; k < kBins; ++k) {
      for (int n = 0; n < kFrameSamples; ++n) {
        const double hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / kFrameSamples);
        const double angle = 2 * std::numbers::pi * (k * n % kFrameSamples) / kFrameSamples;
        basis.push_back(static_cast<float>(hann * (sine ? -std::sin(angle) : std::cos(angle))));
      }
    }
  }
  return basis;
}

/// All 15 tensors, random but for the basis; scaled so that no layer dies or saturates.
inline TestTensors MakeTestTensors(std::uint64_t seed) {
  base::Random random(seed);
  TestTensors tensors;
  const auto add = [&](const std::string& name, std::vector<int> shape, double scale) {
    std::size_t count = 1;
    for (const int extent : shape) count *= static_cast<std::size_t>(extent);
    tensors[name] = {std::move(shape), RandomValues(&random, count, scale)};
  };
  add("stft.forward_basis_buffer", {2 * kBins, 1, kFrameSamples}, 1);
  tensors["stft.forward_basis_buffer"].values = HannBasis();
  const int shapes[4][2] = {{128, kBins}, {64, 128}, {64, 64}, {128, 64}};
  for (int i = 0; i < 4; ++i) {
    const std::string name = "encoder." + std::to_string(i) + ".reparam_conv.";
    add(name + "weight", {shapes[i][0], shapes[i][1], 3}, 0.12);
    add(name + "bias", {shapes[i][0]}, 0.1);
  }
  add("decoder.rnn.weight_ih", {kGates, kState}, 0.1);
  add("decoder.rnn.weight_hh", {kGates, kState}, 0.15);
  add("decoder.rnn.bias_ih", {kGates}, 0.3);
  add("decoder.rnn.bias_hh", {kGates}, 0.3);
  add("decoder.decoder.2.weight", {1, kState, 1}, 0.5);
  add("decoder.decoder.2.bias", {1}, 0.1);
  return tensors;
}

/// Header of `tensors` laid out one after another.
inline nlohmann::json TestHeader(const TestTensors& tensors) {
  nlohmann::json header;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t end = offset + tensor.values.size() * sizeof(float);
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  return header;
}

inline std::vector<std::byte> TestFile(const std::string& header, const TestTensors& tensors) {
  const std::uint64_t header_bytes = header.size();
  std::vector<std::byte> file(8 + header.size());
  std::memcpy(file.data(), &header_bytes, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  for (const auto& [name, tensor] : tensors) {
    const auto* bytes = reinterpret_cast<const std::byte*>(tensor.values.data());
    file.insert(file.end(), bytes, bytes + tensor.values.size() * sizeof(float));
  }
  return file;
}

inline std::vector<std::byte> TestFile(const TestTensors& tensors) {
  return TestFile(TestHeader(tensors).dump(), tensors);
}

}  // namespace wt::vad
