// Goal: somebody's thousand jobs delay another one's single job by one batch of windows at most
// (decision 15). Method: the store, the claims and the rule for yielding, on a clock that the test
// moves; windows end together, as a batch does, and a job that was asked leaves at such an end.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/clock.h"
#include "service/jobs/testing/model_job_store.h"
#include "service/worker/jobs/yield_policy.h"

namespace wt::worker {
namespace {

constexpr int kPlaces = 16;
// A batch of 16 windows of 30 s at some twenty times real time.
constexpr std::int64_t kBatchMs = 24'000;
constexpr std::int64_t kCheckMs = 1'000;

class FairShareTest : public ::testing::Test {
 protected:
  struct Place {
    jobs::Claim claim;
    base::BootMillis since = 0;
    bool asked = false;
  };

  void Create(const std::string& id, const std::string& owner) {
    jobs::NewJob job;
    job.job.id = id;
    job.job.owner = owner;
    job.job.model = "base";
    job.job.media.id = "media-" + id;
    job.job.media.owner = owner;
    job.job.media.blob_key = "media/" + owner + "/" + id;
    ASSERT_TRUE(store_.Create(job, {}).ok());
  }

  void Fill() {
    while (places_.size() < kPlaces) {
      const auto claim = store_.ClaimNext({.worker_id = "w", .lease_ms = 3'600'000'000});
      ASSERT_TRUE(claim.ok());
      if (!*claim) return;
      places_.push_back({**claim, clock_.Boot()});
    }
  }

  void AskForAPlace() {
    for (const Place& place : places_) {
      if (place.asked) return;
    }
    std::vector<RunningJob> running;
    for (const Place& place : places_) {
      running.push_back({&place.claim.job, clock_.Boot() - place.since});
    }
    const auto waiting = store_.FirstWaiting(100);
    ASSERT_TRUE(waiting.ok());
    const auto id = ChooseYield(running, *waiting, clock_.Now(), {});
    for (Place& place : places_) place.asked = place.asked || (id && place.claim.job.id == *id);
  }

  void EndWindows() {
    for (auto place = places_.begin(); place != places_.end();) {
      if (!place->asked) {
        ++place;
        continue;
      }
      ASSERT_TRUE(store_.Release(place->claim.lease).ok());
      ++yields_;
      place = places_.erase(place);
    }
  }

  /// Until the job runs; the time that it took.
  std::int64_t WaitFor(const std::string& id) {
    const base::BootMillis begin = clock_.Boot();
    while (store_.Get(id, "")->state != jobs::JobState::kRunning) {
      Step();
      if (clock_.Boot() - begin > 3'600'000) return clock_.Boot() - begin;
    }
    return clock_.Boot() - begin;
  }
  void Step() {
    clock_.Advance(kCheckMs);
    AskForAPlace();
    if (clock_.Boot() % kBatchMs == 0) EndWindows();
    Fill();
  }

  base::ManualClock clock_;
  jobs::testing::ModelJobStore store_{&clock_};
  std::vector<Place> places_;
  int yields_ = 0;
};

TEST_F(FairShareTest, AThousandJobsDelayAnotherOnesOnlyJobByOneBatch) {
  for (int i = 0; i < 1'000; ++i) Create("busy-" + std::to_string(i), "busy");
  Fill();
  ASSERT_EQ(places_.size(), static_cast<std::size_t>(kPlaces));
  // At any moment: just after the places were taken, and at every phase of a batch.
  for (int trial = 0; trial < 24; ++trial) {
    for (int i = 0; i < trial; ++i) Step();
    const std::string id = "single-" + std::to_string(trial);
    const std::string owner = "quiet-" + std::to_string(trial);
    Create(id, owner);
    // Patience and the next look come before the batch that is waited for.
    EXPECT_LE(WaitFor(id), kBatchMs + YieldOptions().patience_ms + kCheckMs) << trial;
    for (auto place = places_.begin(); place != places_.end(); ++place) {
      if (place->claim.job.id != id) continue;
      ASSERT_TRUE(store_.FinishCancelled(place->claim.lease).ok());
      places_.erase(place);
      break;
    }
    Fill();
  }
}

TEST_F(FairShareTest, FairSharesStayAsTheyAre) {
  for (int i = 0; i < 100; ++i) Create("a" + std::to_string(i), "a");
  Fill();
  for (int i = 0; i < 100; ++i) Create("b" + std::to_string(i), "b");
  for (int i = 0; i < 24 * 60; ++i) Step();
  std::map<std::string, int> held;
  for (const Place& place : places_) ++held[place.claim.job.owner];
  EXPECT_EQ(held["a"], kPlaces / 2);
  EXPECT_EQ(held["b"], kPlaces / 2);
  // Eight to come to even, and none after: nobody begins again without need.
  EXPECT_EQ(yields_, kPlaces / 2);
}

}  // namespace
}  // namespace wt::worker
