#include "media/open_audio.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "media/helper/fake_helper.h"
#include "media/wav_test_bytes.h"
#include "platform/process.h"

namespace wt::media {
namespace {

std::string Wav(std::uint32_t rate, int frames, std::uint16_t channels = 1) {
  WavBytes wav;
  wav.Riff().Format(1, channels, rate, 16).Data(0xFFFFFFFF);
  for (int i = 0; i < frames * channels; ++i) wav.Number(static_cast<std::int16_t>(i));
  return {reinterpret_cast<const char*>(wav.bytes().data()), wav.bytes().size()};
}

Result<std::unique_ptr<AudioSource>> OpenPiped(const std::string& bytes,
                                               const MediaOptions& options) {
  Result<platform::Pipe> pipe = platform::MakePipe();
  EXPECT_TRUE(pipe.ok());
  std::thread writer([&] {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count =
          ::write(pipe->write_end.get(), bytes.data() + done, bytes.size() - done);
      if (count <= 0) break;
      done += static_cast<std::size_t>(count);
    }
    pipe->write_end.Reset();
  });
  auto source = OpenAudioDescriptor(std::move(pipe->read_end), "standard input", options);
  writer.join();
  return source;
}

TEST(OpenAudioTest, AWavFileNeedsNoHelper) {
  const TestDirectory directory;
  const MediaOptions options{.helper_path = "/nonexistent"};
  auto source = OpenAudioFile(directory.Write("a.wav", Wav(16'000, 100)), options);
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ((*source)->length(), 100);
  auto other = OpenAudioFile(directory.Write("b.wav", Wav(8'000, 100)), options);
  EXPECT_EQ(other.status().code(), StatusCode::kFailedPrecondition);
}

TEST(OpenAudioTest, APipeIsSpooledAndCanSeek) {
  const MediaOptions options{.temp_dir = testing::TempDir()};
  auto source = OpenPiped(Wav(16'000, 200'000), options);
  ASSERT_TRUE(source.ok()) << source.status().message();
  std::vector<float> out(2);
  ASSERT_TRUE((*source)->Seek(1'000).ok());
  ASSERT_EQ(*(*source)->Read(out), 2u);
  EXPECT_EQ(out[0], 1'000 / 32768.0F);
  ASSERT_TRUE((*source)->Seek(0).ok());
  ASSERT_EQ(*(*source)->Read(out), 2u);
  EXPECT_EQ(out[1], 1 / 32768.0F);
}

TEST(OpenAudioTest, APipeHasALimit) {
  const std::string wav = Wav(16'000, 100);
  MediaOptions options{.temp_dir = testing::TempDir()};
  options.limits.spool_bytes_max = static_cast<std::int64_t>(wav.size());
  EXPECT_TRUE(OpenPiped(wav, options).ok());
  options.limits.spool_bytes_max -= 1;
  EXPECT_EQ(OpenPiped(wav, options).status().code(), StatusCode::kResourceExhausted);
}

TEST(OpenAudioTest, ErrorsNameTheFileAndTheReason) {
  const TestDirectory directory;
  const MediaOptions options{
      .helper_path = directory.Script("echo 'error unsupported is not a media file' >&2; exit 1")};
  const auto message = [&](const std::string& name, const std::string& content) {
    return OpenAudioFile(directory.Write(name, content), options).status().message();
  };
  EXPECT_NE(message("x.mp3", "").find("x.mp3: is empty"), std::string::npos);
  EXPECT_NE(message("x.wav", "<!DOCTYPE html><html>404").find("an HTML page"), std::string::npos);
  EXPECT_NE(message("x.wav", "PK\x03\x04....").find("a ZIP archive"), std::string::npos);
  EXPECT_NE(message("x.mp3", "\x89PNG\r\n\x1A\n").find("a PNG picture"), std::string::npos);
  EXPECT_NE(message("x.mp3", "Dear diary,\n").find("plain text"), std::string::npos);
  EXPECT_NE(message("x.mp3", "\xFF\xFE\x01").find("is not a media file"), std::string::npos);
  EXPECT_EQ(OpenAudioFile(directory.path() + "/none", options).status().code(),
            StatusCode::kNotFound);
  const Status folder = OpenAudioFile(directory.path(), options).status();
  EXPECT_EQ(folder.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(folder.message().find("is a directory"), std::string::npos);
}

TEST(OpenAudioTest, ChannelsAndTracksThatAreNotThereAreRefused) {
  const TestDirectory directory;
  const std::string path = directory.Write("a.wav", Wav(16'000, 100, 2));
  const auto open = [&](int track, int channel) {
    return OpenAudioFile(path, {.track = track, .channel = channel}).status();
  };
  EXPECT_TRUE(open(-1, 1).ok());
  EXPECT_TRUE(open(0, 0).ok());
  EXPECT_EQ(open(-1, 2).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(open(1, 0).code(), StatusCode::kInvalidArgument);
}

TEST(OpenAudioTest, AWavFileThatIsTooLongIsRefused) {
  const TestDirectory directory;
  MediaOptions options;
  options.limits.samples_max = 100;
  EXPECT_TRUE(OpenAudioFile(directory.Write("a.wav", Wav(16'000, 100)), options).ok());
  EXPECT_EQ(OpenAudioFile(directory.Write("a.wav", Wav(16'000, 101)), options).status().code(),
            StatusCode::kResourceExhausted);
}

TEST(OpenAudioTest, TheHelperIsFoundInTheSearchPathButNotInRelativeOnes) {
  const TestDirectory directory;
  const std::string script = directory.Script(PrintHeader());
  ASSERT_EQ(::rename(script.c_str(), (directory.path() + "/transcriber-media").c_str()), 0);
  const std::string media = directory.Write("a.mp3", "xyz\x80");
  // Beside the test program there may be a real one, which refuses this file.
  const auto open = [&](const std::string& path) {
    return OpenAudioFile(media, {.search_path = path}).status();
  };
  const Status relative = open("relative:.:");
  EXPECT_FALSE(relative.ok());
  if (relative.code() == StatusCode::kFailedPrecondition) {
    EXPECT_TRUE(open("/nonexistent:" + directory.path()).ok());
  }
}

}  // namespace
}  // namespace wt::media
