#include "engine/features/log_mel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/features/mel_block.h"
#include "engine/features/simd.h"
#include "tests/support/clips.h"
#include "tests/support/npy.h"

namespace wt::features {
namespace {

using testing_support::ClipSamples;
using testing_support::ReadNpy;
using testing_support::ReferenceJson;
using testing_support::SharedDir;

constexpr int kWindowSamples = 480'000;
// reference/README.md, "Tolerances".
constexpr double kElementAllowed = 1e-4;
constexpr double kRmsAllowed = 2e-6;

/// The samples with 200 reflected ones on each side, as the reference's STFT pads them.
std::vector<float> Reflected(const std::vector<float>& x) {
  std::vector<float> out;
  out.reserve(x.size() + 2 * kFrameContext);
  for (std::size_t i = kFrameContext; i > 0; --i) out.push_back(x[i]);
  out.insert(out.end(), x.begin(), x.end());
  for (std::size_t i = 0; i < kFrameContext; ++i) out.push_back(x[x.size() - 2 - i]);
  return out;
}

/// Normalised log-mel of the samples, cut or filled up to `length` of them.
std::vector<float> Spectrogram(const LogMel& log_mel, std::vector<float> samples,
                               std::size_t length) {
  samples.resize(length);
  const int frames = static_cast<int>(length / kHopSamples);
  std::vector<float> mel(static_cast<std::size_t>(log_mel.n_mels() * frames));
  const float maximum = log_mel.Compute(Reflected(samples), frames, mel.data(), frames);
  NormalizeLogMel(maximum, log_mel.n_mels(), frames, mel.data(), frames);
  return mel;
}

struct Deviation {
  double largest = 0;
  double rms = 0;
};

Deviation Compare(const std::vector<float>& a, const std::vector<float>& b) {
  Deviation result;
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    result.largest = std::max(result.largest, std::abs(difference));
    sum += difference * difference;
  }
  result.rms = std::sqrt(sum / static_cast<double>(a.size()));
  return result;
}

std::vector<float> Noise(std::size_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<float> samples(count);
  for (float& x : samples) x = static_cast<float>(random.Uniform() - 0.5);
  return samples;
}

/// Raw log-mel of one frame in double, by the definition of the transform.
std::vector<double> SlowFrame(const float* samples, const std::vector<float>& filters, int n_mels) {
  std::vector<double> power(kSpectrumBins);
  for (int k = 0; k < kSpectrumBins; ++k) {
    double re = 0, im = 0;
    for (int t = 0; t < kFrameSamples; ++t) {
      // The window is a float32 table here and in the reference.
      const double hann =
          static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * t / kFrameSamples));
      const double angle = 2 * std::numbers::pi * ((k * t) % kFrameSamples) / kFrameSamples;
      re += hann * samples[t] * std::cos(angle);
      im += hann * samples[t] * std::sin(angle);
    }
    power[static_cast<std::size_t>(k)] = re * re + im * im;
  }
  std::vector<double> mel(static_cast<std::size_t>(n_mels));
  for (std::size_t m = 0; m < mel.size(); ++m) {
    double sum = 0;
    for (std::size_t k = 0; k < kSpectrumBins; ++k)
      sum += power[k] * filters[m * kSpectrumBins + k];
    mel[m] = std::log10(std::max(sum, 1e-10));
  }
  return mel;
}

TEST(MelFiltersTest, BitEqualToTheReference) {
  if (SharedDir().empty()) GTEST_SKIP() << "no reference data";
  for (const int n_mels : {80, 128}) {
    const auto expected = ReadNpy<float>(SharedDir() + "/reference/vocab/mel_filters_" +
                                         std::to_string(n_mels) + ".npy");
    ASSERT_TRUE(expected.has_value());
    const std::vector<float> filters = MelFilters(n_mels);
    ASSERT_EQ(filters.size(), expected->data.size());
    for (std::size_t i = 0; i < filters.size(); ++i) {
      ASSERT_EQ(std::memcmp(&filters[i], &expected->data[i], sizeof(float)), 0)
          << n_mels << " mels, element " << i;
    }
  }
}

TEST(LogMelTest, SilenceGivesTheFloor) {
  const LogMel log_mel(80);
  std::vector<float> mel(80 * 5, 1.0f);
  EXPECT_EQ(log_mel.Compute(std::vector<float>(4 * 160 + 400), 5, mel.data(), 5), kLogFloor);
  for (const float value : mel) EXPECT_EQ(value, kLogFloor);
  NormalizeLogMel(kLogFloor, 80, 5, mel.data(), 5);
  for (const float value : mel) EXPECT_EQ(value, -1.5f);
}

TEST(LogMelTest, NoFramesWriteNothing) {
  const LogMel log_mel(80);
  EXPECT_EQ(log_mel.Compute({}, 0, nullptr, 0), kLogFloor);
}

