#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "service/jobs/runner/lease_keeper.h"
#include "service/jobs/runner/local_hints.h"
#include "service/jobs/runner/maintenance.h"
#include "service/jobs/runner/shared_hints.h"
#include "service/jobs/testing/model_job_store.h"

namespace wt::jobs {
namespace {

constexpr std::int64_t kLeaseMs = 30'000;

/// The model with a database that can be unplugged.
class UnpluggableStore : public testing::ModelJobStore {
 public:
  using ModelJobStore::ModelJobStore;
  Result<Heartbeat> Renew(const Lease& lease, std::int64_t lease_ms) override {
    ++renewals;
    if (unplugged) return Status(StatusCode::kUnavailable, "Busy.");
    return ModelJobStore::Renew(lease, lease_ms);
  }
  int renewals = 0;
  bool unplugged = false;
};

class RunnerTest : public ::testing::Test {
 protected:
  Claim CreateAndClaim(const std::string& id) {
    NewJob job;
    job.job.id = id;
    job.job.owner = "ann";
    job.job.media.id = "media-" + id;
    job.job.media.owner = "ann";
    EXPECT_TRUE(store_.Create(job, {}).ok());
    Result<std::optional<Claim>> claim = store_.ClaimNext({.worker_id = "w", .lease_ms = kLeaseMs});
    return claim.value().value_or(Claim{});
  }

  base::ManualClock clock_;
  UnpluggableStore store_{&clock_};
};

TEST_F(RunnerTest, TheLeaseIsRenewedEachThirdOfIt) {
  LeaseKeeper keeper(&store_, &clock_, CreateAndClaim("a").lease, kLeaseMs);
  EXPECT_EQ(keeper.NextTickIn(), kLeaseMs / 3);
  EXPECT_EQ(keeper.Tick(), LeaseState::kHeld);
  EXPECT_EQ(store_.renewals, 0) << "not before its time";
  for (int i = 1; i <= 9; ++i) {
    clock_.Advance(keeper.NextTickIn());
    EXPECT_EQ(keeper.Tick(), LeaseState::kHeld);
    EXPECT_EQ(store_.renewals, i);
    EXPECT_TRUE(store_.Rescue({}, 10).value().empty());
  }
}

TEST_F(RunnerTest, TheKeeperTellsOfCancellation) {
  LeaseKeeper keeper(&store_, &clock_, CreateAndClaim("a").lease, kLeaseMs);
  ASSERT_TRUE(store_.RequestCancel("a", "").ok());
  clock_.Advance(keeper.NextTickIn());
  EXPECT_EQ(keeper.Tick(), LeaseState::kCancelRequested);
  EXPECT_TRUE(store_.FinishCancelled(keeper.lease()).ok()) << "the lease is held still";
}

TEST_F(RunnerTest, TheKeeperTellsOfALostLeaseForGood) {
  LeaseKeeper keeper(&store_, &clock_, CreateAndClaim("a").lease, kLeaseMs);
  ASSERT_EQ(store_.RescueWorker("w", {}, 10).value().size(), 1u);
  clock_.Advance(keeper.NextTickIn());
  EXPECT_EQ(keeper.Tick(), LeaseState::kLost);
  const int renewals = store_.renewals;
  clock_.Advance(kLeaseMs);
  EXPECT_EQ(keeper.Tick(), LeaseState::kLost);
  EXPECT_EQ(store_.renewals, renewals);
}

TEST_F(RunnerTest, AShortOutageIsSurvived) {
  LeaseKeeper keeper(&store_, &clock_, CreateAndClaim("a").lease, kLeaseMs);
  store_.unplugged = true;
  while (clock_.Boot() < 1'000'000 + kLeaseMs - 2'000) {
    clock_.Advance(keeper.NextTickIn());
    ASSERT_EQ(keeper.Tick(), LeaseState::kHeld);
    ASSERT_GT(keeper.NextTickIn(), 0) << "no busy loop";
  }
  store_.unplugged = false;
  clock_.Advance(keeper.NextTickIn());
  EXPECT_EQ(keeper.Tick(), LeaseState::kHeld);
  EXPECT_EQ(keeper.NextTickIn(), kLeaseMs / 3);
}

TEST_F(RunnerTest, ALongOutageEndsTheWorkBeforeAnotherMayHaveIt) {
  LeaseKeeper keeper(&store_, &clock_, CreateAndClaim("a").lease, kLeaseMs);
  store_.unplugged = true;
  while (keeper.Tick() == LeaseState::kHeld) {
    ASSERT_TRUE(store_.Rescue({}, 10).value().empty()) << "the job has another holder already";
    clock_.Advance(keeper.NextTickIn());
  }
  EXPECT_EQ(clock_.Boot(), 1'000'000 + kLeaseMs);
}

TEST_F(RunnerTest, MaintenanceRescuesInPagesAndGivesHints) {
  for (int i = 0; i < 5; ++i) CreateAndClaim("job-" + std::to_string(i));
  LocalHints hints;
  std::vector<std::string> changed;
  int available = 0;
  const LocalHints::Subscription subscription =
      hints.Subscribe([&](LocalHints::Kind kind, const std::string& job_id) {
        available += kind == LocalHints::Kind::kAvailable ? 1 : 0;
        if (kind == LocalHints::Kind::kChanged) changed.push_back(job_id);
      });
  MaintenanceOptions options;
  options.page = 2;
  Maintenance maintenance(&store_, &clock_, &hints, options);
  EXPECT_EQ(maintenance.Step().rescued, 0);
  EXPECT_EQ(maintenance.NextStepIn(), 10'000);
  clock_.Advance(kLeaseMs + 1);
  EXPECT_EQ(maintenance.Step().rescued, 5);
  EXPECT_EQ(changed.size(), 5u);
  EXPECT_GT(available, 0);
  EXPECT_EQ(maintenance.Step().rescued, 0) << "too early";
}

TEST_F(RunnerTest, MaintenanceExpiresOldRunsWhenToldTo) {
  CreateAndClaim("a");
  clock_.Advance(1'000'000);
  Maintenance never(&store_, &clock_, nullptr, {});
  EXPECT_EQ(never.Step().expired, 0);
  MaintenanceOptions options;
  options.run_max_ms = 1'000'000;
  Maintenance sometimes(&store_, &clock_, nullptr, options);
  EXPECT_EQ(sometimes.Step().expired, 1);
}

TEST(LocalHintsTest, EveryKindOfHintIsHeard) {
  LocalHints hints;
  std::vector<std::pair<LocalHints::Kind, std::string>> heard;
  const auto subscription = hints.Subscribe(
      [&](LocalHints::Kind kind, const std::string& job_id) { heard.emplace_back(kind, job_id); });
  hints.JobAvailable();
  hints.CancelRequested("a");
  hints.JobChanged("b");
  EXPECT_THAT(heard, ::testing::ElementsAre(std::pair(LocalHints::Kind::kAvailable, ""),
                                            std::pair(LocalHints::Kind::kCancelRequested, "a"),
                                            std::pair(LocalHints::Kind::kChanged, "b")));
}

TEST(LocalHintsTest, ADestroyedSubscriptionIsNotCalled) {
  LocalHints hints;
  std::atomic<int> calls{0};
  {
    const auto subscription = hints.Subscribe([&](LocalHints::Kind kind, const std::string&) {
      EXPECT_EQ(kind, LocalHints::Kind::kCancelRequested);
      ++calls;
    });
    hints.CancelRequested("a");
  }
  hints.CancelRequested("a");
  EXPECT_EQ(calls, 1);
}

/// Two processes on one data directory, as far as hints are concerned.
class SharedHintsTest : public ::testing::Test {
 protected:
  SharedHintsTest() {
    directory_ = std::filesystem::temp_directory_path() / ("wake-" + std::to_string(::getpid()));
    EXPECT_TRUE(server_.Connect(directory_.string()).ok());
    EXPECT_TRUE(worker_.Connect(directory_.string()).ok());
    subscription_ = worker_.Subscribe([this](LocalHints::Kind kind, const std::string& job_id) {
      const std::lock_guard lock(mutex_);
      heard_.emplace_back(kind, job_id);
      changed_.notify_all();
    });
  }
  ~SharedHintsTest() override {
    worker_.Disconnect();
    server_.Disconnect();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  using Heard = std::vector<std::pair<LocalHints::Kind, std::string>>;
  Heard WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return heard_.size() >= count; });
    return heard_;
  }

