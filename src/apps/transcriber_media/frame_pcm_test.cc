#include "apps/transcriber_media/frame_pcm.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
}

namespace wt::apps::transcriber_media {
namespace {

FramePointer MakeFrame(AVSampleFormat format, int channels, int samples, int rate = 16'000) {
  FramePointer frame(av_frame_alloc());
  frame->format = format;
  frame->nb_samples = samples;
  frame->sample_rate = rate;
  av_channel_layout_default(&frame->ch_layout, channels);
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  return frame;
}

TEST(FramePcmTest, PackedAndPlanarFramesGiveTheSameOrder) {
  const FramePointer packed = MakeFrame(AV_SAMPLE_FMT_S16, 2, 2);
  const FramePointer planar = MakeFrame(AV_SAMPLE_FMT_S16P, 2, 2);
  for (int i = 0; i < 2; ++i) {
    for (int c = 0; c < 2; ++c) {
      const auto value = static_cast<std::int16_t>(8'192 * (2 * i + c));
      reinterpret_cast<std::int16_t*>(packed->data[0])[2 * i + c] = value;
      reinterpret_cast<std::int16_t*>(planar->data[c])[i] = value;
    }
  }
  std::vector<float> out;
  ASSERT_TRUE(FrameToFloats(*packed, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{0.0F, 0.25F, 0.5F, 0.75F}));
  ASSERT_TRUE(FrameToFloats(*planar, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{0.0F, 0.25F, 0.5F, 0.75F}));
}

TEST(FramePcmTest, FramesBeyondTheLimitsAreRefused) {
  std::vector<float> out;
  FramePointer frame = MakeFrame(AV_SAMPLE_FMT_U8, 64, 1);
  EXPECT_TRUE(FrameToFloats(*frame, &out).ok());
  for (const int rate : {0, -5, 999, 768'001}) {
    frame->sample_rate = rate;
    EXPECT_EQ(FrameToFloats(*frame, &out).code(), StatusCode::kDataCorrupt) << rate;
  }
  frame = MakeFrame(AV_SAMPLE_FMT_U8, 65, 1);
  EXPECT_EQ(FrameToFloats(*frame, &out).code(), StatusCode::kDataCorrupt);
  frame = MakeFrame(AV_SAMPLE_FMT_U8, 1, 1);
  frame->format = 1'000;
  EXPECT_EQ(FrameToFloats(*frame, &out).code(), StatusCode::kDataCorrupt);
}

TEST(FramePcmTest, BurstsAreSilencedAndOvershootsCut) {
  std::vector<float> loud = {0.5F, -3.0F, 15.9F};
  EXPECT_FALSE(SilenceBurst(&loud));
  EXPECT_EQ(loud, (std::vector<float>{0.5F, -2.0F, 2.0F}));
  std::vector<float> burst = {0.5F, -16.1F};
  EXPECT_TRUE(SilenceBurst(&burst));
  EXPECT_EQ(burst, (std::vector<float>{0.0F, 0.0F}));
}

}  // namespace
}  // namespace wt::apps::transcriber_media