TEST(LogMelTest, EveryClipMeetsTheReference) {
  const auto clips = ReferenceJson("clips.json");
  const auto expected = ReferenceJson("mel.json");
  if (clips.is_null() || expected.is_null()) GTEST_SKIP() << "no reference data";
  const LogMel log_mel(80);
  int compared = 0, skipped = 0;
  Deviation worst;
  for (const auto& clip : clips) {
    const auto samples = ClipSamples(clip);
    if (!samples) {
      ++skipped;
      continue;
    }
    const auto& entry = expected[clip["id"].get<std::string>()];
    const auto mel = Spectrogram(log_mel, *samples, kWindowSamples);
    const auto sample =
        ReadNpy<float>(SharedDir() + "/reference/" + entry["sample"].get<std::string>());
    ASSERT_TRUE(sample.has_value());
    std::vector<float> strided;
    for (std::size_t m = 0; m < 80; m += 4) {
      for (std::size_t i = 0; i < 3000; i += 25) strided.push_back(mel[m * 3000 + i]);
    }
    const Deviation deviation = Compare(strided, sample->data);
    EXPECT_LE(deviation.largest, kElementAllowed) << clip["id"];
    EXPECT_LE(deviation.rms, kRmsAllowed) << clip["id"];
    EXPECT_NEAR(*std::max_element(mel.begin(), mel.end()), entry["max"].get<float>(), 2e-6);
    worst.largest = std::max(worst.largest, deviation.largest);
    worst.rms = std::max(worst.rms, deviation.rms);
    ++compared;
  }
  RecordProperty("largest", std::to_string(worst.largest));
  std::printf("%d clips compared, %d skipped: largest %.2g, rms %.2g\n", compared, skipped,
              worst.largest, worst.rms);
  if (compared == 0) GTEST_SKIP() << "no clip could be decoded";
}

TEST(LogMelTest, WholeArraysMeetTheReference) {
  const auto clips = ReferenceJson("clips.json");
  const auto expected = ReferenceJson("mel.json");
  if (clips.is_null() || expected.is_null()) GTEST_SKIP() << "no reference data";
  int compared = 0;
  for (const auto& clip : clips) {
    const auto& entry = expected[clip["id"].get<std::string>()];
    for (const auto& [key, n_mels] : {std::pair{"full", 80}, std::pair{"full_128", 128}}) {
      if (!entry.contains(key)) continue;
      const auto samples = ClipSamples(clip);
      if (!samples) continue;
      const auto full = ReadNpy<float>(SharedDir() + "/reference/" + entry[key].get<std::string>());
      ASSERT_TRUE(full.has_value());
      const auto mel = Spectrogram(LogMel(n_mels), *samples, kWindowSamples);
      ASSERT_EQ(mel.size(), full->data.size());
      const Deviation deviation = Compare(mel, full->data);
      EXPECT_LE(deviation.largest, kElementAllowed) << clip["id"] << ' ' << key;
      EXPECT_LE(deviation.rms, kRmsAllowed) << clip["id"] << ' ' << key;
      std::printf("%s %s: largest %.2g, rms %.2g\n", clip["id"].get<std::string>().c_str(), key,
                  deviation.largest, deviation.rms);
      ++compared;
    }
  }
  if (compared == 0) GTEST_SKIP() << "no clip could be decoded";
}

