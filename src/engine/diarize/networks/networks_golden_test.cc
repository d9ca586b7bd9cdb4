// Both networks with their real weights against the reference's numbers
// (reference/speaker/README.md). The weights are not part of the repository;
// tests/support/reference.h says where they are looked for, else the tests skip.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "engine/diarize/networks/segmentation.h"
#include "engine/diarize/networks/voice.h"
#include "engine/diarize/networks/weights_rules.h"
#include "platform/file.h"
#include "tests/support/clips.h"
#include "tests/support/reference.h"

namespace wt::diarize {
namespace {

using testing_support::ReferenceJson;
using testing_support::SpeechSamples;

std::optional<platform::MappedFile> Weights(const std::string& name) {
  auto file = platform::MappedFile::Open(testing_support::SpeakerModelPath(name), kWeightsBytesMax);
  if (!file.ok()) return std::nullopt;
  return std::move(file).value();
}

// Every kernel set that this processor has, by its place in the list.
class SpeakerKernelsTest : public testing::TestWithParam<int> {
 protected:
  const kernels::KernelSet* Kernels() {
    const auto list = kernels::RunnableKernels();
    return GetParam() < list.count ? list.sets[GetParam()] : nullptr;
  }
};

TEST(SpeakerGoldenTest, SincKernelsEqualTheReference) {
  const auto weights = Weights("segmentation.safetensors");
  const auto golden = ReferenceJson("speaker/sinc.json");
  if (!weights || golden.is_null()) GTEST_SKIP() << "no weights or no reference data";
  const auto network = SegmentationNetwork::Read(weights->bytes(), kernels::BestKernels());
  ASSERT_TRUE(network.ok()) << network.status().message();
  int compared = 0;
  for (const auto& [row, values] : golden["sinc_kernel_rows"].items()) {
    const float* ours = (*network)->sinc_kernels().data() + std::stoi(row) * 251;
    ASSERT_EQ(values.size(), 251u);
    for (std::size_t i = 0; i < 251; ++i) {
      ASSERT_NEAR(ours[i], values[i].get<float>(), 2e-6f) << "row " << row << " tap " << i;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

TEST_P(SpeakerKernelsTest, SegmentationOfSixClipsEqualsTheReference) {
  const auto weights = Weights("segmentation.safetensors");
  const auto golden = ReferenceJson("speaker/segmentation.json");
  if (!weights || golden.is_null()) GTEST_SKIP() << "no weights or no reference data";
  const kernels::KernelSet* kernels = Kernels();
  if (kernels == nullptr) GTEST_SKIP() << "this processor has fewer kernel sets";
  const auto network = SegmentationNetwork::Read(weights->bytes(), *kernels);
  ASSERT_TRUE(network.ok()) << network.status().message();
  std::vector<std::vector<float>> windows;
  for (const auto& clip : golden["clips"]) {
    auto samples = SpeechSamples(clip["path"].get<std::string>());
    if (!samples) GTEST_SKIP() << "a clip could not be decoded";
    samples->resize(std::min(samples->size(), clip["samples_used"].get<std::size_t>()));
    samples->resize(kSegmentationSamples);
    windows.push_back(*std::move(samples));
  }
  // All in one batch, the way a recording is worked on.
  std::vector<const float*> starts;
  for (const auto& window : windows) starts.push_back(window.data());
  std::vector<ClassScores> scores(windows.size());
  SegmentationNetwork::Scratch scratch;
  ASSERT_TRUE((*network)->Run(starts, nullptr, nullptr, &scratch, scores).ok());
  double largest = 0;
  int different = 0;
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const auto& clip = golden["clips"][w];
    const std::string classes = clip["class_each_frame_589"].get<std::string>();
    int wrong = 0;
    for (int frame = 0; frame < kSegmentationFrames; ++frame) {
      const float* row = scores[w].data() + frame * kClasses;
      const auto most = static_cast<char>('0' + (std::max_element(row, row + kClasses) - row));
      if (most != classes[static_cast<std::size_t>(frame)]) ++wrong;
      if (frame % 8 != 0) continue;
      const auto& expected =
          clip["log_probability_every_8th_frame"][static_cast<std::size_t>(frame / 8)];
      for (std::size_t c = 0; c < kClasses; ++c) {
        const double off = std::abs(static_cast<double>(row[c]) - expected[c].get<double>());
        largest = std::max(largest, off);
        ASSERT_LE(off, 1e-3) << clip["path"] << " frame " << frame << " class " << c;
      }
    }
    EXPECT_LE(wrong, 1) << clip["path"];
    different += wrong;
  }
  std::printf("%s: %zu clips: largest difference %.2g, %d frames of another class\n",
              std::string(kernels::IsaName(kernels->isa)).c_str(), windows.size(), largest,
              different);
}

TEST_P(SpeakerKernelsTest, VoiceVectorsOfSixStretchesEqualTheReference) {
  const auto weights = Weights("campplus.safetensors");
  const auto golden = ReferenceJson("speaker/embeddings.json");
  if (!weights || golden.is_null()) GTEST_SKIP() << "no weights or no reference data";
  const kernels::KernelSet* kernels = Kernels();
  if (kernels == nullptr) GTEST_SKIP() << "this processor has fewer kernel sets";
  const auto network = VoiceNetwork::Read(weights->bytes(), *kernels);
  ASSERT_TRUE(network.ok()) << network.status().message();
  VoiceNetwork::Scratch scratch;
  double largest = 0;
  for (const auto& clip : golden["clips"]) {
    const auto samples = SpeechSamples(clip["path"].get<std::string>());
    if (!samples) GTEST_SKIP() << "a clip could not be decoded";
    const auto from = clip["from_sample"].get<std::size_t>();
    const auto stretch =
        std::span(*samples).subspan(from, clip["to_sample"].get<std::size_t>() - from);
    const int frames = FbankFrames(static_cast<int>(stretch.size()));
    ASSERT_EQ(frames, clip["frames"].get<int>());
    std::vector<float> bands(static_cast<std::size_t>(frames * kMelBands));
    (*network)->filterbank().ComputeRaw(stretch, bands.data());
    std::vector<double> means(kMelBands);
    for (std::size_t i = 0; i < bands.size(); ++i) {
      means[i % kMelBands] += static_cast<double>(bands[i]) / frames;
    }
    for (std::size_t b = 0; b < kMelBands; ++b) {
      ASSERT_NEAR(means[b], clip["fbank_mean_80"][b].get<double>(), 2e-3) << clip["path"];
    }
    const auto& first = clip["fbank_first_3_frames"];
    for (std::size_t i = 0; i < std::size_t{3} * kMelBands; ++i) {
      ASSERT_NEAR(static_cast<double>(bands[i]), first[i / kMelBands][i % kMelBands].get<double>(),
                  2e-3)
          << clip["path"] << " value " << i;
    }
    const VoiceVector vector = (*network)->Embed(stretch, &scratch);
    double product = 0, ours = 0, theirs = 0;
    for (std::size_t i = 0; i < kVoiceValues; ++i) {
      const auto a = static_cast<double>(vector[i]), b = clip["embedding_192"][i].get<double>();
      largest = std::max(largest, std::abs(a - b));
      ASSERT_NEAR(a, b, 1e-3) << clip["path"] << " value " << i;
      product += a * b;
      ours += a * a;
      theirs += b * b;
    }
    EXPECT_GT(product / std::sqrt(ours * theirs), 0.99999) << clip["path"];
  }
  std::printf("%s: largest difference %.2g\n", std::string(kernels::IsaName(kernels->isa)).c_str(),
              largest);
}

INSTANTIATE_TEST_SUITE_P(EveryKernelSet, SpeakerKernelsTest, testing::Range(0, 7));

}  // namespace
}  // namespace wt::diarize
