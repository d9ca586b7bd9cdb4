#include "engine/features/audio_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "tests/support/clips.h"

namespace wt::features {
namespace {

constexpr int kMels = 80;

/// Audio in memory that counts what is asked of it and misbehaves on demand.
class TestSource final : public AudioSource {
 public:
  explicit TestSource(std::vector<float> audio) : samples(std::move(audio)) {}

  Result<std::size_t> Read(std::span<float> out) override {
    ++reads;
    if (on_read) on_read();
    if (reads == failing_read) {
      // Some of it is gone: where the source stands after an error is unknown.
      position = std::min(position + out.size() / 2, samples.size());
      return Status(StatusCode::kUnavailable, "the disk is gone");
    }
    if (lie) return out.size() + 1;
    const std::size_t count = std::min(out.size(), samples.size() - position);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(position), count, out.begin());
    position += count;
    return count;
  }
  Status Seek(SampleIndex to) override {
    ++seeks;
    if (seeks == failing_seek) return Status(StatusCode::kUnavailable, "cannot seek");
    position = std::min(static_cast<std::size_t>(to), samples.size());
    return {};
  }
  std::optional<SampleIndex> length() const override { return claimed; }

  std::vector<float> samples;
  std::size_t position = 0;
  int reads = 0, seeks = 0, failing_read = 0, failing_seek = 0;
  bool lie = false;
  std::optional<SampleIndex> claimed;
  std::function<void()> on_read;
};

std::vector<float> Audio(std::size_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<float> samples(count);
  float gain = 0.5f;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 4'000 == 0) gain = static_cast<float>(std::pow(10.0, -3 * random.Uniform()));
    samples[i] = gain * static_cast<float>(random.Uniform() * 2 - 1);
  }
  return samples;
}

