// The program as a whole on small recordings: times, encryption, waveforms, its sandbox.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/transcriber_media/media_test_util.h"
#include "media/helper/helper_run.h"
#include "media/probe_media.h"

namespace wt::apps::transcriber_media {
namespace {

/// Seconds of the first and last sample that is heard, and of the longest pause between.
struct Heard {
  double first_s = 0.0;
  double last_s = 0.0;
  double pause_s = 0.0;
};

Heard Listen(const std::vector<float>& samples) {
  std::vector<std::size_t> loud;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::fabs(samples[i]) > 0.02F) loud.push_back(i);
  }
  Heard heard;
  if (loud.empty()) return heard;
  heard.first_s = static_cast<double>(loud.front()) / 16'000;
  heard.last_s = static_cast<double>(loud.back()) / 16'000;
  for (std::size_t i = 1; i < loud.size(); ++i) {
    heard.pause_s = std::max(heard.pause_s, static_cast<double>(loud[i] - loud[i - 1]) / 16'000);
  }
  return heard;
}

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    if (HelperPath().empty()) GTEST_SKIP() << "transcriber-media was not built";
    options_.helper_path = HelperPath();
  }

  media::MediaOptions options_;
};

TEST_F(ProgramTest, ATrackThatStartsLateHasSilenceInFront) {
  for (const char* name : {"late.mkv", "late.mp4", "late.flv"}) {
    const auto samples = DecodeFile(TestData(name));
    ASSERT_TRUE(samples.ok()) << name << samples.status().message();
    const Heard heard = Listen(*samples);
    EXPECT_NEAR(heard.first_s, 0.5, 0.01) << name;
    EXPECT_NEAR(heard.last_s, 1.5, 0.01) << name;
    EXPECT_LT(heard.pause_s, 0.01) << name;
  }
}

TEST_F(ProgramTest, AHoleInTheTimestampsIsSilence) {
  const auto samples = DecodeFile(TestData("gap.mp4"));
  ASSERT_TRUE(samples.ok());
  const Heard heard = Listen(*samples);
  EXPECT_NEAR(heard.pause_s, 0.256, 0.01);
  EXPECT_NEAR(heard.last_s, 1.0, 0.01);
}

TEST_F(ProgramTest, EncryptionIsNamed) {
  const auto samples = DecodeFile(TestData("encrypted.mp4"));
  EXPECT_EQ(samples.status().code(), StatusCode::kUnsupported);
  EXPECT_NE(samples.status().message().find("is encrypted"), std::string::npos);
}

// Demuxers say EIO for this, as if the disk had failed and another try could help.
TEST_F(ProgramTest, AHeaderThatIsCutShortIsTheFilesFault) {
  std::string path = testing::TempDir() + "cut-header-XXXXXX";
  const int descriptor = ::mkstemp(path.data());
  ASSERT_GE(descriptor, 0);
  // FLAC's mark and a STREAMINFO block of which 32 of 34 bytes are there.
  const std::string head = std::string("fLaC\0\0\0\"", 8) + std::string(32, '\x10');
  ASSERT_EQ(::write(descriptor, head.data(), head.size()), 40);
  ::close(descriptor);
  EXPECT_EQ(DecodeFile(path).status().code(), StatusCode::kUnsupported);
  ::unlink(path.c_str());
}

TEST_F(ProgramTest, ChannelsAndTracksThatAreNotThereAreRefused) {
  EXPECT_EQ(DecodeFile(TestData("late.mp4"), {.track = 1}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(DecodeFile(TestData("late.mp4"), {.channel = 1}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_TRUE(DecodeFile(TestData("late.mp4"), {.track = 0, .channel = 0}).ok());
}

TEST_F(ProgramTest, ProbeTellsWhatIsThere) {
  const Result<media::MediaInfo> info = media::ProbeMedia(TestData("late.flv"), options_);
  ASSERT_TRUE(info.ok()) << info.status().message();
  EXPECT_TRUE(info->has_video);
  ASSERT_EQ(info->tracks.size(), 1u);
  EXPECT_EQ(info->tracks[0].codec, "mp3");
  EXPECT_EQ(info->tracks[0].sample_rate, 22'050);
  EXPECT_FALSE(info->tracks[0].encrypted);
  const Result<media::MediaInfo> encrypted = media::ProbeMedia(TestData("encrypted.mp4"), options_);
  ASSERT_TRUE(encrypted.ok());
  EXPECT_TRUE(encrypted->tracks.at(0).encrypted);
}

TEST_F(ProgramTest, PeaksAreThoseOfTheSamples) {
  const auto samples = DecodeFile(TestData("gap.mp4"));
  const auto peaks = media::ReadPeaks(TestData("gap.mp4"), options_, 1'000, 100);
  ASSERT_TRUE(samples.ok() && peaks.ok()) << peaks.status().message();
  ASSERT_EQ(peaks->size(), (samples->size() + 999) / 1'000);
  for (std::size_t i = 0; i < peaks->size(); ++i) {
    const auto begin = samples->begin() + static_cast<std::ptrdiff_t>(i * 1'000);
    const auto end =
        samples->begin() + static_cast<std::ptrdiff_t>(std::min(samples->size(), (i + 1) * 1'000));
    EXPECT_EQ((*peaks)[i].smallest, *std::min_element(begin, end)) << i;
    EXPECT_EQ((*peaks)[i].largest, *std::max_element(begin, end)) << i;
  }
  EXPECT_EQ(media::ReadPeaks(TestData("gap.mp4"), options_, 1'000, 10).status().code(),
            StatusCode::kResourceExhausted);
}

TEST_F(ProgramTest, TheSandboxHolds) {
  const platform::FileDescriptor input =
      std::move(platform::OpenForRead(TestData("gap.mp4"))).value();
  const auto run = media::HelperRun::Start({.program = HelperPath(),
                                            .arguments = {"sandbox-check"},
                                            .input = input.get(),
                                            .stall_max = std::chrono::seconds(10)});
  ASSERT_TRUE(run.ok());
  std::array<std::byte, 4096> answer;
  const Result<std::size_t> count = (*run)->Read(answer);
  ASSERT_TRUE(count.ok()) << count.status().message();
  const auto report = nlohmann::json::parse(
      std::string(reinterpret_cast<const char*>(answer.data()), *count), nullptr, false);
  ASSERT_TRUE(report.is_object());
  EXPECT_TRUE(report["no_new_privileges"]);
  // A kernel without seccomp degrades; where it is there, nothing may slip through.
  if (!report["seccomp"].get<bool>()) GTEST_SKIP() << report.dump();
  EXPECT_TRUE(report["ok"]) << report.dump();
  EXPECT_EQ(report["attempts"].size(), 11u);
  for (const auto& [name, outcome] : report["attempts"].items()) {
    EXPECT_EQ(outcome, "denied") << name;
  }
}

TEST_F(ProgramTest, OptionsThatAreNotUnderstoodAreRefused) {
  const platform::FileDescriptor input =
      std::move(platform::OpenForRead(TestData("gap.mp4"))).value();
  for (const char* option : {"--track=x", "--track=256", "--hint=../x", "--bogus", "--channel="}) {
    const auto run = media::HelperRun::Start({.program = HelperPath(),
                                              .arguments = {"decode", option},
                                              .input = input.get(),
                                              .stall_max = std::chrono::seconds(10)});
    ASSERT_TRUE(run.ok());
    std::array<std::byte, 64> answer;
    EXPECT_EQ((*run)->Read(answer).status().code(), StatusCode::kInvalidArgument) << option;
  }
}

}  // namespace
}  // namespace wt::apps::transcriber_media
