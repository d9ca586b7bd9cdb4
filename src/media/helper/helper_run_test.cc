// How the parent takes what a child process may do wrong. The child is a shell script.
#include "media/helper/helper_run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "media/helper/fake_helper.h"
#include "media/open_audio.h"

namespace wt::media {
namespace {

using std::chrono::milliseconds;

class CollectingLog : public base::LogSink {
 public:
  void Write(base::LogLevel level, std::string_view message) override {
    if (level == base::LogLevel::kWarning) warnings.emplace_back(message);
  }
  std::vector<std::string> warnings;
};

class HelperTest : public testing::Test {
 protected:
  /// Opens a file that needs the helper, which is `script`.
  Result<std::unique_ptr<AudioSource>> Open(const std::string& script) {
    options_.helper_path = directory_.Script(script);
    return OpenAudioFile(directory_.Write("talk.mp3", "no WAV file\x01"), options_);
  }

  Status OpenError(const std::string& script) { return Open(script).status(); }

  /// No zombie and no descriptor is left behind by any test.
  void TearDown() override {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
    EXPECT_EQ(CountDescriptors(), descriptors_);
  }

  static int CountDescriptors() {
    int count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator("/proc/self/fd")) {
      ++count;
    }
    return count;
  }

  TestDirectory directory_;
  CollectingLog log_;
  MediaOptions options_{.log = &log_};
  int descriptors_ = CountDescriptors();
};

TEST_F(HelperTest, SamplesArriveAndTheLengthIsKnownAtTheEnd) {
  auto source = Open(PrintHeader() + "; " + PrintSample() + "; " + PrintSample());
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_FALSE((*source)->length().has_value());
  std::vector<float> out(10);
  EXPECT_EQ(*(*source)->Read(out), 2u);
  EXPECT_EQ(out[1], 0.5F);
  EXPECT_EQ((*source)->length(), 2);
  EXPECT_EQ(*(*source)->Read(out), 0u);
  ASSERT_TRUE((*source)->Seek(1).ok());
  EXPECT_EQ(*(*source)->Read(out), 1u);
}

TEST_F(HelperTest, ItsErrorIsTheErrorOfTheFile) {
  const Status status = OpenError("echo 'error unsupported is encrypted' >&2; exit 1");
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_TRUE(status.message().ends_with("talk.mp3: is encrypted")) << status.message();
}

TEST_F(HelperTest, ACrashIsADamagedFileAndStaysOne) {
  EXPECT_EQ(OpenError("kill -SEGV $$").code(), StatusCode::kDataCorrupt);
  auto source = Open(PrintHeader() + "; " + PrintSample() + "; kill -SEGV $$");
  ASSERT_TRUE(source.ok());
  std::vector<float> out(10);
  EXPECT_EQ((*source)->Read(out).status().code(), StatusCode::kDataCorrupt);
  EXPECT_EQ((*source)->Read(out).status().code(), StatusCode::kDataCorrupt);
}

TEST_F(HelperTest, RunningOutOfProcessorTimeIsALimit) {
  EXPECT_EQ(OpenError("kill -XCPU $$").code(), StatusCode::kResourceExhausted);
}

TEST_F(HelperTest, SilenceForTooLongIsADeadline) {
  options_.limits.stall_max = milliseconds(20);
  EXPECT_EQ(OpenError("exec sleep 60").code(), StatusCode::kDeadlineExceeded);
  auto source = Open(PrintHeader() + "; exec sleep 60");
  ASSERT_TRUE(source.ok());
  std::vector<float> out(10);
  EXPECT_EQ((*source)->Read(out).status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(HelperTest, CancellingEndsABlockedRead) {
  base::CancelFlag cancel;
  options_.cancel = &cancel;
  auto source = Open(PrintHeader() + "; exec sleep 60");
  ASSERT_TRUE(source.ok());
  cancel.Request();
  std::vector<float> out(10);
  EXPECT_EQ((*source)->Read(out).status().code(), StatusCode::kCancelled);
}

TEST_F(HelperTest, ASourceThatIsDroppedEndsItsChild) {
  auto source = Open(PrintHeader() + "; while :; do " + PrintSample() + "; done");
  ASSERT_TRUE(source.ok());
}

TEST_F(HelperTest, WhatIsNoAnswerIsAnInternalError) {
  EXPECT_EQ(OpenError("echo 'no header, but thirty-two bytes or more of something'").code(),
            StatusCode::kInternal);
  EXPECT_EQ(OpenError("exit 0").code(), StatusCode::kInternal);
  EXPECT_EQ(OpenError("exit 3").code(), StatusCode::kInternal);
  auto source = Open(PrintHeader() + "; printf abc");
  ASSERT_TRUE(source.ok());
  std::vector<float> out(10);
  EXPECT_EQ((*source)->Read(out).status().code(), StatusCode::kInternal);
}

TEST_F(HelperTest, MoreSamplesThanAllowedEndTheStream) {
  // More than one read of the pipe, so that the start is fine.
  options_.limits.samples_max = 400'000;
  auto source = Open(PrintHeader() + "; head -c 1600004 /dev/zero");
  ASSERT_TRUE(source.ok());
  std::vector<float> out(500'000);
  EXPECT_EQ((*source)->Read(out).status().code(), StatusCode::kResourceExhausted);
}

TEST_F(HelperTest, AFloodOfMessagesIsBoundedAndWarningsAreLogged) {
  auto source = Open(
      "i=0; while [ $i -lt 3000 ]; do echo 'warning it is a bit damaged, sorry' >&2; "
      "i=$((i+1)); done; " +
      PrintHeader());
  ASSERT_TRUE(source.ok());
  std::vector<float> out(10);
  EXPECT_EQ(*(*source)->Read(out), 0u);
  EXPECT_EQ(log_.warnings.size(), 20u);
}

TEST_F(HelperTest, FarSeeksRestartAndNearOnesDoNot) {
  // 2,000,000 samples, more than the minute that is kept. Each start leaves a mark.
  const std::string marks = directory_.path() + "/starts";
  auto source = Open("echo >>" + marks + "; " + PrintHeader() +
                     "; head -c 8000000 /dev/zero | tr '\\000' '\\077'");
  ASSERT_TRUE(source.ok());
  std::vector<float> out(16);
  const auto starts = [&] { return std::filesystem::file_size(marks); };
  ASSERT_TRUE((*source)->Seek(1'500'000).ok());
  ASSERT_EQ(*(*source)->Read(out), 16u);
  ASSERT_TRUE((*source)->Seek(1'000'000).ok());
  ASSERT_EQ(*(*source)->Read(out), 16u);
  EXPECT_EQ(starts(), 1u);
  ASSERT_TRUE((*source)->Seek(10).ok());
  ASSERT_EQ(*(*source)->Read(out), 16u);
  EXPECT_EQ(starts(), 2u);
}

}  // namespace
}  // namespace wt::media