/// The reference's way: one spectrogram of the file and 30 s of zeros, reflected on both sides.
struct WholeFile {
  explicit WholeFile(const LogMel& log_mel, std::vector<float> x) {
    content = static_cast<int>(x.size() / kHopSamples);
    x.resize(x.size() + 480'000);
    frames = static_cast<int>(x.size() / kHopSamples);
    std::vector<float> padded(x.rend() - kFrameContext - 1, x.rend() - 1);
    padded.insert(padded.end(), x.begin(), x.end());
    padded.insert(padded.end(), kFrameContext, 0.0f);
    mel.resize(static_cast<std::size_t>(kMels * frames));
    maximum = log_mel.Compute(padded, frames, mel.data(), frames);
    NormalizeLogMel(maximum, kMels, frames, mel.data(), frames);
  }

  std::vector<float> Window(FrameIndex first, int count, BeyondContent beyond) const {
    std::vector<float> out(kMels * kWindowFrames);
    const int end = beyond == BeyondContent::kSilence ? frames : content;
    for (int m = 0; m < kMels; ++m) {
      for (int i = 0; i < count && first + i < end; ++i) {
        out[static_cast<std::size_t>(m * kWindowFrames + i)] =
            mel[static_cast<std::size_t>(m * frames + first + i)];
      }
    }
    return out;
  }

  int content = 0, frames = 0;
  float maximum = 0;
  std::vector<float> mel;
};

void ExpectWindow(const WholeFile& whole, MelStream& stream, FrameIndex first, int frames,
                  BeyondContent beyond) {
  std::vector<float> out(kMels * kWindowFrames, 77.0f);
  const Status status = stream.Window(first, frames, beyond, out);
  ASSERT_TRUE(status.ok()) << status.message();
  const auto expected = whole.Window(first, frames, beyond);
  ASSERT_EQ(std::memcmp(out.data(), expected.data(), out.size() * sizeof(float)), 0)
      << "frames " << first << " + " << frames;
}

TEST(MelStreamTest, EqualsTheWholeFileBitForBitAtEveryLengthNearABorder) {
  const LogMel log_mel(kMels);
  for (const std::size_t count :
       {0u,       1u,       2u,       100u,     159u,     160u,     161u,    199u,    200u,
        201u,     319u,     320u,     399u,     400u,     401u,     1'600u,  47'937u, 159'999u,
        160'000u, 160'001u, 160'199u, 160'360u, 479'999u, 480'000u, 480'161u}) {
    const auto samples = Audio(count, count);
    const WholeFile whole(log_mel, samples);
    TestSource source(samples);
    MelStream stream(source, log_mel);
    const auto totals = stream.FirstPass({});
    ASSERT_TRUE(totals.ok());
    EXPECT_EQ(totals->samples, static_cast<SampleIndex>(count));
    EXPECT_EQ(totals->log_mel_max, whole.maximum) << count;
    EXPECT_EQ(stream.content_frames(), whole.content);
    for (const auto beyond : {BeyondContent::kZeros, BeyondContent::kSilence}) {
      ExpectWindow(whole, stream, 0, kWindowFrames, beyond);
      const FrameIndex end = whole.content;
      for (const FrameIndex first : {FrameIndex{0}, FrameIndex{1}, FrameIndex{2}, end / 2,
                                     end > 3 ? end - 3 : 0, end, end + 2'998, end + 3'100}) {
        ExpectWindow(whole, stream, first, 1, beyond);
        ExpectWindow(whole, stream, first, 7, beyond);
      }
      ExpectWindow(whole, stream, 0, 0, beyond);
    }
  }
}

TEST(MelStreamTest, EqualsTheWholeFileBitForBitAtRandomPositions) {
  // 150 s: more than the ring holds, so that windows need seeks.
  const LogMel log_mel(kMels);
  const auto samples = Audio(2'400'123, 1);
  const WholeFile whole(log_mel, samples);
  TestSource source(samples);
  MelStream stream(source, log_mel);
  ASSERT_TRUE(stream.FirstPass({}).ok());
  base::Random random(2);
  FrameIndex first = 0;
  for (int i = 0; i < 60; ++i) {
    // Mostly a step on, sometimes back, sometimes anywhere.
    const auto choice = random.Below(4);
    if (choice == 0) first = static_cast<FrameIndex>(random.Below(18'100));
    if (choice == 1)
      first = std::max<FrameIndex>(0, first - static_cast<FrameIndex>(random.Below(3'000)));
    if (choice >= 2) first += static_cast<FrameIndex>(random.Below(3'000));
    const auto frames = static_cast<int>(random.Below(kWindowFrames + 1));
    const auto beyond = i % 2 == 0 ? BeyondContent::kZeros : BeyondContent::kSilence;
    ExpectWindow(whole, stream, first, frames, beyond);
    std::vector<float> part(random.Below(30'000));
    const auto begin = static_cast<SampleIndex>(random.Below(2'420'000));
    ASSERT_TRUE(stream.Samples(begin, part).ok());
    for (std::size_t j = 0; j < part.size(); ++j) {
      const std::size_t at = static_cast<std::size_t>(begin) + j;
      ASSERT_EQ(part[j], at < samples.size() ? samples[at] : 0.0f);
    }
  }
}

TEST(MelStreamTest, ReadingForwardAndSmallStepsBackSeekOnceOnly) {
  TestSource source(Audio(3'000'000, 3));
  const LogMel log_mel(kMels);
  MelStream stream(source, log_mel);
  ASSERT_TRUE(stream.FirstPass({}).ok());
  EXPECT_EQ(source.seeks, 0);
  std::vector<float> out(kMels * kWindowFrames);
  for (FrameIndex first = 0; first < 18'000; first += 2'500) {
    ASSERT_TRUE(stream.Window(first, kWindowFrames, BeyondContent::kZeros, out).ok());
    const FrameIndex back = std::max<FrameIndex>(0, first - 3'000);
    ASSERT_TRUE(stream.Window(back, kWindowFrames, BeyondContent::kZeros, out).ok());
  }
  EXPECT_EQ(source.seeks, 1);
}

TEST(MelStreamTest, ShortRecordingsAreReadOnce) {
  TestSource source(Audio(1'000'000, 4));
  const LogMel log_mel(kMels);
  MelStream stream(source, log_mel);
  ASSERT_TRUE(stream.FirstPass({}).ok());
  const int reads = source.reads;
  std::vector<float> out(kMels * kWindowFrames);
  for (const FrameIndex first : {4'000, 0, 3'250, 17}) {
    ASSERT_TRUE(stream.Window(first, kWindowFrames, BeyondContent::kZeros, out).ok());
  }
  EXPECT_EQ(source.reads, reads);
  EXPECT_EQ(source.seeks, 0);
}

TEST(MelStreamTest, BordersOfBlocksInventNoEdges) {
  // The mel filters hardly see 8 kHz, but would see it cut off: frames that reach into a block that
  // has not been read yet must wait for it.
  std::vector<float> samples(480'000);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const float fade = std::min(1.0f, static_cast<float>(samples.size() - i) / 40'000);
    samples[i] = (i % 2 == 0 ? 0.5f : -0.5f) * fade;
  }
  const LogMel log_mel(kMels);
  TestSource source(samples);
  const auto totals = MelStream(source, log_mel).FirstPass({});
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->log_mel_max, WholeFile(log_mel, samples).maximum);
}

TEST(MelStreamTest, ThreadsDoNotChangeTheFirstPass) {
  const auto samples = Audio(700'001, 5);
  const LogMel log_mel(kMels);
  TestSource source(samples), again(samples);
  platform::ThreadPool pool(3);
  const auto alone = MelStream(source, log_mel).FirstPass({});
  const auto shared = MelStream(again, log_mel).FirstPass({.pool = &pool});
  ASSERT_TRUE(alone.ok() && shared.ok());
  EXPECT_EQ(alone->log_mel_max, shared->log_mel_max);
}

TEST(MelStreamTest, TheCallbackHearsAllSamplesInOrder) {
  const auto samples = Audio(500'007, 6);
  TestSource source(samples);
  const LogMel log_mel(kMels);
  std::vector<float> heard;
  std::size_t largest = 0;
  const auto listen = [&](std::span<const float> block) {
    heard.insert(heard.end(), block.begin(), block.end());
    largest = std::max(largest, block.size());
  };
  ASSERT_TRUE(MelStream(source, log_mel).FirstPass({.on_samples = listen}).ok());
  EXPECT_EQ(heard, samples);
  EXPECT_LE(largest, 160'000u);
}

TEST(MelStreamTest, ResumingNeedsNoFirstPass) {
  const auto samples = Audio(2'000'000, 7);
  const LogMel log_mel(kMels);
  const WholeFile whole(log_mel, samples);
  TestSource source(samples);
  MelStream stream(source, log_mel);
  stream.Resume({.samples = 2'000'000, .log_mel_max = whole.maximum});
  ExpectWindow(whole, stream, 9'000, kWindowFrames, BeyondContent::kZeros);
  EXPECT_EQ(source.seeks, 1);
}

TEST(MelStreamTest, TheFirstPassCanBeRepeated) {
  TestSource source(Audio(300'000, 8));
  const LogMel log_mel(kMels);
  MelStream stream(source, log_mel);
  const auto first = stream.FirstPass({});
  const auto second = stream.FirstPass({});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->samples, second->samples);
  EXPECT_EQ(first->log_mel_max, second->log_mel_max);
}

TEST(MelStreamTest, CancellationStopsAtTheNextBlock) {
  TestSource source(Audio(2'000'000, 9));
  base::CancelFlag cancel;
  source.on_read = [&] {
    if (source.reads == 2) cancel.Request();
  };
  const LogMel log_mel(kMels);
  const auto totals = MelStream(source, log_mel).FirstPass({.cancel = &cancel});
  EXPECT_EQ(totals.status().code(), StatusCode::kCancelled);
  EXPECT_EQ(source.reads, 2);
}

TEST(MelStreamTest, TooMuchAudioIsRefused) {
  const LogMel log_mel(kMels);
  for (const SampleIndex samples_max : {199'999, 200'000}) {
    TestSource source(Audio(200'000, 10));
    const auto totals = MelStream(source, log_mel).FirstPass({.samples_max = samples_max});
    EXPECT_EQ(totals.status().code(),
              samples_max < 200'000 ? StatusCode::kResourceExhausted : StatusCode::kOk);
  }
  // A claimed length is refused before anything is read.
  TestSource source({});
  source.claimed = base::kAudioSamplesMax + 1;
  EXPECT_EQ(MelStream(source, log_mel).FirstPass({}).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(source.reads, 0);
}

TEST(MelStreamTest, ErrorsOfTheSourceArePassedOnAndDoNotLeaveWrongSamples) {
  const auto samples = Audio(4'000'000, 11);
  const LogMel log_mel(kMels);
  const WholeFile whole(log_mel, samples);
  TestSource source(samples);
  MelStream stream(source, log_mel);
  source.failing_read = 3;
  EXPECT_EQ(stream.FirstPass({}).status().code(), StatusCode::kUnavailable);
  ASSERT_TRUE(stream.FirstPass({}).ok());
  std::vector<float> out(kMels * kWindowFrames);
  source.failing_read = source.reads + 5;
  EXPECT_EQ(stream.Window(0, kWindowFrames, BeyondContent::kZeros, out).code(),
            StatusCode::kUnavailable);
  ExpectWindow(whole, stream, 0, kWindowFrames, BeyondContent::kZeros);
  // 3.2 s further on, so that reading on is what would come next.
  source.failing_read = source.reads + 1;
  EXPECT_EQ(stream.Window(320, kWindowFrames, BeyondContent::kZeros, out).code(),
            StatusCode::kUnavailable);
  ExpectWindow(whole, stream, 320, kWindowFrames, BeyondContent::kZeros);
  source.failing_seek = source.seeks + 1;
  EXPECT_EQ(stream.Window(9'000, kWindowFrames, BeyondContent::kZeros, out).code(),
            StatusCode::kUnavailable);
  ExpectWindow(whole, stream, 9'000, kWindowFrames, BeyondContent::kZeros);
}

TEST(MelStreamTest, ASourceThatShrinksOrLiesIsAnError) {
  const LogMel log_mel(kMels);
  TestSource source(Audio(4'000'000, 12));
  MelStream stream(source, log_mel);
  ASSERT_TRUE(stream.FirstPass({}).ok());
  source.samples.resize(100'000);
  std::vector<float> out(kMels * kWindowFrames);
  EXPECT_EQ(stream.Window(0, kWindowFrames, BeyondContent::kZeros, out).code(),
            StatusCode::kDataCorrupt);
  source.lie = true;
  EXPECT_EQ(stream.FirstPass({}).status().code(), StatusCode::kInternal);
}

TEST(MelStreamTest, LanguageDetectionWindowMeetsTheReference) {
  // The first 3000 frames of the file and the appended silence are the padded spectrogram.
  const auto samples = testing_support::SpeechSamples("en/jfk-inaugural.flac");
  const auto expected = testing_support::ReadNpy<float>(testing_support::SharedDir() +
                                                        "/reference/mel/jfk-inaugural.mel80.npy");
  if (!samples || !expected) GTEST_SKIP() << "no reference data or no ffmpeg";
  TestSource source(*samples);
  const LogMel log_mel(kMels);
  MelStream stream(source, log_mel);
  ASSERT_TRUE(stream.FirstPass({}).ok());
  std::vector<float> out(kMels * kWindowFrames);
  ASSERT_TRUE(stream.Window(0, kWindowFrames, BeyondContent::kSilence, out).ok());
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected->data[i], 1e-4f);
  // transcribe() fills up with 0.0 after 1,100 frames instead.
  ASSERT_TRUE(stream.Window(0, kWindowFrames, BeyondContent::kZeros, out).ok());
  EXPECT_NEAR(out[1'099], expected->data[1'099], 1e-4f);
  EXPECT_EQ(out[1'100], 0.0f);
}

}  // namespace
}  // namespace wt::features
