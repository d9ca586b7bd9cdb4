#include "engine/features/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "engine/features/simd.h"
#include "tests/support/clips.h"

namespace wt::features {
namespace {

// Exact fractions with few and many phases, and interpolated ones (44,101; 15,999; 767,999).
constexpr int kRates[] = {1'000,  8'000,  11'025, 12'000, 15'999,  22'050,
                          44'100, 44'101, 48'000, 96'000, 192'000, 767'999};

std::vector<float> Resample(int rate, std::span<const float> samples) {
  auto resampler = Resampler::Create(rate);
  EXPECT_TRUE(resampler.ok());
  std::vector<float> out;
  resampler->Feed(samples, &out);
  resampler->Finish(&out);
  return out;
}

std::vector<float> Tone(double hz, int rate, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double cycles = hz * static_cast<double>(i) / rate;
    samples[i] = static_cast<float>(std::sin(2 * std::numbers::pi * (cycles - std::floor(cycles))));
  }
  return samples;
}

/// Samples at both ends that the filter's missing neighbours reach.
std::size_t Edge(int rate) {
  return static_cast<std::size_t>(85.0 * 16'000 / std::min(rate, 16'000));
}

double LargestDifference(const std::vector<float>& a, const std::vector<float>& b,
                         std::size_t edge) {
  double largest = 0;
  for (std::size_t i = edge; i + edge < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

std::size_t InputFor(int rate) { return static_cast<std::size_t>(rate) / 4 + 200; }

TEST(ResamplerTest, RatesOutsideTheLimitsAreRefused) {
  for (const int rate : {-1, 0, 999, 768'001, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(Resampler::Create(rate).status().code(), StatusCode::kInvalidArgument) << rate;
  }
  EXPECT_TRUE(Resampler::Create(1'000).ok());
  EXPECT_TRUE(Resampler::Create(768'000).ok());
}

TEST(ResamplerTest, SixteenKilohertzPassesUnchanged) {
  const auto tone = Tone(440, 16'000, 5'000);
  EXPECT_EQ(Resample(16'000, tone), tone);
}

TEST(ResamplerTest, TonesInThePassBandKeepAmplitudeAndPhase) {
  // An image or a ripple of -90 dB would show as 3.2e-5.
  for (const int rate : kRates) {
    const double nyquist = std::min(rate, 16'000) / 2.0;
    for (const double part : {0.01, 0.25, 0.5, 0.75, 0.9}) {
      const double hz = part * nyquist;
      const auto out = Resample(rate, Tone(hz, rate, InputFor(rate) * (rate < 8'000 ? 4 : 1)));
      const auto expected = Tone(hz, 16'000, out.size());
      ASSERT_GT(out.size(), 2 * Edge(rate) + 100) << rate;
      EXPECT_LT(LargestDifference(out, expected, Edge(rate)), 3.2e-5) << rate << " " << hz;
    }
  }
}

TEST(ResamplerTest, TonesAboveTheNewNyquistFrequencyVanish) {
  for (const int rate : kRates) {
    if (rate <= 16'000) continue;
    for (const double part : {0.001, 0.1, 0.5, 0.99}) {
      const double hz = 8'000 + part * (rate / 2.0 - 8'000);
      const auto out = Resample(rate, Tone(hz, rate, InputFor(rate)));
      const std::vector<float> silence(out.size());
      EXPECT_LT(LargestDifference(out, silence, Edge(rate)), 3.2e-5) << rate << " " << hz;
    }
  }
}

TEST(ResamplerTest, AConstantStaysConstant) {
  for (const int rate : kRates) {
    const auto out = Resample(rate, std::vector<float>(InputFor(rate) + 1'000, 0.5f));
    const std::vector<float> expected(out.size(), 0.5f);
    EXPECT_LT(LargestDifference(out, expected, Edge(rate)), 1e-6) << rate;
  }
}

TEST(ResamplerTest, APulseKeepsItsTime) {
  for (const int rate : kRates) {
    // A smooth pulse, 3 ms wide (12 ms at 1 kHz), at 0.1 s.
    const double width = rate < 8'000 ? 0.012 : 0.003;
    std::vector<float> samples(static_cast<std::size_t>(rate) / 4);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double u = (static_cast<double>(i) / rate - 0.1) / width;
      samples[i] = static_cast<float>(std::exp(-u * u));
    }
    double sum = 0, moment = 0;
    const auto out = Resample(rate, samples);
    for (std::size_t i = 0; i < out.size(); ++i) {
      sum += static_cast<double>(out[i]);
      moment += static_cast<double>(out[i]) * static_cast<double>(i) / 16'000;
    }
    EXPECT_NEAR(moment / sum, 0.1, 1e-6) << rate;
  }
}

TEST(ResamplerTest, TheOutputHasTheInputsDuration) {
  for (const int rate : kRates) {
    for (const std::int64_t count : {0, 1, 2, 3, 159, 160, 161, 1'000, 4'321}) {
      const auto out = Resample(rate, std::vector<float>(static_cast<std::size_t>(count), 0.1f));
      const std::int64_t expected = (count * 16'000 + rate - 1) / rate;
      EXPECT_EQ(static_cast<std::int64_t>(out.size()), expected) << rate << " " << count;
    }
  }
}

TEST(ResamplerTest, PortionsAndReuseDoNotMatter) {
  base::Random random(1);
  for (const int rate : {8'000, 16'000, 44'100, 44'101, 767'999}) {
    std::vector<float> samples(40'000);
    for (float& x : samples) x = static_cast<float>(random.Uniform() - 0.5);
    const auto expected = Resample(rate, samples);
    auto resampler = Resampler::Create(rate);
    for (const std::size_t portion_max : {5u, 300u, 30'000u}) {
      std::vector<float> out;
      for (std::span<const float> rest = samples; !rest.empty();) {
        const std::size_t count = std::min<std::size_t>(rest.size(), random.Below(portion_max));
        resampler->Feed(rest.first(count), &out);
        rest = rest.subspan(count);
      }
      resampler->Finish(&out);
      EXPECT_EQ(out, expected) << rate;
    }
  }
}

TEST(ResamplerTest, NaNAndInfinityCountAsZero) {
  auto samples = Tone(300, 44'100, 4'000);
  samples[1'000] = samples[2'000] = 0;
  const auto expected = Resample(44'100, samples);
  samples[1'000] = std::numeric_limits<float>::quiet_NaN();
  samples[2'000] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Resample(44'100, samples), expected);
}

TEST(ResamplerTest, EveryInstructionSetGivesTheSameDotProduct) {
  base::Random random(2);
  std::vector<float> a(448), b(448);
  for (float& x : a) x = static_cast<float>(random.Uniform() - 0.5);
  for (float& x : b) x = static_cast<float>(random.Uniform() - 0.5);
  const SimdList list = RunnableSimd();
  for (std::size_t count = 0; count <= a.size() - 1; count += 32) {
    double exact = 0;
    for (std::size_t i = 0; i < count; ++i) {
      exact += static_cast<double>(a[i + 1]) * static_cast<double>(b[i]);
    }
    const float oracle = list.sets[0]->dot(a.data() + 1, b.data(), count);
    EXPECT_NEAR(static_cast<double>(oracle), exact, 1e-5);
    for (int set = 1; set < list.count; ++set) {
      EXPECT_EQ(list.sets[set]->dot(a.data() + 1, b.data(), count), oracle) << list.sets[set]->name;
    }
  }
}

TEST(ResamplerTest, RecordingsAgreeWithFfmpeg) {
  const auto golden = testing_support::ReferenceJson("audio.json");
  if (golden.is_null()) GTEST_SKIP() << "no reference data";
  int compared = 0;
  for (const int rate : {8'000, 11'025, 22'050, 44'100, 48'000, 96'000}) {
    const std::string file =
        testing_support::SharedDir() + "/speech/formats/wav-" + std::to_string(rate) + ".wav";
    const auto original = testing_support::DecodeWithFfmpeg(file, rate);
    const auto expected = testing_support::DecodeWithFfmpeg(file);
    if (!original || !expected) continue;
    const auto out = Resample(rate, *original);
    EXPECT_NEAR(static_cast<double>(out.size()), static_cast<double>(expected->size()), 40) << rate;
    double sum = 0;
    const std::size_t count = std::min(out.size(), expected->size());
    for (std::size_t i = 0; i < count; ++i) {
      const double difference = static_cast<double>(out[i]) - static_cast<double>((*expected)[i]);
      sum += difference * difference;
    }
    const double rms = std::sqrt(sum / static_cast<double>(count));
    std::printf("%d Hz: rms of difference %.2g, length %zu and %zu\n", rate, rms, out.size(),
                expected->size());
    EXPECT_LT(rms, 1e-3) << rate;
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "no recording could be decoded";
}

}  // namespace
}  // namespace wt::features