  std::filesystem::path directory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Heard heard_;
  SharedHints server_;
  SharedHints worker_;
  LocalHints::Subscription subscription_;
};

TEST_F(SharedHintsTest, HintsReachTheOtherProcess) {
  const std::string id = "018f0000-0000-7000-8000-000000000001";
  server_.JobAvailable();
  server_.CancelRequested(id);
  server_.JobChanged(id);
  EXPECT_THAT(WaitFor(3), ::testing::ElementsAre(std::pair(LocalHints::Kind::kAvailable, ""),
                                                 std::pair(LocalHints::Kind::kCancelRequested, id),
                                                 std::pair(LocalHints::Kind::kChanged, id)));
}

TEST_F(SharedHintsTest, NonsenseIsNotPassedOn) {
  const auto stranger =
      platform::LocalBus::Open(directory_.string(), [](std::string_view) {}).value();
  for (const char* text : {"", " ", "cancel", "cancel x", "changed ../../etc", "stop now",
                           "available 018f0000-0000-7000-8000-000000000001"}) {
    stranger->Send(text);
  }
  stranger->Send("available");
  EXPECT_THAT(WaitFor(1), ::testing::ElementsAre(std::pair(LocalHints::Kind::kAvailable, "")));
}

TEST_F(SharedHintsTest, WithoutADirectoryHintsStayInTheProcess) {
  SharedHints alone;
  EXPECT_FALSE(alone.Connect("/proc/nowhere").ok());
  int calls = 0;
  const auto subscription = alone.Subscribe([&](LocalHints::Kind, const std::string&) { ++calls; });
  alone.JobAvailable();
  alone.JobChanged("a");
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace wt::jobs
