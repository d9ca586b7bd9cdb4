#include "media/wav_layout.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/wav_source.h"
#include "media/wav_test_bytes.h"

namespace wt::media {
namespace {

Result<std::optional<WavLayout>> Layout(const WavBytes& wav) {
  MemoryInput input(wav.bytes());
  return ReadWavLayout(input);
}

std::string ErrorOf(const WavBytes& wav) { return Layout(wav).status().message(); }

WavBytes Mono16(std::uint32_t data_size, int samples) {
  WavBytes wav;
  wav.Riff().Format(1, 1, 16'000, 16).Data(data_size);
  for (int i = 0; i < samples; ++i) wav.Number(static_cast<std::int16_t>(i * 100));
  return wav;
}

std::vector<float> ReadAll(const WavBytes& wav, int channel = -1) {
  const Result<std::optional<WavLayout>> layout = Layout(wav);
  EXPECT_TRUE(layout.ok() && *layout);
  WavSource source(std::make_unique<MemoryInput>(wav.bytes()), **layout, channel);
  std::vector<float> samples(1'000'000);
  samples.resize(*source.Read(samples));
  return samples;
}

TEST(WavLayoutTest, SizesThatLieAreCutAtTheEndOfTheFile) {
  for (const std::uint32_t size : {0xFFFFFFFFU, 0x7FFFF000U, 20'001U, 100U, 20U}) {
    const auto layout = Layout(Mono16(size, 10));
    ASSERT_TRUE(layout.ok() && *layout) << size;
    EXPECT_EQ((*layout)->frames, 10) << size;
  }
  EXPECT_EQ((*Layout(Mono16(6, 10)))->frames, 3);
}

TEST(WavLayoutTest, ASizeOfZeroIsAStreamedFileOrAnEmptyOne) {
  EXPECT_EQ((*Layout(Mono16(0, 10)))->frames, 10);
  EXPECT_EQ((*Layout(Mono16(0, 0)))->frames, 0);
  WavBytes tagged = Mono16(0, 0);
  tagged.Text("LIST").Number(std::uint32_t{4}).Text("INFO");
  EXPECT_EQ((*Layout(tagged))->frames, 0);
}

TEST(WavLayoutTest, ChunksBeforeTheSamplesArePassedOver) {
  WavBytes wav;
  wav.Riff().Text("LIST").Number(std::uint32_t{3}).Text("abc").Number(std::uint8_t{0});
  wav.Format(1, 1, 16'000, 16).Text("JUNK").Number(std::uint32_t{2}).Text("xx");
  wav.Data(4).Number(std::int16_t{1}).Number(std::int16_t{2});
  const auto layout = Layout(wav);
  ASSERT_TRUE(layout.ok() && *layout);
  EXPECT_EQ((*layout)->frames, 2);
  EXPECT_EQ((*layout)->data_offset, static_cast<std::int64_t>(wav.bytes().size()) - 4);
}

TEST(WavLayoutTest, HeadersThatCannotBeTrueAreErrorsThatSayWhy) {
  const auto with = [](std::uint16_t tag, std::uint16_t channels, std::uint32_t rate,
                       std::uint16_t bits) {
    WavBytes wav;
    wav.Riff().Format(tag, channels, rate, bits).Data(4).Number(std::uint32_t{0});
    return wav;
  };
  EXPECT_NE(ErrorOf(with(1, 0, 16'000, 16)).find("no channels"), std::string::npos);
  EXPECT_NE(ErrorOf(with(1, 65'535, 16'000, 16)).find("65535 channels"), std::string::npos);
  EXPECT_NE(ErrorOf(with(1, 65, 16'000, 16)).find("65 channels"), std::string::npos);
  EXPECT_TRUE(Layout(with(1, 64, 16'000, 16)).ok());
  EXPECT_NE(ErrorOf(with(1, 1, 0, 16)).find("rate of 0"), std::string::npos);
  EXPECT_NE(ErrorOf(with(1, 1, 16'000, 0)).find("0 bits"), std::string::npos);
  EXPECT_NE(ErrorOf(WavBytes().Riff()).find("ends before"), std::string::npos);
  EXPECT_NE(ErrorOf(WavBytes().Text("RIFF....WA")).find("too early"), std::string::npos);
}

TEST(WavLayoutTest, WhatIsNotPlainPcmIsLeftToTheDecoder) {
  const auto left_over = [](const WavBytes& wav) {
    const auto layout = Layout(wav);
    return layout.ok() && !*layout;
  };
  EXPECT_TRUE(left_over(WavBytes().Riff().Format(0x55, 1, 16'000, 16).Data(0)));
  EXPECT_TRUE(left_over(WavBytes().Riff().Format(1, 1, 16'000, 12).Data(0)));
  EXPECT_TRUE(left_over(WavBytes().Text("RF64").Number(0).Text("WAVE")));
  EXPECT_TRUE(left_over(WavBytes().Text("RIFF").Number(0).Text("AVI ")));
  EXPECT_TRUE(left_over(WavBytes().Text("ID3")));
  EXPECT_TRUE(left_over(WavBytes()));
}

TEST(WavLayoutTest, AnExtensibleHeaderNamesItsFormatByGuid) {
  const auto extensible = [](std::string_view tail) {
    WavBytes wav;
    wav.Riff().Text("fmt ").Number(std::uint32_t{40}).Number(std::uint16_t{0xFFFE});
    wav.Number(std::uint16_t{1}).Number(std::uint32_t{16'000}).Number(std::uint32_t{64'000});
    wav.Number(std::uint16_t{4}).Number(std::uint16_t{32}).Number(std::uint16_t{22});
    wav.Number(std::uint16_t{32}).Number(std::uint32_t{4}).Number(std::uint16_t{3}).Text(tail);
    return wav.Data(4).Number(0.25F);
  };
  const std::string_view guid("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
  EXPECT_EQ(ReadAll(extensible(guid)), (std::vector<float>{0.25F}));
  EXPECT_FALSE(*Layout(extensible("another subtyp")));
}

TEST(WavSourceTest, EverySampleTypeIsScaledToFullScaleOne) {
  const auto one = [](std::uint16_t tag, std::uint16_t bits, auto... values) {
    WavBytes wav;
    wav.Riff().Format(tag, 1, 16'000, bits).Data(0xFFFFFFFF);
    (wav.Number(values), ...);
    return ReadAll(wav);
  };
  using Floats = std::vector<float>;
  EXPECT_EQ(one(1, 8, std::uint8_t{0}, std::uint8_t{192}), (Floats{-1.0F, 0.5F}));
  EXPECT_EQ(one(1, 16, std::int16_t{-32768}, std::int16_t{16384}), (Floats{-1.0F, 0.5F}));
  EXPECT_EQ(one(1, 24, std::uint8_t{0}, std::uint8_t{0}, std::uint8_t{0x80}, std::uint8_t{0},
                std::uint8_t{0}, std::uint8_t{0x40}),
            (Floats{-1.0F, 0.5F}));
  EXPECT_EQ(one(1, 32, std::int32_t{1} << 30), (Floats{0.5F}));
  EXPECT_EQ(one(3, 64, 0.125), (Floats{0.125F}));
  EXPECT_EQ(one(3, 32, std::numeric_limits<float>::quiet_NaN(),
                std::numeric_limits<float>::infinity(), 3e38F, 40.0F),
            (Floats{0.0F, 0.0F, 65536.0F, 40.0F}));
}

TEST(WavSourceTest, SeekingGivesTheSamplesThatReadingThroughGives) {
  WavBytes wav;
  wav.Riff().Format(1, 2, 16'000, 16).Data(0xFFFFFFFF);
  for (int i = 0; i < 150'000; ++i) {
    wav.Number(static_cast<std::int16_t>(i * 7))
        .Number(static_cast<std::int16_t>(i < 90'000 ? 0 : i));
  }
  for (const int channel : {-1, 0, 1}) {
    const std::vector<float> all = ReadAll(wav, channel);
    ASSERT_EQ(all.size(), 150'000u);
    WavSource source(std::make_unique<MemoryInput>(wav.bytes()), **Layout(wav), channel);
    EXPECT_EQ(source.length(), 150'000);
    std::vector<float> piece(500);
    for (const std::int64_t position : {140'000, 3, 70'000, 70'100, 149'900, 0}) {
      ASSERT_TRUE(source.Seek(position).ok());
      const std::size_t count = *source.Read(piece);
      ASSERT_EQ(count, std::min<std::size_t>(500, 150'000 - static_cast<std::size_t>(position)));
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(piece[i], all[static_cast<std::size_t>(position) + i]) << position << " " << i;
      }
    }
    ASSERT_TRUE(source.Seek(1'000'000).ok());
    EXPECT_EQ(*source.Read(piece), 0u);
    EXPECT_FALSE(source.Seek(-1).ok());
  }
}

}  // namespace
}  // namespace wt::media
