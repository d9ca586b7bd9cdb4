#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/vad/network_layers.h"
#include "engine/vad/vad.h"
#include "engine/vad/vad_testing.h"

namespace wt::vad {
namespace {

std::vector<float> Noise(std::size_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<float> samples = RandomValues(&random, count, 0.3);
  // Loud and quiet parts, so that the state has something to remember.
  for (std::size_t i = 0; i < count; ++i) samples[i] *= (i / 3'000) % 2 == 0 ? 1.0f : 0.01f;
  return samples;
}

std::vector<float> Detect(const Network& network, std::span<const float> samples) {
  std::vector<float> probabilities;
  const auto detector = network.NewDetector();
  detector->Feed(samples, &probabilities);
  detector->Finish(&probabilities);
  return probabilities;
}

/// The network in double, step by step, word for word as reference/vad/README.md describes it.
class SlowNetwork {
 public:
  explicit SlowNetwork(const TestTensors& tensors) : t_(tensors) {}

  std::vector<double> Run(std::vector<float> samples) {
    samples.resize((samples.size() + 511) / 512 * 512);
    std::vector<double> context(64), probabilities;
    for (std::size_t at = 0; at < samples.size(); at += 512) {
      std::vector<double> x = context;
      x.insert(x.end(), samples.begin() + static_cast<std::ptrdiff_t>(at),
               samples.begin() + static_cast<std::ptrdiff_t>(at + 512));
      context.assign(x.end() - 64, x.end());
      for (std::size_t i = 0; i < 64; ++i) x.push_back(x[574 - i]);
      probabilities.push_back(Step(x));
    }
    return probabilities;
  }

 private:
  using Rows = std::vector<std::vector<double>>;  // [channel][time]

  double W(const std::string& name, std::size_t i) const {
    return static_cast<double>(t_.at(name).values[i]);
  }

  Rows Conv(const Rows& in, int layer, int stride) const {
    const std::string name = "encoder." + std::to_string(layer) + ".reparam_conv.";
    const auto outs = t_.at(name + "bias").values.size();
    const auto length = static_cast<int>(in[0].size());
    Rows out(outs);
    for (std::size_t o = 0; o < outs; ++o) {
      for (int t = 0; t < length; t += stride) {
        double sum = W(name + "bias", o);
        for (std::size_t c = 0; c < in.size(); ++c) {
          for (int k = 0; k < 3; ++k) {
            const int from = t + k - 1;
            if (from < 0 || from >= length) continue;
            sum += W(name + "weight", (o * in.size() + c) * 3 + static_cast<std::size_t>(k)) *
                   in[c][static_cast<std::size_t>(from)];
          }
        }
        out[o].push_back(std::max(sum, 0.0));
      }
    }
    return out;
  }

  double Step(const std::vector<double>& x) {
    Rows magnitude(129);
    for (std::size_t k = 0; k < 129; ++k) {
      for (std::size_t frame = 0; frame < 4; ++frame) {
        double re = 0, im = 0;
        for (std::size_t n = 0; n < 256; ++n) {
          re += W("stft.forward_basis_buffer", k * 256 + n) * x[frame * 128 + n];
          im += W("stft.forward_basis_buffer", (k + 129) * 256 + n) * x[frame * 128 + n];
        }
        magnitude[k].push_back(std::sqrt(re * re + im * im));
      }
    }
    const Rows encoded = Conv(Conv(Conv(Conv(magnitude, 0, 1), 1, 2), 2, 2), 3, 1);
    std::vector<double> gates(512);
    for (std::size_t g = 0; g < 512; ++g) {
      gates[g] = W("decoder.rnn.bias_ih", g) + W("decoder.rnn.bias_hh", g);
      for (std::size_t i = 0; i < 128; ++i) {
        gates[g] += W("decoder.rnn.weight_ih", g * 128 + i) * encoded[i][0] +
                    W("decoder.rnn.weight_hh", g * 128 + i) * h_[i];
      }
    }
    const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    double sum = W("decoder.decoder.2.bias", 0);
    for (std::size_t i = 0; i < 128; ++i) {
      c_[i] = sigmoid(gates[128 + i]) * c_[i] + sigmoid(gates[i]) * std::tanh(gates[256 + i]);
      h_[i] = sigmoid(gates[384 + i]) * std::tanh(c_[i]);
      sum += std::max(h_[i], 0.0) * W("decoder.decoder.2.weight", i);
    }
    return sigmoid(sum);
  }

  const TestTensors& t_;
  std::vector<double> h_ = std::vector<double>(128);
  std::vector<double> c_ = std::vector<double>(128);
};

TEST(NetworkTest, EveryKernelSetAgreesWithAPlainDoubleForwardPass) {
  const TestTensors tensors = MakeTestTensors(1);
  const auto file = TestFile(tensors);
  const auto samples = Noise(512 * 12 + 100, 2);
  const auto expected = SlowNetwork(tensors).Run(samples);
  EXPECT_GT(*std::max_element(expected.begin(), expected.end()) -
                *std::min_element(expected.begin(), expected.end()),
            0.01)
      << "the made-up weights must not saturate";
  const kernels::KernelList list = kernels::RunnableKernels();
  for (int set = 0; set < list.count; ++set) {
    const auto network = Network::Read(file, *list.sets[set]);
    ASSERT_TRUE(network.ok()) << network.status().message();
    const auto probabilities = Detect(**network, samples);
    ASSERT_EQ(probabilities.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(probabilities[i]), expected[i], 1e-5)
          << kernels::IsaName(list.sets[set]->isa) << " step " << i;
    }
  }
}

TEST(NetworkTest, PortionsAndReuseDoNotMatter) {
  const auto network = Network::Read(TestFile(MakeTestTensors(3)));
  ASSERT_TRUE(network.ok());
  // The last step is nearly full: its end would be seen as the next stream's context.
  const auto samples = Noise(512 * 50 + 500, 4);
  const auto expected = Detect(**network, samples);
  EXPECT_EQ(expected.size(), 51u);
  const auto detector = (*network)->NewDetector();
  base::Random random(5);
  for (const std::size_t portion_max : {7u, 700u, 9'000u, 20'000u}) {
    std::vector<float> probabilities;
    for (std::span<const float> rest = samples; !rest.empty();) {
      const std::size_t count = std::min<std::size_t>(rest.size(), random.Below(portion_max));
      detector->Feed(rest.first(count), &probabilities);
      rest = rest.subspan(count);
      EXPECT_EQ(probabilities.size(), (samples.size() - rest.size()) / 512);
    }
    detector->Finish(&probabilities);
    EXPECT_EQ(probabilities, expected);
  }
}

TEST(NetworkTest, NoSamplesGiveNoProbabilities) {
  const auto network = Network::Read(TestFile(MakeTestTensors(3)));
  ASSERT_TRUE(network.ok());
  EXPECT_TRUE(Detect(**network, {}).empty());
  EXPECT_EQ((*network)->NewDetector()->method(), VadMethod::kNetwork);
}

TEST(NetworkTest, NaNAndInfinityCountAsZeroAndHugeSamplesStayFinite) {
  const auto network = Network::Read(TestFile(MakeTestTensors(6)));
  ASSERT_TRUE(network.ok());
  auto samples = Noise(512 * 8, 7);
  samples[100] = samples[700] = 0;
  const auto expected = Detect(**network, samples);
  samples[100] = std::numeric_limits<float>::quiet_NaN();
  samples[700] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(Detect(**network, samples), expected);
  for (std::size_t i = 0; i < 512; ++i) samples[i] = std::numeric_limits<float>::max();
  for (const float p : Detect(**network, samples)) EXPECT_TRUE(p >= 0 && p <= 1);
}

// --- Hostile files ---

std::string ErrorOf(const std::vector<std::byte>& file) {
  const auto network = Network::Read(file);
  if (network.ok()) return "";
  EXPECT_TRUE(network.status().code() == StatusCode::kDataCorrupt ||
              network.status().code() == StatusCode::kUnsupported);
  return network.status().message();
}

TEST(NetworkFileTest, TruncationsAreErrorsNotCrashes) {
  const auto file = TestFile(MakeTestTensors(1));
  for (const std::size_t size : {0ul, 1ul, 7ul, 8ul, 9ul, 500ul, 5'000ul, file.size() - 1}) {
    const std::vector<std::byte> cut(file.begin(),
                                     file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(ErrorOf(cut), "") << size;
  }
}

TEST(NetworkFileTest, HeadersThatLieAreRefusedByName) {
  const TestTensors tensors = MakeTestTensors(1);
  const std::string name = "decoder.rnn.weight_hh";
  const auto error_with = [&](const auto& change) {
    nlohmann::json header = TestHeader(tensors);
    change(header);
    return ErrorOf(TestFile(header.dump(), tensors));
  };
  const auto field = [&](const char* key, nlohmann::json value) {
    return error_with([&](nlohmann::json& header) { header[name][key] = std::move(value); });
  };
  for (const std::string& error :
       {field("dtype", "F16"), field("dtype", 1), field("shape", {128, 512}),
        field("shape", {512, 128, 1}), field("shape", {-512, 128}), field("shape", "512"),
        field("data_offsets", {0, 10}), field("data_offsets", {0, 262'140}),
        field("data_offsets", {0, 262'148}), field("data_offsets", {8, 4}),
        field("data_offsets", {-1, 262'143}), field("data_offsets", {0}),
        field("data_offsets", {1ull << 62, (1ull << 62) + 262'144}),
        field("data_offsets", {0.0, 262'144.0}), field("data_offsets", nullptr),
        error_with([&](auto& header) { header.erase(name); }),
        error_with([&](auto& header) { header[name] = 3; })}) {
    EXPECT_NE(error.find(name), std::string::npos) << error;
  }
}

TEST(NetworkFileTest, OddHeadersAreRefused) {
  const TestTensors tensors = MakeTestTensors(1);
  for (const std::string& header :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"),
        std::string("\xFF\xFE"), std::string(60'000, '['), std::string(70'000, ' ')}) {
    EXPECT_NE(ErrorOf(TestFile(header, tensors)), "");
  }
  auto file = TestFile(tensors);
  std::fill_n(file.begin(), 8, std::byte{0xFF});
  EXPECT_NE(ErrorOf(file), "");
}

TEST(NetworkFileTest, ValuesThatAreNoNumbersAreRefused) {
  TestTensors tensors = MakeTestTensors(1);
  tensors["encoder.2.reparam_conv.bias"].values[5] = std::numeric_limits<float>::infinity();
  EXPECT_NE(ErrorOf(TestFile(tensors)).find("encoder.2.reparam_conv.bias"), std::string::npos);
}

TEST(NetworkFileTest, AnotherBasisIsUnsupported) {
  TestTensors tensors = MakeTestTensors(1);
  tensors["stft.forward_basis_buffer"].values[1'000] += 1e-3f;
  const auto network = Network::Read(TestFile(tensors));
  EXPECT_EQ(network.status().code(), StatusCode::kUnsupported);
  EXPECT_NE(network.status().message().find("stft.forward_basis_buffer"), std::string::npos);
}

TEST(NetworkFileTest, TheSineSignIsFree) {
  TestTensors tensors = MakeTestTensors(1);
  const auto samples = Noise(512 * 4, 8);
  const auto first = Network::Read(TestFile(tensors));
  auto& basis = tensors["stft.forward_basis_buffer"].values;
  for (std::size_t i = kBins * kFrameSamples; i < basis.size(); ++i) basis[i] = -basis[i];
  const auto second = Network::Read(TestFile(tensors));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(Detect(**first, samples), Detect(**second, samples));
}

}  // namespace
}  // namespace wt::vad
