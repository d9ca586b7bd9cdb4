// Rules of the worker that need no worker: failures, metadata, speed, yielding, leases.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/worker/jobs/failure.h"
#include "service/worker/jobs/lease_keeper.h"
#include "service/worker/jobs/result_metadata.h"
#include "service/worker/jobs/run_mailbox.h"
#include "service/worker/jobs/yield_policy.h"
#include "service/worker/testing/worker_fixture.h"

namespace wt::worker {
namespace {

using jobs::Job;
using jobs::Priority;

TEST(FailureTest, EveryStepAndCodeHasATextAndACode) {
  for (int step = 0; step <= static_cast<int>(Step::kResult); ++step) {
    for (int code = 1; code <= static_cast<int>(StatusCode::kInternal); ++code) {
      const Status status(static_cast<StatusCode>(code), "why", InternalDetail("secret"));
      const Failure failure = DescribeFailure(static_cast<Step>(step), status, 1);
      EXPECT_FALSE(failure.code.empty());
      EXPECT_FALSE(failure.message.empty());
      EXPECT_EQ(failure.message.find("secret"), std::string::npos);
      EXPECT_NE(failure.kind, jobs::FailureKind::kNone);
    }
  }
}

TEST(FailureTest, WhatTheUserMustChangeIsNotTriedAgain) {
  const auto transient = [](Step step, StatusCode code) {
    return DescribeFailure(step, Status(code, "x"), 1).transient;
  };
  EXPECT_FALSE(transient(Step::kModel, StatusCode::kFailedPrecondition));
  EXPECT_FALSE(transient(Step::kMedia, StatusCode::kUnsupported));
  EXPECT_FALSE(transient(Step::kEngine, StatusCode::kInvalidArgument));
  EXPECT_FALSE(transient(Step::kStorage, StatusCode::kDataCorrupt));
  EXPECT_TRUE(transient(Step::kStorage, StatusCode::kUnavailable));
  EXPECT_TRUE(transient(Step::kEngine, StatusCode::kResourceExhausted));
  EXPECT_TRUE(transient(Step::kMedia, StatusCode::kInternal));
  EXPECT_FALSE(DescribeFailure(Step::kMedia, Status(StatusCode::kInternal, "x"), 2).transient);
}

TEST(ResultMetadataTest, WordsAreCountedInAllScripts) {
  EXPECT_EQ(CountWords(""), 0);
  EXPECT_EQ(CountWords(" Don't  stop,\nnow. "), 3);
  EXPECT_EQ(CountWords("你好，世界。"), 4);
  EXPECT_EQ(CountWords("GPT 模型"), 3);
}

TEST(ResultMetadataTest, AbstractEndsAtAWord) {
  EXPECT_EQ(Abstract("  short ", 500), "short");
  EXPECT_EQ(Abstract("one two three", 9), "one two");
  EXPECT_EQ(Abstract("äöüäöü", 3), "äöü");
  EXPECT_EQ(Abstract("", 5), "");
}

TEST(ResultMetadataTest, SilenceIsSaid) {
  const nlohmann::json metadata = nlohmann::json::parse(MetadataJson(Job(), Transcript(), 0));
  EXPECT_EQ(metadata["no_speech"], true);
  EXPECT_EQ(metadata["words_per_minute"], 0.0);
  EXPECT_TRUE(metadata["sample_rate"].is_null());
}

TEST(SpeedMeterTest, OnlyTheLastMinuteCounts) {
  SpeedMeter meter;
  EXPECT_EQ(meter.speed(), 0);
  const SpeedMeter::Clock::time_point start;
  for (int second = 0; second <= 100; ++second) {
    meter.Add(start + std::chrono::seconds(second), second * 2.0);
  }
  EXPECT_DOUBLE_EQ(meter.speed(), 2.0);
  for (int second = 101; second <= 200; ++second) {
    meter.Add(start + std::chrono::seconds(second), 200.0 + (second - 100) * 8.0);
  }
  EXPECT_DOUBLE_EQ(meter.speed(), 8.0);
}

Job MakeJob(const std::string& id, const std::string& owner, Priority priority, std::int64_t at) {
  Job job;
  job.id = id;
  job.owner = owner;
  job.priority = priority;
  job.run_at = at;
  return job;
}

class YieldTest : public ::testing::Test {
 protected:
  std::string Chosen(const std::vector<Job>& running, const std::vector<Job>& waiting,
                     std::int64_t running_ms = 100'000) {
    std::vector<RunningJob> list;
    for (const Job& job : running) list.push_back({&job, running_ms});
    return ChooseYield(list, waiting, 1'000'000, {}).value_or("none");
  }
};

TEST_F(YieldTest, AnOwnerWithMoreJobsGivesAPlace) {
  const std::vector<Job> running = {MakeJob("a1", "a", Priority::kNormal, 0),
                                    MakeJob("a2", "a", Priority::kLow, 0),
                                    MakeJob("b1", "b", Priority::kNormal, 0)};
  EXPECT_EQ(Chosen(running, {MakeJob("c1", "c", Priority::kLow, 0)}), "a2");
  EXPECT_EQ(Chosen(running, {MakeJob("b2", "b", Priority::kNormal, 0)}), "a2");
  EXPECT_EQ(Chosen(running, {MakeJob("a3", "a", Priority::kLow, 0)}), "none");
}

// Who has two places more gives one at once: that cannot go back and forth.
TEST_F(YieldTest, ALeadOfTwoPlacesGivesOneAtOnce) {
  const std::vector<Job> two = {MakeJob("a1", "a", Priority::kNormal, 0),
                                MakeJob("a2", "a", Priority::kNormal, 0)};
  EXPECT_EQ(Chosen(two, {MakeJob("b1", "b", Priority::kNormal, 0)}, 0), "a1");
  const std::vector<Job> even = {two[0], MakeJob("b1", "b", Priority::kNormal, 0)};
  EXPECT_EQ(Chosen(even, {MakeJob("b2", "b", Priority::kNormal, 0)}, 0), "none");
  EXPECT_EQ(Chosen(even, {MakeJob("c1", "c", Priority::kNormal, 0)}, 0), "none");
}

TEST_F(YieldTest, UrgentJobsOfTheSameOwnerGoFirst) {
  const std::vector<Job> running = {MakeJob("a1", "a", Priority::kNormal, 900'000)};
  EXPECT_EQ(Chosen(running, {MakeJob("a2", "a", Priority::kUrgent, 950'000)}), "a1");
  EXPECT_EQ(Chosen(running, {MakeJob("a2", "a", Priority::kLow, 950'000)}), "none");
}

TEST_F(YieldTest, NobodyYieldsBeforeItsTimeOrToJobsThatJustCame) {
  const std::vector<Job> running = {MakeJob("a1", "a", Priority::kNormal, 0)};
  EXPECT_EQ(Chosen(running, {MakeJob("b1", "b", Priority::kNormal, 0)}), "a1");
  EXPECT_EQ(Chosen(running, {MakeJob("b1", "b", Priority::kNormal, 0)}, 59'999), "none");
  EXPECT_EQ(Chosen(running, {MakeJob("b1", "b", Priority::kNormal, 999'500)}), "none");
  EXPECT_EQ(Chosen(running, {MakeJob("b1", "b", Priority::kNormal, 2'000'000)}), "none");
  Job held = MakeJob("b1", "b", Priority::kNormal, 0);
  held.held = true;
  EXPECT_EQ(Chosen(running, {held}), "none");
}

// A store that counts renewals and can be away.
class AwayStore final : public jobs::testing::ModelJobStore {
 public:
  using ModelJobStore::ModelJobStore;
  std::atomic<bool> away = false;
  std::atomic<int> renewals = 0;

  Result<jobs::Heartbeat> Renew(const jobs::Lease& lease, std::int64_t lease_ms) override {
    if (away) return Status(StatusCode::kUnavailable, "away");
    ++renewals;
    return ModelJobStore::Renew(lease, lease_ms);
  }
};

class LeaseKeeperTest : public ::testing::Test {
 protected:
  LeaseKeeperTest() {
    jobs::NewJob job;
    job.job.id = "job";
    job.job.owner = "owner";
    job.job.media.id = "media";
    EXPECT_TRUE(store_.Create(job, {}).ok());
    lease_ = (*store_.ClaimNext({.worker_id = "w"}))->lease;
  }
  bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  testing::AtomicClock clock_;
  AwayStore store_{&clock_};
  jobs::Lease lease_;
  std::atomic<int> cancels_ = 0;
  std::atomic<int> losses_ = 0;
  LeaseKeeper keeper_{&store_, &clock_, {.lease_ms = 30'000, .poll_ms = 1}};
};

TEST_F(LeaseKeeperTest, RenewsEveryThirdOfTheLease) {
  keeper_.Watch(lease_, {[&] { ++cancels_; }, [&] { ++losses_; }});
  for (int i = 1; i <= 6; ++i) {
    clock_.Advance(10'000);
    ASSERT_TRUE(Eventually([&] { return store_.renewals >= i; }));
  }
  EXPECT_TRUE(store_.Rescue({}, 10)->empty()) << "the lease never ran out";
  EXPECT_EQ(losses_, 0);
}

TEST_F(LeaseKeeperTest, LeaseThatCannotBeRenewedIsGivenUpInTime) {
  store_.away = true;
  keeper_.Watch(lease_, {[&] { ++cancels_; }, [&] { ++losses_; }});
  clock_.Advance(29'999);
  keeper_.CheckNow("job");
  clock_.Advance(1);
  ASSERT_TRUE(Eventually([&] { return losses_ == 1; }));
  EXPECT_EQ(cancels_, 0);
}

TEST_F(LeaseKeeperTest, NothingIsToldAfterUnwatch) {
  keeper_.Watch(lease_, {[&] { ++cancels_; }, [&] { ++losses_; }});
  keeper_.Unwatch(lease_);
  ASSERT_TRUE(store_.RequestCancel("job", "owner").ok());
  keeper_.CheckNow("job");
  clock_.Advance(60'000);
  keeper_.Unwatch(lease_);
  EXPECT_EQ(cancels_, 0);
  EXPECT_EQ(losses_, 0);
}

}  // namespace
}  // namespace wt::worker
