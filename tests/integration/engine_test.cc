// Goal: what the engine promises about whole runs: the same bytes however the work is cut, resumed
// or shared, prompt cancellation, and clear refusals. Real weights and recordings; skipped without.
#include "whisper_transcriber/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/clip_test.h"
#include "tests/support/engine_setup.h"

namespace wt {
namespace {

using testing_support::Bytes;
using testing_support::EngineKit;
using testing_support::MakeEngineKit;
using testing_support::QuickRequest;
using testing_support::SpeechSamples;

class EngineTest : public testing_support::ClipTest {
 protected:
  EngineTest() : ClipTest("gaps/gaps-dev-1.flac") {}
};

class KeepCheckpoints : public Observer {
 public:
  void OnCheckpoint(const Checkpoint& checkpoint) override { kept.push_back(checkpoint); }
  std::vector<Checkpoint> kept;
};

// Resuming from each checkpoint gives the bytes of the whole run.
void ExpectResumable(const EngineKit& setup, const std::vector<float>& samples,
                     const TranscriptionRequest& request) {
  KeepCheckpoints observer;
  auto whole = setup.engine->Submit(setup.model, MakeMemorySource(samples), request, &observer);
  ASSERT_TRUE(whole.ok());
  const auto expected = (*whole)->Wait();
  ASSERT_TRUE(expected.ok());
  ASSERT_GE(observer.kept.size(), 3u);
  for (const Checkpoint& checkpoint : observer.kept) {
    SubmitOptions submit;
    submit.resume_from = checkpoint;
    auto rest =
        setup.engine->Submit(setup.model, MakeMemorySource(samples), request, nullptr, submit);
    ASSERT_TRUE(rest.ok()) << rest.status().message();
    const auto resumed = (*rest)->Wait();
    ASSERT_TRUE(resumed.ok());
    EXPECT_EQ(Bytes(*resumed), Bytes(*expected));
  }
}

TEST_F(EngineTest, ResumedRunsGiveTheSameBytes) {
  const EngineKit setup = MakeEngineKit(2, 2);
  for (const Windowing windowing : {Windowing::kRobust, Windowing::kReference}) {
    TranscriptionRequest request = QuickRequest();
    request.windowing = windowing;
    request.words.word_timestamps = true;
    request.prompt.condition_on_previous_text = true;
    ExpectResumable(setup, clip_, request);
  }
}

// Windows that are cut in speech hand part of their text on to the next one.
TEST_F(EngineTest, RunsResumedInSpeechWithoutLongPausesGiveTheSameBytes) {
  auto speech = SpeechSamples("long/long-mixed-dev.flac");
  if (!speech) GTEST_SKIP() << "the recording is not there";
  speech->resize(70 * kSampleRate);
  TranscriptionRequest request = QuickRequest();
  ExpectResumable(MakeEngineKit(2, 2), *speech, request);
}

TEST_F(EngineTest, CheckpointsOfOtherRequestsAndDamagedOnesAreRefused) {
  const EngineKit setup = MakeEngineKit(2, 2);
  KeepCheckpoints observer;
  clip_.resize(12 * kSampleRate);
  auto task = setup.engine->Submit(setup.model, MakeMemorySource(clip_), QuickRequest(), &observer);
  ASSERT_TRUE((*task)->Wait().ok());
  ASSERT_FALSE(observer.kept.empty());
  SubmitOptions submit;
  submit.resume_from = observer.kept[0];
  TranscriptionRequest other = QuickRequest();
  other.decoding.beam_size = 3;
  EXPECT_EQ(setup.engine->Submit(setup.model, MakeMemorySource({}), other, nullptr, submit)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
  base::Random random(7);
  for (int i = 0; i < 200; ++i) {
    submit.resume_from = observer.kept[0];
    auto& bytes = submit.resume_from->bytes;
    if (i % 3 == 0) {
      bytes.resize(random.Below(bytes.size()));
    } else {
      bytes[random.Below(bytes.size())] ^=
          std::byte{static_cast<unsigned char>(1 + random.Below(255))};
    }
    EXPECT_FALSE(
        setup.engine->Submit(setup.model, MakeMemorySource({}), QuickRequest(), nullptr, submit)
            .ok());
  }
}

class CancelAtWindow : public Observer {
 public:
  void OnProgress(const Progress&) override {
    if (Task* running = task.load()) running->Cancel();
  }
  std::atomic<Task*> task{nullptr};
};

TEST_F(EngineTest, CancelledTasksEndAndTheEngineGoesOn) {
  const EngineKit setup = MakeEngineKit(2, 4);
  CancelAtWindow observer;
  auto task = setup.engine->Submit(setup.model, MakeMemorySource(clip_), QuickRequest(), &observer);
  ASSERT_TRUE(task.ok());
  observer.task = task->get();
  auto early = setup.engine->Submit(setup.model, MakeMemorySource(clip_), QuickRequest(), nullptr);
  (*early)->Cancel();
  EXPECT_EQ((*early)->Wait().status().code(), StatusCode::kCancelled);
  EXPECT_EQ((*task)->Wait().status().code(), StatusCode::kCancelled);
  clip_.resize(10 * kSampleRate);
  auto next = setup.engine->Submit(setup.model, MakeMemorySource(clip_), QuickRequest(), nullptr);
  const auto transcript = (*next)->Wait();
  ASSERT_TRUE(transcript.ok());
  EXPECT_FALSE(transcript->text.empty());
}

TEST_F(EngineTest, SegmentsAreInOrderAndInsideTheAudio) {
  const EngineKit setup = MakeEngineKit(2, 1);
  auto task = setup.engine->Submit(setup.model, MakeMemorySource(clip_), QuickRequest(), nullptr);
  const auto transcript = (*task)->Wait();
  ASSERT_TRUE(transcript.ok());
  double last = 0;
  for (const Segment& segment : transcript->segments) {
    EXPECT_GE(segment.start_s, last);
    EXPECT_GT(segment.end_s, segment.start_s);
    EXPECT_LE(segment.end_s, transcript->duration_s + 0.01);
    last = segment.start_s;
  }
}

TEST_F(EngineTest, TokenLogProbabilitiesSpellTheText) {
  const EngineKit setup = MakeEngineKit(2, 1);
  for (const bool words : {false, true}) {
    TranscriptionRequest request = QuickRequest();
    request.token_logprobs = true;
    request.words.word_timestamps = words;
    auto task = setup.engine->Submit(setup.model, MakeMemorySource(clip_), request, nullptr);
    const auto transcript = (*task)->Wait();
    ASSERT_TRUE(transcript.ok());
    ASSERT_FALSE(transcript->segments.empty());
    for (const Segment& segment : transcript->segments) {
      ASSERT_TRUE(segment.token_logprobs);
      std::string text;
      for (const TokenLogprob& score : *segment.token_logprobs) {
        EXPECT_LE(score.logprob, 0);
        text += score.bytes;
      }
      EXPECT_EQ(text, segment.text);
    }
  }
}

TEST_F(EngineTest, SilenceAndEmptyAudioGiveNoText) {
  const EngineKit setup = MakeEngineKit(2, 2);
  for (const std::size_t samples : {0u, 1u, 159u, 16'000u, 480'000u}) {
    for (const Windowing windowing : {Windowing::kRobust, Windowing::kReference}) {
      if (windowing == Windowing::kReference && samples > 160) continue;
      TranscriptionRequest request = QuickRequest();
      request.windowing = windowing;
      auto task = setup.engine->Submit(setup.model, MakeMemorySource(std::vector<float>(samples)),
                                       request, nullptr);
      const auto transcript = (*task)->Wait();
      ASSERT_TRUE(transcript.ok()) << transcript.status().message();
      EXPECT_EQ(transcript->text, "");
      EXPECT_TRUE(transcript->segments.empty());
    }
  }
}

TEST_F(EngineTest, ImpossibleRequestsNameTheOption) {
  const EngineKit setup = MakeEngineKit(1, 1);
  const auto refused = [&](auto change) {
    TranscriptionRequest request = QuickRequest();
    change(request);
    const auto task = setup.engine->Submit(setup.model, MakeMemorySource({}), request, nullptr);
    EXPECT_EQ(task.status().code(), StatusCode::kInvalidArgument);
    return task.status().message();
  };
  EXPECT_NE(refused([](auto& r) { r.decoding.beam_size = 0; }).find("beam_size"),
            std::string::npos);
  EXPECT_NE(refused([](auto& r) { r.decoding.temperatures = {}; }).find("temperature"),
            std::string::npos);
  EXPECT_NE(refused([](auto& r) { r.language.language = "klingon"; }).find("klingon"),
            std::string::npos);
  EXPECT_NE(refused([](auto& r) { r.vad.offset = 0.9; }).find("vad_offset"), std::string::npos);
}

}  // namespace
}  // namespace wt
