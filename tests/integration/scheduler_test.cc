// Goal: a long recording does not hold up who decodes at the moment. The rule is deferral_test's;
// here the scheduler keeps to it, over the real model.
#include "engine/pipeline/scheduler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "engine/features/log_mel.h"
#include "tests/support/engine_setup.h"

namespace wt::pipeline {
namespace {

// Steps of the urgent text: more than there are before the other job is handed in, and not so many
// that the other job has a turn.
constexpr int kSteps = Deferral::kTurnsMax + 16;

TEST(SchedulerTest, LessUrgentWorkWaitsForTheEndOfADecoding) {
  WT_NEEDS(testing_support::BaseModelPath());
  const auto kit = testing_support::MakeEngineKit(2, 1);
  const auto& model = dynamic_cast<const LoadedModel&>(*kit.model);
  const auto& special = model.tokenizer().special();
  platform::ThreadPool pool(2);
  Scheduler scheduler(pool);
  whisper::WindowState window(model.dims(), model.network().kernels(), model.network().cross_type(),
                              1);
  const JobOwner urgent = {&model, &window, PriorityClass::kInteractive, "a", nullptr};
  const JobOwner other = {&model, nullptr, PriorityClass::kBatch, "b", nullptr};
  const std::vector<float> silence(static_cast<std::size_t>(model.dims().n_mels) *
                                   features::kWindowFrames);
  EncodeJob encode = {silence};
  ASSERT_TRUE(scheduler.Run(urgent, &encode).ok());

  decode::AttemptOptions options;
  options.beam_size = 1;
  options.suppressed = {special.eot};
  options.sample_tokens_max = kSteps;
  decode::Attempt attempt(
      model.tokenizer(), model.network().kernels(), options,
      model.tokenizer().StartSequence("en", SpeechTask::kTranscribe, /*timestamps=*/true),
      model.dims().n_text_ctx);
  bool ended = false;
  ComputeJob pass = {[&](platform::ThreadPool*) {
    ended = attempt.done();
    return Status();
  }};
  std::jthread recording;
  DecodeJob decode;
  decode.attempt = &attempt;
  decode.on_partial = [&](std::span<const TokenId>) {
    if (!recording.joinable()) recording = std::jthread([&] { (void)scheduler.Run(other, &pass); });
  };
  ASSERT_TRUE(scheduler.Run(urgent, &decode).ok());
  ASSERT_TRUE(recording.joinable());
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
