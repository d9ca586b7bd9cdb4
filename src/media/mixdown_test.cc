#include "media/mixdown.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace wt::media {
namespace {

constexpr int kRate = 16'000;

/// A tone that starts at frame `start`; different steps are uncorrelated over a block.
float Tone(std::size_t frame, double step, std::size_t start = 0) {
  return frame < start ? 0.0F
                       : static_cast<float>(0.5 * std::sin(static_cast<double>(frame) * step));
}

template <typename Frame>
std::vector<float> Interleave(std::size_t frames, int channels, Frame frame) {
  std::vector<float> samples;
  for (std::size_t i = 0; i < frames; ++i) {
    for (int c = 0; c < channels; ++c) samples.push_back(frame(i, c));
  }
  return samples;
}

std::vector<float> Mix(const std::vector<float>& samples, int channels, std::size_t piece_frames) {
  Mixdown mixdown(channels, kRate, -1);
  std::vector<float> out;
  const std::size_t piece = piece_frames * static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < samples.size(); i += piece) {
    const std::size_t count = std::min(piece, samples.size() - i);
    mixdown.Push(std::span(samples).subspan(i, count), &out);
  }
  mixdown.Finish(&out);
  return out;
}

TEST(MixdownTest, OrdinaryStereoIsThePlainMean) {
  const auto samples = Interleave(100'000, 2, [](std::size_t i, int c) {
    return c == 0 ? Tone(i, 0.05) : Tone(i, 0.05) * 0.3F + Tone(i, 0.31, 30'000);
  });
  const std::vector<float> mixed = Mix(samples, 2, 1'000);
  ASSERT_EQ(mixed.size(), 100'000u);
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    ASSERT_EQ(mixed[i], (samples[2 * i] + samples[2 * i + 1]) * 0.5F) << i;
  }
}

TEST(MixdownTest, AnInvertedTwinDoesNotCancelOut) {
  const auto samples = Interleave(
      100'000, 2, [](std::size_t i, int c) { return c == 0 ? Tone(i, 0.05) : -Tone(i, 0.05); });
  const std::vector<float> mixed = Mix(samples, 2, 777);
  for (std::size_t i = 0; i < mixed.size(); ++i) ASSERT_EQ(mixed[i], samples[2 * i]) << i;
}

TEST(MixdownTest, SpeechInOneOfEightChannelsKeepsItsLevel) {
  const auto samples =
      Interleave(70'000, 8, [](std::size_t i, int c) { return c == 5 ? Tone(i, 0.05) : 0x1p-15F; });
  const std::vector<float> mixed = Mix(samples, 8, 4'096);
  for (std::size_t i = 0; i < mixed.size(); ++i) ASSERT_EQ(mixed[i], Tone(i, 0.05)) << i;
}

TEST(MixdownTest, AChannelThatStartsLaterJoinsWithoutAJump) {
  constexpr std::size_t kStart = 2 * 64'000;
  const auto samples = Interleave(
      200'000, 2, [](std::size_t i, int c) { return c == 0 ? 0.5F : (i < kStart ? 0.0F : 0.25F); });
  const std::vector<float> mixed = Mix(samples, 2, 5'000);
  EXPECT_EQ(mixed[kStart - 1], 0.5F);
  EXPECT_EQ(mixed.back(), 0.375F);
  for (std::size_t i = 1; i < mixed.size(); ++i) {
    ASSERT_LT(std::fabs(mixed[i] - mixed[i - 1]), 0.002F) << i;
  }
}

TEST(MixdownTest, TheCutIntoCallsDoesNotMatter) {
  const auto samples = Interleave(150'000, 3, [](std::size_t i, int c) {
    return Tone(i, 0.01 * (c + 1), static_cast<std::size_t>(c) * 60'000);
  });
  EXPECT_EQ(Mix(samples, 3, 1), Mix(samples, 3, 150'000));
}

TEST(MixdownTest, AChosenChannelIsPassedThroughAtOnce) {
  Mixdown mixdown(2, kRate, 1);
  std::vector<float> out;
  mixdown.Push(std::vector<float>{1, 2, 3, 4}, &out);
  EXPECT_EQ(out, (std::vector<float>{2, 4}));
  EXPECT_EQ(mixdown.frames_pending(), 0u);
}

}  // namespace
}  // namespace wt::media
