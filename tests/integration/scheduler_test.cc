// Goal: windows are decoded while others are encoded, and neither a long recording nor a few
// windows hold up who is more urgent or more. The rule about less urgent work is deferral_test's;
// here the scheduler keeps to it, over the real model.
#include "engine/pipeline/scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "engine/features/log_mel.h"
#include "tests/support/engine_setup.h"

namespace wt::pipeline {
namespace {

using std::chrono::steady_clock;

// Waits for what another thread does; false where it does not within a minute.
bool Await(const std::function<bool()>& there) {
  const auto end = steady_clock::now() + std::chrono::minutes(1);
  while (!there()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// A window of silence that is decoded on and on, by a scheduler over two threads.
class DecodingTest : public testing::Test {
 protected:
  void SetUp() override {
    WT_NEEDS(testing_support::BaseModelPath());
    kit_.emplace(testing_support::MakeEngineKit(2, 1));
    window_.emplace(model().dims(), model().network().kernels(), model().network().cross_type(), 1);
    const std::vector<float> silence(static_cast<std::size_t>(model().dims().n_mels) *
                                     features::kWindowFrames);
    EncodeJob encode = {silence};
    ASSERT_TRUE(scheduler_.Run(OwnerOf(PriorityClass::kInteractive), &encode).ok());
  }

  const LoadedModel& model() const { return dynamic_cast<const LoadedModel&>(*kit_->model); }
  JobOwner OwnerOf(PriorityClass priority) {
    return {&model(), &*window_, priority, "decoding", nullptr};
  }

  // Of `steps` tokens; partials_ counts every 32 of them, `first` is called with the first ones.
  Status Decode(PriorityClass priority, int steps, const std::function<void()>& first) {
    const auto& special = model().tokenizer().special();
    decode::AttemptOptions options;
    options.beam_size = 1;
    options.suppressed = {special.eot};
    options.sample_tokens_max = steps;
    attempt_.emplace(
        model().tokenizer(), model().network().kernels(), options,
        model().tokenizer().StartSequence("en", SpeechTask::kTranscribe, /*timestamps=*/true),
        model().dims().n_text_ctx);
    DecodeJob decode;
    decode.attempt = &*attempt_;
    decode.on_partial = [&](std::span<const TokenId>) {
      if (partials_++ == 0) first();
    };
    return scheduler_.Run(OwnerOf(priority), &decode);
  }

  // Another task's work, handed in by a thread of its own.
  std::jthread HandIn(PriorityClass priority, ComputeJob* job) {
    return std::jthread([this, priority, job] {
      const JobOwner owner = {nullptr, nullptr, priority, "other", nullptr};
      (void)scheduler_.Run(owner, job);
    });
  }

  // Work for two threads at once; partials_when_met_ tells how many partial texts there were by
  // then. Were the scheduler's thread not to take part, they would meet after the last one.
  static constexpr int kTokens = 400, kSoon = 6;
  Status MeetInTwoParts(platform::ThreadPool* pool) {
    std::atomic<int> parts = 0;
    pool->ParallelFor(2, 1, [&](std::ptrdiff_t, std::ptrdiff_t, int) {
      ++parts;
      EXPECT_TRUE(Await([&] { return parts == 2; }));
      partials_when_met_ = partials_.load();
    });
    return Status();
  }

  platform::ThreadPool pool_{2};
  Scheduler scheduler_{pool_};
  std::optional<testing_support::EngineKit> kit_;
  std::optional<whisper::WindowState> window_;
  std::optional<decode::Attempt> attempt_;
  std::atomic<int> partials_ = 0;
  std::atomic<int> partials_when_met_ = 0;
};

TEST_F(DecodingTest, GoesOnWhileAnotherWindowIsEncoded) {
  bool met = false;
  std::jthread recording;
  ComputeJob pass = {[&](platform::ThreadPool*) {
    // One may have been on its way.
    met = Await([&, begun = partials_.load()] { return partials_ > begun + 1; });
    return Status();
  }};
  ASSERT_TRUE(Decode(PriorityClass::kInteractive, kTokens, [&] {
                recording = HandIn(PriorityClass::kInteractive, &pass);
              }).ok());
  recording.join();
  EXPECT_TRUE(met);
}

TEST_F(DecodingTest, WaitsWhereSomebodyMoreUrgentIsEncoded) {
  std::jthread recording;
  ComputeJob pass = {[&](platform::ThreadPool* pool) { return MeetInTwoParts(pool); }};
  ASSERT_TRUE(Decode(PriorityClass::kBatch, kTokens, [&] {
                recording = HandIn(PriorityClass::kInteractive, &pass);
              }).ok());
  recording.join();
  EXPECT_LE(partials_when_met_, kSoon);
}

TEST_F(DecodingTest, WaitsWhereMoreWindowsCouldShareItsSteps) {
  std::jthread recording, another;
  ComputeJob later = {[](platform::ThreadPool*) { return Status(); }};
  ComputeJob pass = {[&](platform::ThreadPool* pool) {
    another = HandIn(PriorityClass::kInteractive, &later);
    return MeetInTwoParts(pool);
  }};
  ASSERT_TRUE(Decode(PriorityClass::kInteractive, kTokens, [&] {
                recording = HandIn(PriorityClass::kInteractive, &pass);
              }).ok());
  recording.join();
  another.join();
  EXPECT_LE(partials_when_met_, kSoon);
}

TEST_F(DecodingTest, LetsLessUrgentWorkWaitForItsEnd) {
  // More steps than there are before the other job is handed in, and not so many that it has a
  // turn.
  constexpr int kSteps = Deferral::kTurnsMax + 16;
  bool ended = false;
  std::jthread recording;
  ComputeJob pass = {[&](platform::ThreadPool*) {
    ended = attempt_->done();
    return Status();
  }};
  ASSERT_TRUE(Decode(PriorityClass::kInteractive, kSteps, [&] {
                recording = HandIn(PriorityClass::kBatch, &pass);
              }).ok());
  recording.join();
  EXPECT_TRUE(ended);
}

TEST(SchedulerTest, LessUrgentWorkLeavesATaskTheTimeToHandInItsNextJob) {
  platform::ThreadPool pool(1);
  Scheduler scheduler(pool);
  const JobOwner urgent = {nullptr, nullptr, PriorityClass::kInteractive, "a", nullptr};
  const JobOwner other = {nullptr, nullptr, PriorityClass::kBatch, "b", nullptr};
  Deferral::TimePoint ended, begun;
  std::jthread recording;
  ComputeJob later = {[&](platform::ThreadPool*) {
    begun = std::chrono::steady_clock::now();
    return Status();
  }};
  ComputeJob first = {[&](platform::ThreadPool*) {
    recording = std::jthread([&] { (void)scheduler.Run(other, &later); });
    ended = std::chrono::steady_clock::now();
    return Status();
  }};
  ASSERT_TRUE(scheduler.Run(urgent, &first).ok());
  recording.join();
  EXPECT_GE(begun - ended, Deferral::kHandover);
}

}  // namespace
}  // namespace wt::pipeline