TEST(LogMelTest, WholeFilesWith30SecondsOfZerosMeetTheReference) {
  const auto clips = ReferenceJson("clips.json");
  const auto expected = ReferenceJson("mel.json");
  if (clips.is_null() || expected.is_null()) GTEST_SKIP() << "no reference data";
  const LogMel log_mel(80);
  int compared = 0;
  for (const auto& clip : clips) {
    const auto samples = ClipSamples(clip);
    if (!samples || samples->size() > 300'000) continue;
    const auto& entry = expected[clip["id"].get<std::string>()]["padded30"];
    const auto mel = Spectrogram(log_mel, *samples, samples->size() + kWindowSamples);
    EXPECT_EQ(mel.size(), 80u * entry["shape"][1].get<std::size_t>());
    double sum = 0;
    for (const float value : mel) sum += value;
    EXPECT_NEAR(sum / static_cast<double>(mel.size()), entry["mean"].get<double>(), 2e-6);
    EXPECT_NEAR(*std::max_element(mel.begin(), mel.end()), entry["max"].get<float>(), 2e-6);
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "no clip could be decoded";
}

TEST(LogMelTest, WeakBandsBesideStrongOnesAgreeWithADoubleTransform) {
  // Goal: a tone 80 dB above the rest must not blur the other bands. 80 dB is what normalising
  // keeps. There a bin has 1e-4 of the peak's amplitude, and a float32 transform errs by a few
  // 6e-8 of the peak: 1e-3 of the bin, 2e-3 of its power, 2e-3 / ln 10 / 4 = 2e-4 in the result.
  for (const int n_mels : {80, 128}) {
    const LogMel log_mel(n_mels);
    const auto filters = MelFilters(n_mels);
    double largest = 0;
    for (const double hz : {97.0, 440.0, 1003.0, 3999.0, 7900.0}) {
      std::vector<float> samples = Noise(kFrameSamples, 7);
      for (std::size_t t = 0; t < samples.size(); ++t) {
        const double tone = std::sin(2 * std::numbers::pi * hz * static_cast<double>(t) / 16'000);
        samples[t] = static_cast<float>(0.9 * tone + 3e-3 * samples[t]);
      }
      std::vector<float> mel(static_cast<std::size_t>(n_mels));
      const float maximum = log_mel.Compute(samples, 1, mel.data(), 1);
      const auto slow = SlowFrame(samples.data(), filters, n_mels);
      for (std::size_t m = 0; m < mel.size(); ++m) {
        if (slow[m] < static_cast<double>(maximum) - 8.0) continue;
        largest = std::max(largest, std::abs(mel[m] - slow[m]) / 4);
      }
    }
    EXPECT_LE(largest, 2e-4) << n_mels;
    std::printf("%d mels against double: largest %.2g\n", n_mels, largest);
  }
}

TEST(LogMelTest, AFrameDoesNotDependOnItsPlaceInTheCall) {
  constexpr int kFrames = 53;
  const auto samples = Noise((kFrames - 1) * kHopSamples + kFrameSamples, 11);
  const LogMel log_mel(80);
  std::vector<float> together(80 * kFrames);
  log_mel.Compute(samples, kFrames, together.data(), kFrames);
  for (int first = 0; first < kFrames; ++first) {
    const int frames = std::min(1 + first % 19, kFrames - first);
    std::vector<float> part(static_cast<std::size_t>(80 * frames));
    log_mel.Compute(std::span(samples).subspan(static_cast<std::size_t>(first) * kHopSamples),
                    frames, part.data(), frames);
    for (int m = 0; m < 80; ++m) {
      for (int i = 0; i < frames; ++i) {
        ASSERT_EQ(part[static_cast<std::size_t>(m * frames + i)],
                  together[static_cast<std::size_t>(m * kFrames + first + i)]);
      }
    }
  }
}

TEST(LogMelTest, TheMaximumIsOfTheFramesAskedForAlone) {
  // The mel filters hardly see 8 kHz. Cut off after the last frame it would look much louder, and
  // vectors have lanes that reach over that end.
  const LogMel log_mel(80);
  std::vector<float> samples(40 * kHopSamples + kFrameSamples);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = i % 2 == 0 ? 0.5f : -0.5f;
  for (int frames = 1; frames <= 40; ++frames) {
    std::vector<float> mel(static_cast<std::size_t>(80 * frames));
    const float maximum = log_mel.Compute(samples, frames, mel.data(), frames);
    ASSERT_EQ(maximum, *std::max_element(mel.begin(), mel.end())) << frames;
  }
}

TEST(LogMelTest, EveryInstructionSetGivesTheSameBits) {
  constexpr int kFrames = 45;
  const auto samples = Noise((kFrames - 1) * kHopSamples + kFrameSamples, 3);
  const MelTables tables = MakeMelTables(128);
  std::vector<float> oracle;
  const SimdList list = RunnableSimd();
  for (int set = 0; set < list.count; ++set) {
    std::vector<float> mel(128 * kFrames);
    const float maximum = list.sets[set]->mel_frames({.tables = &tables,
                                                      .bands = tables.bands.data(),
                                                      .weights = tables.weights.data(),
                                                      .samples = samples.data(),
                                                      .frames = kFrames,
                                                      .out = mel.data(),
                                                      .stride = kFrames});
    EXPECT_EQ(maximum, *std::max_element(mel.begin(), mel.end()));
    if (oracle.empty()) oracle = mel;
    EXPECT_EQ(std::memcmp(mel.data(), oracle.data(), mel.size() * sizeof(float)), 0)
        << list.sets[set]->name;
  }
}

TEST(LogMelTest, NaNAndInfinityCountAsZeroAndHugeSamplesAreLimited) {
  auto samples = Noise(kFrameSamples, 5);
  const LogMel log_mel(80);
  std::vector<float> clean(80), dirty(80);
  samples[7] = samples[200] = samples[399] = 0.0f;
  log_mel.Compute(samples, 1, clean.data(), 1);
  samples[7] = std::numeric_limits<float>::quiet_NaN();
  samples[200] = std::numeric_limits<float>::infinity();
  samples[399] = -std::numeric_limits<float>::infinity();
  log_mel.Compute(samples, 1, dirty.data(), 1);
  EXPECT_EQ(clean, dirty);
  std::fill(samples.begin(), samples.end(), std::numeric_limits<float>::max());
  EXPECT_TRUE(std::isfinite(log_mel.Compute(samples, 1, dirty.data(), 1)));
  for (const float value : dirty) EXPECT_TRUE(std::isfinite(value));
}

TEST(LogMelTest, StrideLeavesTheGapsAlone) {
  const auto samples = Noise(2 * kHopSamples + kFrameSamples, 9);
  const LogMel log_mel(80);
  std::vector<float> mel(80 * 7, 42.0f);
  log_mel.Compute(samples, 3, mel.data(), 7);
  NormalizeLogMel(3.0f, 80, 3, mel.data(), 7);
  for (std::size_t m = 0; m < 80; ++m) {
    for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(mel[m * 7 + i] == 42.0f, i >= 3);
  }
}

}  // namespace
}  // namespace wt::features
