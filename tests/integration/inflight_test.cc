// Goal: recordings in flight together do not touch each other: the same bytes as alone, and no data
// race (this file is a program of its own, which the thread sanitizer runs).
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/clips.h"
#include "tests/support/engine_setup.h"

namespace wt {
namespace {

using testing_support::Bytes;
using testing_support::EngineKit;
using testing_support::MakeEngineKit;
using testing_support::QuickRequest;

TEST(InFlightTest, ManyInFlightGiveTheSameBytesAsOneAlone) {
  WT_NEEDS(testing_support::BaseModelPath());
  const auto clip = testing_support::SpeechSamples("gaps/gaps-dev-1.flac");
  if (!clip) GTEST_SKIP() << "ffmpeg or the recordings are not there";
  // Recordings of different length, so that rows join and leave the shared batch at all times.
  std::vector<std::vector<float>> recordings;
  for (const int seconds : {3, 5, 4, 6}) {
    recordings.emplace_back(clip->begin() + 4 * kSampleRate,
                            clip->begin() + (4 + seconds) * kSampleRate);
  }
  std::vector<std::string> alone;
  {
    const EngineKit setup = MakeEngineKit(1, 1);
    for (const auto& recording : recordings) {
      auto task =
          setup.engine->Submit(setup.model, MakeMemorySource(recording), QuickRequest(), nullptr);
      ASSERT_TRUE(task.ok());
      const auto transcript = (*task)->Wait();
      ASSERT_TRUE(transcript.ok());
      EXPECT_FALSE(transcript->text.empty());
      alone.push_back(Bytes(*transcript));
    }
  }
  const EngineKit setup = MakeEngineKit(3, 8);
  std::vector<std::shared_ptr<Task>> tasks;
  for (int round = 0; round < 2; ++round) {
    for (const auto& recording : recordings) {
      auto task =
          setup.engine->Submit(setup.model, MakeMemorySource(recording), QuickRequest(), nullptr);
      ASSERT_TRUE(task.ok());
      tasks.push_back(*task);
    }
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto transcript = tasks[i]->Wait();
    ASSERT_TRUE(transcript.ok());
    EXPECT_EQ(Bytes(*transcript), alone[i % recordings.size()]);
  }
}

}  // namespace
}  // namespace wt
