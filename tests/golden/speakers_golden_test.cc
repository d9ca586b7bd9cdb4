// Whole runs with speakers over the real models: words, segments, threads, stopping and resuming.
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "tests/support/clips.h"
#include "tests/support/engine_setup.h"

namespace wt {
namespace {

using testing_support::Bytes;
using testing_support::EngineKit;
using testing_support::MakeEngineKit;
using testing_support::SpeechSamples;

TranscriptionRequest WithSpeakers() {
  TranscriptionRequest request;
  request.language.language = "en";
  request.decoding.beam_size = 1;
  request.diarization.enabled = true;
  return request;
}

class Watcher final : public Observer {
 public:
  void OnProgress(const Progress& progress) override {
    EXPECT_GE(progress.samples_done, done_);
    done_ = progress.samples_done;
    total_ = progress.samples_total;
    // Beyond two thirds speakers are being told apart.
    if (task_ != nullptr && done_ > total_ / 3 * 2) {
      cancelled_at_ = std::chrono::steady_clock::now();
      task_->Cancel();
    }
  }
  void OnCheckpoint(const Checkpoint& checkpoint) override { last_ = checkpoint; }

  Task* task_ = nullptr;
  SampleIndex done_ = 0, total_ = 0;
  Checkpoint last_;
  std::chrono::steady_clock::time_point cancelled_at_;
};

Result<Transcript> Transcribe(const EngineKit& kit, const std::vector<float>& samples,
                              const TranscriptionRequest& request, Observer* observer = nullptr,
                              const SubmitOptions& submit = {}) {
  auto task = kit.engine->Submit(kit.model, MakeMemorySource(samples), request, observer, submit);
  if (!task.ok()) return task.status();
  return (*task)->Wait();
}

class SpeakersGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    WT_NEEDS(testing_support::BaseModelPath());
    WT_NEEDS(testing_support::SpeakerModelPath("campplus.safetensors"));
    auto samples = SpeechSamples("diar/conv-2spk-overlap-dev.flac");
    if (!samples) GTEST_SKIP() << "the recording could not be decoded";
    samples_ = *std::move(samples);
  }
  std::vector<float> samples_;
};

TEST_F(SpeakersGoldenTest, EveryWordHasASpeakerAndSegmentsHaveOne) {
  Watcher watcher;
  const auto result = Transcribe(MakeEngineKit(2, 1), samples_, WithSpeakers(), &watcher);
  ASSERT_TRUE(result.ok()) << result.status().message();
  std::set<std::string> speakers;
  std::string text;
  int id = 0;
  for (const Segment& segment : result->segments) {
    EXPECT_EQ(segment.id, id++);
    ASSERT_TRUE(segment.words);
    std::string said;
    for (const Word& word : *segment.words) {
      EXPECT_EQ(word.speaker, segment.speaker) << word.text;
      said += word.text;
    }
    EXPECT_EQ(said, segment.text);
    EXPECT_FALSE(segment.tokens.empty());
    speakers.insert(segment.speaker);
    text += segment.text;
  }
  EXPECT_EQ(text, result->text);
  EXPECT_EQ(speakers, (std::set<std::string>{"S1", "S2"}));
  ASSERT_TRUE(result->speaker_turns);
  EXPECT_EQ(result->speaker_turns->front().speaker, "S1");
  EXPECT_EQ(watcher.done_, watcher.total_);
  // One thread: the same bytes. Resumed at the end of the text: the same again.
  const auto alone = Transcribe(MakeEngineKit(1, 1), samples_, WithSpeakers());
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(Bytes(*alone), Bytes(*result));
  const auto resumed = Transcribe(MakeEngineKit(2, 1), samples_, WithSpeakers(), nullptr,
                                  {.principal = {}, .resume_from = watcher.last_});
  ASSERT_TRUE(resumed.ok()) << resumed.status().message();
  EXPECT_EQ(Bytes(*resumed), Bytes(*result));
}

TEST_F(SpeakersGoldenTest, StoppingDoesNotWaitForTheRecording) {
  const EngineKit kit = MakeEngineKit(2, 1);
  // Ten times the recording: many pieces of work are left when it is stopped.
  std::vector<float> longer;
  for (int i = 0; i < 10; ++i) longer.insert(longer.end(), samples_.begin(), samples_.end());
  TranscriptionRequest request = WithSpeakers();
  request.clips = {{0, 1}};
  Watcher watcher;
  auto task = kit.engine->Submit(kit.model, MakeMemorySource(longer), request, &watcher);
  ASSERT_TRUE(task.ok());
  watcher.task_ = task->get();
  const auto result = (*task)->Wait();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - watcher.cancelled_at_;
  EXPECT_EQ(result.status().code(), StatusCode::kCancelled);
  EXPECT_LT(watcher.done_, watcher.total_);
  std::printf("stopped after %.3f s\n", took.count());
}

TEST_F(SpeakersGoldenTest, WithoutTheModelTheRequestIsRefused) {
  const EngineKit kit = MakeEngineKit(1, 1);
  ModelOptions options;
  options.path = testing_support::BaseModelPath();
  options.speaker_dir = "/nonexistent";
  const auto model = kit.engine->LoadModel(options);
  ASSERT_TRUE(model.ok());
  const auto task = kit.engine->Submit(*model, MakeMemorySource(samples_), WithSpeakers(), nullptr);
  EXPECT_EQ(task.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(task.status().message().find("transcriber models pull speaker"), std::string::npos);
}

TEST_F(SpeakersGoldenTest, NumbersThatMakeNoSenseAreRefusedByName) {
  const EngineKit kit = MakeEngineKit(1, 1);
  const auto error = [&](const DiarizationOptions& options) {
    TranscriptionRequest request;
    request.diarization = options;
    return request.Validate().message();
  };
  EXPECT_NE(error({.num_speakers = 2}).find("need diarize"), std::string::npos);
  EXPECT_NE(error({.enabled = true, .num_speakers = 33}).find("num_speakers"), std::string::npos);
  EXPECT_NE(error({.enabled = true, .num_speakers = 2, .max_speakers = 3}).find("stands alone"),
            std::string::npos);
  EXPECT_NE(error({.enabled = true, .min_speakers = 4, .max_speakers = 3}).find("min_speakers"),
            std::string::npos);
  EXPECT_EQ(error({.enabled = true, .min_speakers = 2, .max_speakers = 32}), "");
}

}  // namespace
}  // namespace wt
