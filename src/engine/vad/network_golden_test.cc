// The network with its real weights against the reference's numbers. The weights are not part of
// the repository; tests/support/reference.h says where they are looked for, else the tests skip.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "engine/vad/network_layers.h"
#include "engine/vad/vad.h"
#include "platform/file.h"
#include "tests/support/clips.h"
#include "tests/support/reference.h"

namespace wt::vad {
namespace {

using testing_support::ReferenceJson;
using testing_support::SpeechSamples;

std::optional<platform::MappedFile> RealWeights() {
  auto file = platform::MappedFile::Open(testing_support::VadModelPath(), kVadFileBytesMax);
  if (!file.ok()) return std::nullopt;
  return std::move(file).value();
}

// Every kernel set that this processor has, by its place in the list.
class VadKernelsTest : public testing::TestWithParam<int> {};

TEST_P(VadKernelsTest, ProbabilitiesAndSegmentsOfSixClipsEqualTheReference) {
  const auto weights = RealWeights();
  const auto golden = ReferenceJson("vad/probabilities.json");
  if (!weights || golden.is_null()) GTEST_SKIP() << "no weights or no reference data";
  const auto list = kernels::RunnableKernels();
  if (GetParam() >= list.count) GTEST_SKIP() << "this processor has fewer kernel sets";
  const kernels::KernelSet& kernels = *list.sets[GetParam()];
  const auto network = Network::Read(weights->bytes(), kernels);
  ASSERT_TRUE(network.ok()) << network.status().message();
  int compared = 0, steps = 0;
  double largest = 0;
  for (const auto& clip : golden["clips"]) {
    const auto samples = SpeechSamples(clip["path"].get<std::string>());
    if (!samples) continue;
    ASSERT_EQ(samples->size(), clip["samples"].get<std::size_t>());
    std::vector<float> probabilities;
    const auto detector = (*network)->NewDetector();
    detector->Feed(*samples, &probabilities);
    detector->Finish(&probabilities);
    const auto& expected = clip["probability"];
    ASSERT_EQ(probabilities.size(), expected.size());
    for (std::size_t i = 0; i < probabilities.size(); ++i, ++steps) {
      const double difference =
          std::abs(static_cast<double>(probabilities[i]) - expected[i].get<double>());
      ASSERT_LE(difference, 1e-4) << clip["path"] << " step " << i;
      largest = std::max(largest, difference);
    }
    const auto spans =
        SpeechSpans(probabilities, static_cast<SampleIndex>(samples->size()), VadOptions());
    const auto& segments = clip["segments"];
    ASSERT_EQ(spans.size(), segments.size()) << clip["path"];
    for (std::size_t i = 0; i < spans.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(spans[i].begin) / 16'000, segments[i][0].get<double>(), 1e-3);
      EXPECT_NEAR(static_cast<double>(spans[i].end) / 16'000, segments[i][1].get<double>(), 1e-3);
    }
    ++compared;
  }
  std::printf("%s: %d clips, %d steps: largest difference %.2g\n",
              std::string(kernels::IsaName(kernels.isa)).c_str(), compared, steps, largest);
  if (compared == 0) GTEST_SKIP() << "no clip could be decoded";
}

INSTANTIATE_TEST_SUITE_P(EveryKernelSet, VadKernelsTest, testing::Range(0, 6));

std::vector<float> Floats(const nlohmann::json& array) { return array.get<std::vector<float>>(); }

/// `values` is time-major here ([time][channel]), channel-major in the trace.
void ExpectLayer(const nlohmann::json& expected, const float* values, int channels, int times,
                 const char* what) {
  const auto reference = Floats(expected);
  ASSERT_EQ(reference.size(), static_cast<std::size_t>(channels * times)) << what;
  const float scale =
      std::abs(*std::max_element(reference.begin(), reference.end(),
                                 [](float a, float b) { return std::abs(a) < std::abs(b); }));
  for (int c = 0; c < channels; ++c) {
    for (int t = 0; t < times; ++t) {
      ASSERT_NEAR(values[t * channels + c], reference[static_cast<std::size_t>(c * times + t)],
                  5e-4f * scale + 1e-6f)
          << what << " channel " << c << " time " << t;
    }
  }
}

TEST(NetworkGoldenTest, EveryLayerOfThreeSteps) {
  const auto weights = RealWeights();
  const auto trace = ReferenceJson("vad/trace.json");
  if (!weights || trace.is_null()) GTEST_SKIP() << "no weights or no reference data";
  auto samples = SpeechSamples(trace["path"].get<std::string>());
  if (!samples) GTEST_SKIP() << "the clip could not be decoded";
  samples->insert(samples->begin(), kContextSamples, 0.0f);
  const auto parsed = ReadNetworkWeights(weights->bytes());
  ASSERT_TRUE(parsed.ok());
  const NetworkLayers layers(*parsed, kernels::BestKernels());
  NetworkScratch scratch;
  for (const auto& window : trace["windows"]) {
    const auto at = static_cast<std::ptrdiff_t>(window["window"].get<int>()) * kStepSamples;
    NetworkState state{Floats(window["h_before"]), Floats(window["c_before"])};
    layers.Encode(samples->data() + at, 1, &scratch);
    ExpectLayer(window["magnitude_129x4"], scratch.magnitude.data(), kBins, 4, "magnitude");
    ExpectLayer(window["encoder0_128x4"], scratch.conv0.data(), 128, 4, "encoder 0");
    ExpectLayer(window["encoder1_64x2"], scratch.conv1.data(), 64, 2, "encoder 1");
    ExpectLayer(window["encoder2_64x1"], scratch.conv2.data(), 64, 1, "encoder 2");
    ExpectLayer(window["encoder3_128x1"], scratch.conv3.data(), 128, 1, "encoder 3");
    const float probability = layers.Recur(scratch.gates.data(), &state);
    ExpectLayer(window["h_after"], state.h.data(), 128, 1, "h");
    ExpectLayer(window["c_after"], state.c.data(), 128, 1, "c");
    EXPECT_NEAR(probability, window["probability"].get<float>(), 1e-4f);
  }
}

}  // namespace
}  // namespace wt::vad
