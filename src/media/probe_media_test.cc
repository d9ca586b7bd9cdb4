#include "media/probe_media.h"

#include <gtest/gtest.h>

#include <string>

#include "media/helper/fake_helper.h"

namespace wt::media {
namespace {

TEST(ProbeMediaTest, TheAnswerIsRead) {
  const Result<MediaInfo> info = ParseProbe(
      R"({"format":"mov,mp4","duration_s":11.5,"has_video":true,"tracks":[
          {"codec":"aac","channels":2,"sample_rate":44100,"bit_rate":64000,"language":"deu",
           "title":null,"duration_s":11.0,"start_s":0.5,"default":true,"encrypted":false}]})");
  ASSERT_TRUE(info.ok());
  ASSERT_EQ(info->tracks.size(), 1u);
  const AudioTrack& track = info->tracks[0];
  EXPECT_EQ(track.codec, "aac");
  EXPECT_EQ(track.channels, 2);
  EXPECT_EQ(track.sample_rate, 44'100);
  EXPECT_EQ(track.language, "deu");
  EXPECT_EQ(track.title, "");
  EXPECT_EQ(track.start_s, 0.5);
  EXPECT_TRUE(track.is_default);
  EXPECT_TRUE(info->has_video);
}

TEST(ProbeMediaTest, FieldsOfTheWrongTypeOrSizeAreLeftOut) {
  const Result<MediaInfo> info = ParseProbe(
      R"({"format":1,"duration_s":1e300,"tracks":[
          {"codec":{},"channels":-1,"sample_rate":1e9,"duration_s":"x","default":1}, 7]})");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->format, "");
  EXPECT_FALSE(info->duration_s.has_value());
  ASSERT_EQ(info->tracks.size(), 1u);
  EXPECT_EQ(info->tracks[0].channels, 0);
  EXPECT_EQ(info->tracks[0].sample_rate, 0);
  EXPECT_FALSE(info->tracks[0].is_default);
  EXPECT_FALSE(ParseProbe("[]").ok());
  EXPECT_FALSE(ParseProbe("{\"tracks\":").ok());
}

TEST(ProbeMediaTest, AnEndlessAnswerIsCutOff) {
  const TestDirectory directory;
  const MediaOptions options{.helper_path = directory.Script("while :; do echo '[[[[[[['; done")};
  const auto info = ProbeMedia(directory.Write("a.mp4", "xyz"), options);
  EXPECT_EQ(info.status().code(), StatusCode::kDataCorrupt);
}

}  // namespace
}  // namespace wt::media
