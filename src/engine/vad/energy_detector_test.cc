#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "engine/vad/vad.h"
#include "tests/support/clips.h"

namespace wt::vad {
namespace {

std::vector<float> Detect(std::span<const float> samples) {
  std::vector<float> probabilities;
  const auto detector = NewEnergyDetector();
  detector->Feed(samples, &probabilities);
  detector->Finish(&probabilities);
  return probabilities;
}

std::vector<float> WhiteNoise(std::size_t count, double amplitude, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<float> samples(count);
  for (float& x : samples) x = static_cast<float>((random.Uniform() * 2 - 1) * amplitude);
  return samples;
}

TEST(EnergyDetectorTest, GivesOneProbabilityForEachStepBegun) {
  for (const std::size_t count : {0u, 1u, 511u, 512u, 513u, 160'000u}) {
    EXPECT_EQ(Detect(std::vector<float>(count)).size(), (count + 511) / 512);
  }
}

TEST(EnergyDetectorTest, SilentOnDigitalSilenceDcOffsetAndFaintNoise) {
  for (const float p : Detect(std::vector<float>(160'000, 0.0f))) EXPECT_LT(p, 0.05f);
  for (const float p : Detect(WhiteNoise(160'000, 1e-4, 1))) EXPECT_LT(p, 0.05f);
  const auto probabilities = Detect(std::vector<float>(160'000, 0.25f));
  // The step at the very start is real: it is heard for the spread of two steps.
  for (std::size_t i = 3; i < probabilities.size(); ++i) EXPECT_LT(probabilities[i], 0.05f);
}

TEST(EnergyDetectorTest, SilentOnSteadyNoiseFromTheFirstStepOn) {
  for (const double amplitude : {0.001, 0.03, 0.9}) {
    for (const float p : Detect(WhiteNoise(320'000, amplitude, 2))) EXPECT_LT(p, 0.2f);
  }
}

/// Adds syllables between two times: 0.3 s of a tone each 0.5 s.
void AddSyllables(std::vector<float>* samples, double begin_s, double end_s, double amplitude) {
  for (std::size_t i = 0; i < samples->size(); ++i) {
    const double t = static_cast<double>(i) / 16'000;
    if (t < begin_s || t >= end_s || std::fmod(t, 0.5) >= 0.3) continue;
    (*samples)[i] += static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * 300 * t));
  }
}

TEST(EnergyDetectorTest, SilentOnSoundsTooFaintToHear) {
  // 4e-4 / sqrt(2) is -71 dB below full scale.
  std::vector<float> samples(160'000);
  AddSyllables(&samples, 4, 6, 4e-4);
  for (const float p : Detect(samples)) EXPECT_LT(p, 0.3f);
}

TEST(EnergyDetectorTest, HearsSpeechThatBeginsWithTheRecording) {
  auto samples = WhiteNoise(64'000, 0.001, 7);
  AddSyllables(&samples, 0, 2, 0.1);
  const auto probabilities = Detect(samples);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_GT(probabilities[i], 0.9f) << i;
}

TEST(EnergyDetectorTest, HearsSpeechOnADcOffset) {
  std::vector<float> samples(64'000, 0.25f);
  AddSyllables(&samples, 1, 3, 0.02);
  const auto probabilities = Detect(samples);
  for (const double t : {1.1, 1.6, 2.1, 2.6}) {
    EXPECT_GT(probabilities[static_cast<std::size_t>(t / 0.032)], 0.9f) << t;
  }
}

TEST(EnergyDetectorTest, HearsBurstsInNoise) {
  // 15 dB above the noise.
  auto samples = WhiteNoise(160'000, 0.01, 3);
  AddSyllables(&samples, 4, 6, 0.08);
  const auto probabilities = Detect(samples);
  const auto at = [&](double t) { return probabilities[static_cast<std::size_t>(t / 0.032)]; };
  for (const double t : {4.1, 4.6, 5.1, 5.6}) EXPECT_GT(at(t), 0.9f) << t;
  for (const double t : {1.0, 3.5, 6.5, 9.0}) EXPECT_LT(at(t), 0.1f) << t;
}

TEST(EnergyDetectorTest, PortionsAndReuseDoNotMatter) {
  auto samples = WhiteNoise(70'000, 0.1, 4);
  for (std::size_t i = 0; i < samples.size(); i += 5'000) {
    for (std::size_t j = 0; j < 2'500; ++j) samples[i + j] *= 0.01f;
  }
  const auto expected = Detect(samples);
  const auto detector = NewEnergyDetector();
  base::Random random(5);
  for (int round = 0; round < 5; ++round) {
    std::vector<float> probabilities;
    for (std::span<const float> rest = samples; !rest.empty();) {
      const std::size_t count = std::min<std::size_t>(rest.size(), random.Below(3'000));
      detector->Feed(rest.first(count), &probabilities);
      rest = rest.subspan(count);
    }
    detector->Finish(&probabilities);
    EXPECT_EQ(probabilities, expected);
  }
}

TEST(EnergyDetectorTest, NaNAndInfinityDoNotPoisonTheRest) {
  auto samples = WhiteNoise(160'000, 0.01, 6);
  samples[1'000] = NAN;
  samples[2'000] = INFINITY;
  for (const float p : Detect(samples)) EXPECT_TRUE(std::isfinite(p));
}

TEST(EnergyDetectorTest, FindsTheSpeechOfCleanRecordings) {
  // The network's own answer is the truth here; only clear steps are compared.
  const auto golden = testing_support::ReferenceJson("vad/probabilities.json");
  if (golden.is_null()) GTEST_SKIP() << "no reference data";
  int compared = 0;
  for (const auto& clip : golden["clips"]) {
    const auto path = clip["path"].get<std::string>();
    if (!path.starts_with("en/")) continue;
    const auto samples = testing_support::SpeechSamples(path);
    if (!samples) continue;
    const auto probabilities = Detect(*samples);
    const auto& expected = clip["probability"];
    ASSERT_EQ(probabilities.size(), expected.size());
    int speech = 0, heard = 0, silence = 0, false_alarms = 0;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      const double truth = expected[i].get<double>();
      if (truth > 0.9) ++speech, heard += probabilities[i] >= 0.5f;
      if (truth < 0.05) ++silence, false_alarms += probabilities[i] >= 0.5f;
    }
    std::printf("%s: %d of %d speech steps heard, %d of %d silent steps taken for speech\n",
                path.c_str(), heard, speech, false_alarms, silence);
    EXPECT_GE(heard, speech * 8 / 10) << path;
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "no clip could be decoded";
}

}  // namespace
}  // namespace wt::vad
