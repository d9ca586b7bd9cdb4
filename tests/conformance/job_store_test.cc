// What every JobStore promises (P2, P3, P4), one case at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/conformance/job_stores.h"

namespace wt::conformance {
namespace {

using jobs::Claim;
using jobs::FailureKind;
using jobs::Job;
using jobs::JobState;
using jobs::RetryPolicy;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kLeaseMs = 30'000;

class JobStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  JobStoreTest() : under_test_(MakeStore(GetParam(), &clock_)) {}
  ~JobStoreTest() override { EXPECT_TRUE(under_test_->Check().ok()); }

  jobs::JobStore& store() { return under_test_->store(); }

  void Create(const jobs::NewJob& job) {
    const Result<jobs::Created> created = store().Create(job, {});
    ASSERT_TRUE(created.ok()) << created.status().message() << created.status().detail().ForLog();
  }
  void Create(const std::string& id, const std::string& owner = "ann") {
    Create(MakeJob(id, owner));
  }

  std::optional<Claim> MaybeClaim(const std::string& worker = "worker-1") {
    Result<std::optional<Claim>> claim =
        store().ClaimNext({.worker_id = worker, .lease_ms = kLeaseMs});
    EXPECT_TRUE(claim.ok()) << claim.status().detail().ForLog();
    return claim.ok() ? std::move(claim).value() : std::nullopt;
  }
  Claim ClaimOne(const std::string& worker = "worker-1") {
    std::optional<Claim> claim = MaybeClaim(worker);
    EXPECT_TRUE(claim.has_value());
    return claim.value_or(Claim{});
  }
  Job Get(const std::string& id) {
    Result<Job> job = store().Get(id, "");
    EXPECT_TRUE(job.ok());
    return job.ok() ? std::move(job).value() : Job{};
  }
  JobState State(const std::string& id) { return Get(id).state; }
  std::vector<std::string> Rescue(const RetryPolicy& policy = {}, int limit = 100) {
    Result<std::vector<std::string>> ids = store().Rescue(policy, limit);
    EXPECT_TRUE(ids.ok()) << ids.status().detail().ForLog();
    return ids.ok() ? std::move(ids).value() : std::vector<std::string>();
  }
  Status FailWith(const Claim& claim, bool transient) {
    return store().Fail(claim.lease, FailureKind::kWhisper, "CODE", "It broke.", transient, {});
  }
  /// Lets the longest backoff pass.
  void WaitForRetry() { clock_.Advance(RetryPolicy().max_ms + 1); }

  std::vector<std::string> StatusEvents(const std::string& id) {
    std::vector<std::string> data;
    Result<std::vector<jobs::JobEvent>> events = store().Events(id, 0, 1'000);
    for (const jobs::JobEvent& event : *events) {
      if (event.type == "status") data.push_back(event.data_json);
    }
    return data;
  }

  base::ManualClock clock_;
  std::unique_ptr<StoreUnderTest> under_test_;
};

TEST_P(JobStoreTest, ACreatedJobComesBackAsItWas) {
  const jobs::NewJob made = MakeJob("a");
  Create(made);
  const Job job = Get("a");
  EXPECT_EQ(job.owner, "ann");
  EXPECT_EQ(job.media.blob_key, made.job.media.blob_key);
  EXPECT_EQ(job.media.filename, "a.wav");
  EXPECT_EQ(job.media.duration_s, 60);
  EXPECT_EQ(job.media.sample_rate, 16'000);
  EXPECT_EQ(job.model, "base");
  EXPECT_EQ(job.options_json, made.job.options_json);
  EXPECT_EQ(job.request_id, "request-a");
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(StatusSlug(job), "queued");
  EXPECT_EQ(job.created_at, clock_.Now());
  EXPECT_EQ(job.progress.seconds_total, 60);
  EXPECT_FALSE(job.started_at || job.finished_at);
}

TEST_P(JobStoreTest, AStrangersJobIsNotThere) {
  Create("a", "ann");
  EXPECT_EQ(store().Get("a", "bob").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(store().Get("a", "bob").status().message(), store().Get("x", "bob").status().message());
  EXPECT_EQ(store().RequestCancel("a", "bob").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(store().Restart("a", "bob").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(store().Delete("a", "bob").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(store().Get("a", "ann").ok());
}

TEST_P(JobStoreTest, TheSameKeyAndBodyGiveTheSameJob) {
  jobs::NewJob first = MakeJob("a");
  first.idempotency_key = "key";
  first.request_digest = "digest";
  Create(first);
  jobs::NewJob again = MakeJob("b");
  again.idempotency_key = "key";
  again.request_digest = "digest";
  const Result<jobs::Created> replayed = store().Create(again, {});
  ASSERT_TRUE(replayed.ok());
  EXPECT_TRUE(replayed.value().replayed);
  EXPECT_EQ(replayed.value().job.id, "a");
  EXPECT_FALSE(store().Get("b", "").ok());
}

TEST_P(JobStoreTest, TheSameKeyWithAnotherBodyIsAConflict) {
  jobs::NewJob first = MakeJob("a");
  first.idempotency_key = "key";
  first.request_digest = "digest";
  Create(first);
  jobs::NewJob other = MakeJob("b");
  other.idempotency_key = "key";
  other.request_digest = "another";
  EXPECT_EQ(store().Create(other, {}).status().code(), StatusCode::kAlreadyExists);
  other.job.owner = other.job.media.owner = "bob";
  EXPECT_TRUE(store().Create(other, {}).ok()) << "keys belong to their owner";
}

TEST_P(JobStoreTest, AFullQueueTakesNothing) {
  Create("a");
  const Result<jobs::Created> refused = store().Create(MakeJob("b"), {.queue_depth_max = 1});
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.status().message(), jobs::kQueueFullMessage);
  EXPECT_EQ(store().Get("b", "").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(store().Create(MakeJob("b"), {.queue_depth_max = 2}).ok());
}

TEST_P(JobStoreTest, AnOwnerMayHaveSoManyUnfinishedJobs) {
  Create("a");
  ClaimOne();
  const Result<jobs::Created> refused = store().Create(MakeJob("b"), {.active_per_owner_max = 1});
  EXPECT_EQ(refused.status().message(), jobs::kOwnerLimitMessage);
  EXPECT_TRUE(store().Create(MakeJob("c", "bob"), {.active_per_owner_max = 1}).ok());
}

TEST_P(JobStoreTest, AFullQueueStillReplays) {
  jobs::NewJob job = MakeJob("a");
  job.idempotency_key = "key";
  Create(job);
  EXPECT_TRUE(store().Create(job, {.queue_depth_max = 1}).value().replayed);
}

TEST_P(JobStoreTest, AClaimRunsTheJob) {
  Create("a");
  clock_.Advance(5);
  const Claim claim = ClaimOne("worker-7");
  EXPECT_EQ(claim.job.id, "a");
  EXPECT_EQ(claim.job.state, JobState::kRunning);
  EXPECT_EQ(claim.job.attempt, 1);
  EXPECT_EQ(claim.job.lease_owner, "worker-7");
  EXPECT_EQ(claim.job.lease_expires_at, clock_.Now() + kLeaseMs);
  EXPECT_EQ(claim.job.started_at, clock_.Now());
  EXPECT_FALSE(claim.lease.token.empty());
  EXPECT_EQ(claim.checkpoint, "");
  EXPECT_EQ(StatusSlug(claim.job), "processing");
  EXPECT_FALSE(MaybeClaim()) << "a running job is not handed out twice";
}

TEST_P(JobStoreTest, UrgentJobsOvertakeAndWaitingMakesUpForPriority) {
  jobs::NewJob low = MakeJob("low");
  low.job.priority = jobs::Priority::kLow;
  Create(low);
  clock_.Advance(3'600'000);
  Create("normal");
  jobs::NewJob urgent = MakeJob("urgent");
  urgent.job.priority = jobs::Priority::kUrgent;
  Create(urgent);
  EXPECT_EQ(ClaimOne().job.id, "urgent");
  clock_.Advance(4 * 3'600'000);
  urgent = MakeJob("late");
  urgent.job.priority = jobs::Priority::kUrgent;
  Create(urgent);
  EXPECT_EQ(ClaimOne().job.id, "low") << "has waited five hours";
}

TEST_P(JobStoreTest, OneOwnersFloodDoesNotStarveAnother) {
  for (int i = 0; i < 10; ++i) Create("ann-" + std::to_string(i), "ann");
  Create("bob", "bob");
  // One slot: after a job of ann's it is bob's turn, although ann's others wait longer.
  const Claim first = ClaimOne();
  EXPECT_EQ(first.job.owner, "ann");
  ASSERT_TRUE(store().Succeed(first.lease, MakeResult("r")).ok());
  EXPECT_EQ(ClaimOne().job.owner, "bob");
  EXPECT_EQ(ClaimOne().job.owner, "ann");
}

TEST_P(JobStoreTest, LimitsOfRunningJobsHold) {
  Create("a1", "ann");
  Create("a2", "ann");
  Create("b1", "bob");
  const auto claim = [&](int per_owner, int all) {
    const Result<std::optional<Claim>> claimed = store().ClaimNext(
        {.worker_id = "w", .running_per_owner_max = per_owner, .running_max = all});
    EXPECT_TRUE(claimed.ok());
    return claimed.value() ? claimed.value()->job.id : "";
  };
  EXPECT_EQ(claim(1, 0), "a1");
  EXPECT_EQ(claim(1, 1), "");
  EXPECT_EQ(claim(1, 0), "b1");
  EXPECT_EQ(claim(1, 0), "");
  EXPECT_EQ(claim(2, 0), "a2");
}

TEST_P(JobStoreTest, SuccessKeepsTheResultAndEndsTheJob) {
  Create("a");
  const Claim claim = ClaimOne();
  ASSERT_TRUE(store().SaveCheckpoint(claim.lease, "half", {}).ok());
  clock_.Advance(10);
  ASSERT_TRUE(store().Succeed(claim.lease, MakeResult("r1")).ok());
  const Job job = Get("a");
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.result_ref, "r1");
  EXPECT_EQ(job.finished_at, clock_.Now());
  EXPECT_EQ(job.detected_language, "en");
  EXPECT_EQ(job.progress.stage, "done");
  EXPECT_EQ(job.lease_owner, "");
  const Result<std::vector<jobs::NewResult>> results = store().Results("a");
  ASSERT_EQ(results.value().size(), 1u);
  EXPECT_EQ(results.value()[0].text, "Hello world r1");
  EXPECT_EQ(results.value()[0].run, 1);
  EXPECT_EQ(results.value()[0].created_at, clock_.Now());
}

TEST_P(JobStoreTest, OnlyTheHolderOfTheLeaseMayChangeTheJob) {
  Create("a");
  const Claim claim = ClaimOne();
  jobs::Lease wrong_token = claim.lease;
  wrong_token.token = "another";
  jobs::Lease wrong_attempt = claim.lease;
  wrong_attempt.attempt = 2;
  jobs::Lease wrong_job = claim.lease;
  wrong_job.job_id = "b";
  for (const jobs::Lease& lease : {wrong_token, wrong_attempt, wrong_job}) {
    EXPECT_EQ(store().Renew(lease, kLeaseMs).status().code(), StatusCode::kAborted);
    EXPECT_EQ(store().SaveProgress(lease, {}).code(), StatusCode::kAborted);
    EXPECT_EQ(store().SaveCheckpoint(lease, "x", {}).code(), StatusCode::kAborted);
    EXPECT_EQ(store().AppendEvents(lease, {{.type = "log", .data_json = "{}"}}).code(),
              StatusCode::kAborted);
    EXPECT_EQ(store().Succeed(lease, MakeResult("r")).code(), StatusCode::kAborted);
    EXPECT_EQ(store().Fail(lease, FailureKind::kUnknown, "", "", true, {}).code(),
              StatusCode::kAborted);
    EXPECT_EQ(store().FinishCancelled(lease).code(), StatusCode::kAborted);
    EXPECT_EQ(store().Release(lease).code(), StatusCode::kAborted);
  }
  EXPECT_EQ(State("a"), JobState::kRunning);
  EXPECT_THAT(store().Results("a").value(), IsEmpty());
  EXPECT_TRUE(store().Succeed(claim.lease, MakeResult("r")).ok());
  EXPECT_EQ(store().Succeed(claim.lease, MakeResult("r2")).code(), StatusCode::kAborted) << "once";
}

TEST_P(JobStoreTest, AnExpiredLeaseThatNobodyTookStillHolds) {
  Create("a");
  const Claim claim = ClaimOne();
  clock_.Advance(10 * kLeaseMs);
  EXPECT_TRUE(store().Renew(claim.lease, kLeaseMs).ok());
  EXPECT_THAT(Rescue(), IsEmpty());
}

TEST_P(JobStoreTest, AWorkerThatSleptTooLongCannotFinish) {
  Create("a");
  const Claim late = ClaimOne("slow");
  clock_.Advance(kLeaseMs + 1);
  EXPECT_THAT(Rescue(), ElementsAre("a"));
  WaitForRetry();
  const Claim current = ClaimOne("fast");
  EXPECT_EQ(current.job.attempt, 2);
  EXPECT_EQ(store().Succeed(late.lease, MakeResult("late")).code(), StatusCode::kAborted);
  EXPECT_TRUE(store().Succeed(current.lease, MakeResult("good")).ok());
  EXPECT_EQ(Get("a").result_ref, "good");
}

TEST_P(JobStoreTest, ARenewedLeaseIsNotRescued) {
  Create("a");
  const Claim claim = ClaimOne();
  for (int i = 0; i < 6; ++i) {
    clock_.Advance(kLeaseMs / 3);
    EXPECT_TRUE(store().Renew(claim.lease, kLeaseMs).ok());
  }
  EXPECT_THAT(Rescue(), IsEmpty());
}

TEST_P(JobStoreTest, StepsOfTheWallClockMoveNoLease) {
  Create("a");
  const Claim claim = ClaimOne();
  clock_.StepWall(365LL * 86'400'000);
  EXPECT_THAT(Rescue(), IsEmpty());
  clock_.StepWall(-2 * 365LL * 86'400'000);
  clock_.Advance(kLeaseMs + 1);
  EXPECT_THAT(Rescue(), ElementsAre("a"));
  EXPECT_EQ(store().Renew(claim.lease, kLeaseMs).status().code(), StatusCode::kAborted);
}

TEST_P(JobStoreTest, APassingFaultIsRetriedWithLongerAndLongerWaits) {
  Create("a");
  std::int64_t expected = 1'000;
  for (int attempt = 1; attempt < 3; ++attempt) {
    const Claim claim = ClaimOne();
    EXPECT_EQ(claim.job.attempt, attempt);
    ASSERT_TRUE(FailWith(claim, /*transient=*/true).ok());
    EXPECT_EQ(State("a"), JobState::kRetryWait);
    EXPECT_EQ(StatusSlug(Get("a")), "queued");
    const std::optional<std::int64_t> due = store().NextDueIn().value();
    ASSERT_TRUE(due.has_value());
    EXPECT_GE(*due, expected);
    EXPECT_LE(*due, expected * 5 / 4);
    clock_.Advance(*due - 1);
    EXPECT_FALSE(MaybeClaim()) << "not yet";
    clock_.Advance(1);
    expected *= 4;
  }
  ASSERT_TRUE(FailWith(ClaimOne(), /*transient=*/true).ok());
  const Job job = Get("a");
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_TRUE(job.dead_letter);
  EXPECT_EQ(job.error_code, "CODE");
  EXPECT_EQ(job.error_message, "It broke.");
  EXPECT_EQ(StatusSlug(job), "failed_whisper_error");
  EXPECT_EQ(store().NextDueIn().value(), std::nullopt);
}

TEST_P(JobStoreTest, ALastingFaultIsNotRetried) {
  Create("a");
  ASSERT_TRUE(FailWith(ClaimOne(), /*transient=*/false).ok());
  EXPECT_EQ(State("a"), JobState::kFailed);
  EXPECT_FALSE(Get("a").dead_letter);
}

TEST_P(JobStoreTest, AReleasedAttemptIsNotCharged) {
  Create("a");
  const Claim first = ClaimOne();
  ASSERT_TRUE(store().SaveCheckpoint(first.lease, "half", {}).ok());
  ASSERT_TRUE(store().Release(first.lease).ok());
  EXPECT_EQ(State("a"), JobState::kQueued);
  EXPECT_EQ(Get("a").attempt, 0);
  const Claim second = ClaimOne();
  EXPECT_EQ(second.job.attempt, 1);
  EXPECT_EQ(second.checkpoint, "half");
  EXPECT_NE(second.lease.token, first.lease.token);
  // The attempt numbers are equal: the token alone is the fence.
  EXPECT_EQ(store().Succeed(first.lease, MakeResult("r")).code(), StatusCode::kAborted);
}

TEST_P(JobStoreTest, AJobThatOnlyKillsItsWorkersIsPoison) {
  jobs::NewJob job = MakeJob("a");
  job.job.attempts_max = 10;
  Create(job);
  for (int i = 0; i < 3; ++i) {
    WaitForRetry();
    ClaimOne();
    clock_.Advance(kLeaseMs + 1);
    EXPECT_THAT(Rescue(), ElementsAre("a"));
  }
  EXPECT_EQ(State("a"), JobState::kFailed);
  EXPECT_EQ(Get("a").error_code, "POISON_JOB");
  EXPECT_TRUE(Get("a").dead_letter);
}

TEST_P(JobStoreTest, ProgressClearsTheSuspicionOfPoison) {
  jobs::NewJob job = MakeJob("a");
  job.job.attempts_max = 10;
  Create(job);
  for (int i = 0; i < 5; ++i) {
    WaitForRetry();
    const Claim claim = ClaimOne();
    ASSERT_TRUE(store().SaveCheckpoint(claim.lease, std::to_string(i), {}).ok());
    clock_.Advance(kLeaseMs + 1);
    EXPECT_THAT(Rescue(), ElementsAre("a"));
  }
  EXPECT_EQ(State("a"), JobState::kRetryWait);
}

TEST_P(JobStoreTest, ALostWorkerUsesUpAttempts) {
  jobs::NewJob job = MakeJob("a");
  job.job.attempts_max = 1;
  Create(job);
  ClaimOne();
  clock_.Advance(kLeaseMs + 1);
  Rescue();
  EXPECT_EQ(State("a"), JobState::kFailed);
  EXPECT_EQ(Get("a").error_code, "WORKER_LOST");
  EXPECT_EQ(StatusSlug(Get("a")), "failed_thread_exception");
}

TEST_P(JobStoreTest, TheRescuersPagesReachEveryJob) {
  for (int i = 0; i < 7; ++i) {
    Create("job-" + std::to_string(i), "owner-" + std::to_string(i));
    ClaimOne();
  }
  clock_.Advance(kLeaseMs + 1);
  std::set<std::string> rescued;
  for (int page = 0; page < 4; ++page) {
    const std::vector<std::string> ids = Rescue({}, 2);
    EXPECT_LE(ids.size(), 2u);
    rescued.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(rescued.size(), 7u);
}

TEST_P(JobStoreTest, ADeadWorkersJobsAreTakenAtOnce) {
  Create("a");
  Create("b");
  ClaimOne("dead");
  ClaimOne("alive");
  const Result<std::vector<std::string>> ids = store().RescueWorker("dead", {}, 10);
  EXPECT_THAT(ids.value(), ElementsAre("a"));
  EXPECT_EQ(State("a"), JobState::kRetryWait);
  EXPECT_EQ(State("b"), JobState::kRunning);
}

TEST_P(JobStoreTest, OldRunsExpireWhateverTheyAreDoing) {
  Create("waiting");
  Create("running");
  clock_.StepWall(86'400'000);
  EXPECT_THAT(store().Expire(1'000, 10).value(), IsEmpty()) << "the wall clock does not count";
  const Claim claim = ClaimOne();
  clock_.Advance(1'000);
  Create("young");
  EXPECT_THAT(store().Expire(1'000, 1).value(), ::testing::SizeIs(1));
  EXPECT_THAT(store().Expire(1'000, 10).value(), ::testing::SizeIs(1));
  EXPECT_EQ(State("waiting"), JobState::kExpired);
  EXPECT_EQ(State("running"), JobState::kExpired);
  EXPECT_EQ(State("young"), JobState::kQueued);
  EXPECT_EQ(StatusSlug(Get("running")), "failed_timeout");
  EXPECT_EQ(Get("running").finished_at, clock_.Now());
  EXPECT_EQ(store().Succeed(claim.lease, MakeResult("r")).code(), StatusCode::kAborted);
}

TEST_P(JobStoreTest, AQueuedJobIsCancelledAtOnce) {
  Create("a");
  EXPECT_EQ(store().RequestCancel("a", "ann").value().state, JobState::kCancelled);
  EXPECT_FALSE(MaybeClaim());
  EXPECT_EQ(store().RequestCancel("a", "ann").status().code(), StatusCode::kFailedPrecondition);
}

TEST_P(JobStoreTest, ARunningJobsWorkerIsTold) {
  Create("a");
  const Claim claim = ClaimOne();
  EXPECT_FALSE(store().Renew(claim.lease, kLeaseMs).value().cancel_requested);
  EXPECT_EQ(store().RequestCancel("a", "").value().state, JobState::kRunning);
  EXPECT_TRUE(store().Renew(claim.lease, kLeaseMs).value().cancel_requested);
  EXPECT_TRUE(store().FinishCancelled(claim.lease).ok());
  EXPECT_EQ(State("a"), JobState::kCancelled);
}

TEST_P(JobStoreTest, ACancelledJobIsNotTriedAgain) {
  for (const std::string id : {"failing", "released", "lost"}) {
    Create(id);
    const Claim claim = ClaimOne();
    ASSERT_TRUE(store().RequestCancel(id, "").ok());
    if (id == "failing") EXPECT_TRUE(FailWith(claim, /*transient=*/true).ok());
    if (id == "released") EXPECT_TRUE(store().Release(claim.lease).ok());
    if (id == "lost") {
      clock_.Advance(kLeaseMs + 1);
      EXPECT_THAT(Rescue(), ElementsAre("lost"));
    }
    EXPECT_EQ(State(id), JobState::kCancelled) << id;
  }
}

TEST_P(JobStoreTest, ARaceOfCancelAndSuccessHasOneWinner) {
  Create("a");
  const Claim claim = ClaimOne();
  ASSERT_TRUE(store().RequestCancel("a", "").ok());
  EXPECT_TRUE(store().Succeed(claim.lease, MakeResult("r")).ok());
  EXPECT_EQ(State("a"), JobState::kSucceeded);
  EXPECT_EQ(store().FinishCancelled(claim.lease).code(), StatusCode::kAborted);
}

TEST_P(JobStoreTest, ARestartIsANewRunAndKeepsOldResults) {
  Create("a");
  EXPECT_EQ(store().Restart("a", "ann").status().code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store().Succeed(ClaimOne().lease, MakeResult("r1")).ok());
  clock_.Advance(1'000);
  const Result<Job> restarted = store().Restart("a", "ann");
  ASSERT_TRUE(restarted.ok()) << restarted.status().detail().ForLog();
  EXPECT_EQ(restarted.value().run, 2);
  EXPECT_EQ(restarted.value().state, JobState::kQueued);
  EXPECT_EQ(restarted.value().result_ref, "");
  EXPECT_FALSE(restarted.value().finished_at);
  ASSERT_TRUE(store().Succeed(ClaimOne().lease, MakeResult("r2")).ok());
  const Result<std::vector<jobs::NewResult>> results = store().Results("a");
  ASSERT_EQ(results.value().size(), 2u);
  EXPECT_EQ(results.value()[0].id, "r2");
  EXPECT_EQ(results.value()[0].run, 2);
  EXPECT_EQ(results.value()[1].id, "r1");
}

TEST_P(JobStoreTest, ARestartMayGoOnWhereTheLastRunStopped) {
  for (const jobs::RestartFrom from :
       {jobs::RestartFrom::kCheckpoint, jobs::RestartFrom::kBeginning}) {
    const std::string id = from == jobs::RestartFrom::kCheckpoint ? "resumed" : "fresh";
    Create(id);
    const Claim claim = ClaimOne();
    ASSERT_TRUE(store().SaveCheckpoint(claim.lease, "half", {}).ok());
    ASSERT_TRUE(FailWith(claim, /*transient=*/false).ok());
    ASSERT_TRUE(store().Restart(id, "", from).ok());
    const Claim again = ClaimOne();
    EXPECT_EQ(again.checkpoint, from == jobs::RestartFrom::kCheckpoint ? "half" : "");
    EXPECT_EQ(again.job.failure, FailureKind::kNone);
    EXPECT_EQ(again.job.error_message, "");
    ASSERT_TRUE(store().Succeed(again.lease, MakeResult(id)).ok());
  }
}

TEST_P(JobStoreTest, DeletingGivesBackTheBlobs) {
  jobs::NewJob job = MakeJob("a");
  job.idempotency_key = "key";
  Create(job);
  const Claim claim = ClaimOne();
  EXPECT_EQ(store().Delete("a", "ann").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(store().Renew(claim.lease, kLeaseMs).value().cancel_requested);
  ASSERT_TRUE(store().Succeed(claim.lease, MakeResult("r")).ok());
  const Result<std::vector<std::string>> blobs = store().Delete("a", "ann");
  EXPECT_THAT(blobs.value(), UnorderedElementsAre("media/ann/a", "results/r"));
  EXPECT_EQ(store().Get("a", "").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(store().Events("a", 0, 10).value(), IsEmpty());
  EXPECT_THAT(store().Results("a").value(), IsEmpty());
  EXPECT_FALSE(store().Create(job, {}).value().replayed) << "the key went with the job";
}

TEST_P(JobStoreTest, ARecordingIsKeptWhileAJobNeedsIt) {
  jobs::NewJob first = MakeJob("a");
  jobs::NewJob second = MakeJob("b");
  second.job.media = first.job.media;
  Create(first);
  Create(second);
  EXPECT_THAT(store().Delete("a", "").value(), IsEmpty());
  EXPECT_EQ(Get("b").media.blob_key, "media/ann/a");
  EXPECT_THAT(store().Delete("b", "").value(), ElementsAre("media/ann/a"));
  jobs::NewJob stolen = MakeJob("c", "bob");
  Create(first);
  stolen.job.media.id = first.job.media.id;
  EXPECT_EQ(store().Create(stolen, {}).status().code(), StatusCode::kAlreadyExists);
}

TEST_P(JobStoreTest, ProgressIsSeenAtOnce) {
  Create("a");
  const Claim claim = ClaimOne();
  jobs::JobProgress progress{.stage = "transcribing",
                             .seconds_done = 30,
                             .seconds_total = 61.5,
                             .speed = 12,
                             .segments = 4};
  progress.detected_language = "de";
  ASSERT_TRUE(store().SaveProgress(claim.lease, progress).ok());
  Job job = Get("a");
  EXPECT_EQ(job.progress.stage, "transcribing");
  EXPECT_EQ(job.progress.seconds_done, 30);
  EXPECT_EQ(job.progress.seconds_total, 61.5);
  EXPECT_EQ(job.progress.speed, 12);
  EXPECT_EQ(job.progress.segments, 4);
  EXPECT_EQ(job.detected_language, "de");
  progress.stage = "enriching";
  progress.detected_language = "";
  ASSERT_TRUE(store().SaveProgress(claim.lease, progress).ok());
  job = Get("a");
  EXPECT_EQ(StatusSlug(job), "enriching");
  EXPECT_EQ(job.detected_language, "de") << "empty leaves it";
}

TEST_P(JobStoreTest, EachChangeOfStatusIsInTheHistoryOnce) {
  Create("a");
  const Claim claim = ClaimOne();
  ASSERT_TRUE(store().SaveProgress(claim.lease, {.stage = "transcribing"}).ok());
  ASSERT_TRUE(store().AppendEvents(claim.lease, {{.type = "segment", .data_json = "{}"}}).ok());
  ASSERT_TRUE(store().Succeed(claim.lease, MakeResult("r")).ok());
  EXPECT_THAT(StatusEvents("a"), ElementsAre(R"({"status":"queued","attempt":0,"run":1})",
                                             R"({"status":"processing","attempt":1,"run":1})",
                                             R"({"status":"completed","attempt":1,"run":1})"));
  const Result<std::vector<jobs::JobEvent>> events = store().Events("a", 0, 10);
  for (std::size_t i = 0; i < events.value().size(); ++i) {
    EXPECT_EQ(events.value()[i].seq, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(events.value()[2].type, "segment");
  EXPECT_EQ(events.value()[2].time, clock_.Now());
  EXPECT_THAT(store().Events("a", 2, 1).value(), ::testing::SizeIs(1));
  EXPECT_EQ(store().Events("a", 2, 1).value()[0].seq, 3);
}

TEST_P(JobStoreTest, TheReasonOfARetryIsInTheLog) {
  Create("a");
  ASSERT_TRUE(FailWith(ClaimOne(), /*transient=*/true).ok());
  const Result<std::vector<jobs::JobEvent>> events = store().Events("a", 3, 10);
  ASSERT_EQ(events.value().size(), 1u);
  EXPECT_EQ(events.value()[0].type, "log");
  EXPECT_THAT(events.value()[0].data_json, HasSubstr(R"("code":"CODE","message":"It broke.")"));
}

TEST_P(JobStoreTest, TheFirstWaitingJobOfEachOwnerIsFoundBehindAnyNumber) {
  for (int i = 0; i < 30; ++i) {
    Create("many-" + std::to_string(i), "busy");
  }
  jobs::NewJob urgent = MakeJob("urgent", "busy");
  urgent.job.priority = jobs::Priority::kUrgent;
  Create(urgent);
  Create("single", "quiet");
  const auto first = store().FirstWaiting(10);
  ASSERT_TRUE(first.ok()) << first.status().message();
  std::vector<std::string> ids;
  for (const jobs::Job& job : *first) ids.push_back(job.id);
  EXPECT_THAT(ids, ElementsAre("urgent", "single"));
  EXPECT_EQ(store().FirstWaiting(1)->size(), 1U);
}

TEST_P(JobStoreTest, EventHeadsSayHowFarTheEventsGoAndWhatHasEnded) {
  Create("a");
  const Claim claim = ClaimOne();
  ASSERT_TRUE(store().AppendEvents(claim.lease, {{.type = "log", .data_json = "{}"}}).ok());
  Create("b");
  ASSERT_TRUE(store().RequestCancel("b", "").ok());
  const auto heads = store().EventHeads({"b", "missing", "a", "\"]", "a'; --"});
  ASSERT_TRUE(heads.ok());
  ASSERT_EQ(heads->size(), 2U);
  for (const jobs::EventHead& head : *heads) {
    const auto events = store().Events(head.job_id, 0, 1'000);
    EXPECT_EQ(head.seq, events->back().seq) << head.job_id;
    EXPECT_EQ(head.ended, head.job_id == "b");
  }
  EXPECT_THAT(store().EventHeads({}).value(), IsEmpty());
}

TEST_P(JobStoreTest, OldEventsAreDroppedAndNumbersGoOn) {
  Create("a");
  const Claim claim = ClaimOne();
  const std::vector<jobs::JobEvent> many(jobs::kEventsPerCallMax,
                                         {.type = "progress", .data_json = "{}"});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store().AppendEvents(claim.lease, many).ok());
  const Result<std::vector<jobs::JobEvent>> events = store().Events("a", 0, 20'000);
  ASSERT_EQ(events.value().size(), static_cast<std::size_t>(jobs::kEventsPerJobMax));
  EXPECT_EQ(events.value().front().seq, 3);
  EXPECT_EQ(events.value().back().seq, jobs::kEventsPerJobMax + 2);
}

TEST_P(JobStoreTest, WhatIsTooLargeIsRefused) {
  Create("a");
  const Claim claim = ClaimOne();
  const std::string event(jobs::kEventBytesMax, 'x');
  EXPECT_TRUE(store().AppendEvents(claim.lease, {{.type = "log", .data_json = event}}).ok());
  EXPECT_EQ(store().AppendEvents(claim.lease, {{.type = "log", .data_json = event + "x"}}).code(),
            StatusCode::kInvalidArgument);
  const std::string checkpoint(jobs::kCheckpointBytesMax + 1, 'x');
  EXPECT_EQ(store().SaveCheckpoint(claim.lease, checkpoint, {}).code(),
            StatusCode::kInvalidArgument);
}

TEST_P(JobStoreTest, CountsFollowEveryChange) {
  Create("a", "ann");
  Create("b", "bob");
  Create("c", "bob");
  ASSERT_TRUE(FailWith(ClaimOne(), /*transient=*/false).ok());
  ClaimOne();
  using Pair = std::pair<std::string, std::int64_t>;
  EXPECT_THAT(store().Counts("").value(), ElementsAre(Pair("failed_whisper_error", 1),
                                                      Pair("processing", 1), Pair("queued", 1)));
  EXPECT_THAT(store().Counts("bob").value(), ElementsAre(Pair("processing", 1), Pair("queued", 1)));
  ASSERT_TRUE(store().Delete("a", "").ok());
  EXPECT_THAT(store().Counts("ann").value(), IsEmpty());
}

TEST_P(JobStoreTest, PositionsAreTheOrderOfClaims) {
  for (int i = 0; i < 4; ++i) {
    Create("ann-" + std::to_string(i), "ann");
    clock_.Advance(1);
  }
  for (const std::string owner : {"bob", "cid"}) {
    Create(owner, owner);
    clock_.Advance(1);
  }
  jobs::NewJob urgent = MakeJob("ann-urgent", "ann");
  urgent.job.priority = jobs::Priority::kUrgent;
  Create(urgent);
  ClaimOne();
  std::map<std::int64_t, std::string> expected;
  for (const std::string id : {"ann-0", "ann-1", "ann-2", "ann-3", "bob", "cid"}) {
    const std::int64_t position = store().QueuePosition(id).value();
    EXPECT_TRUE(expected.emplace(position, id).second) << "two at " << position;
  }
  EXPECT_EQ(expected.begin()->first, 0);
  for (const auto& [position, id] : expected) {
    EXPECT_EQ(ClaimOne().job.id, id) << "at position " << position;
  }
}

INSTANTIATE_TEST_SUITE_P(All, JobStoreTest,
                         ::testing::Values(Kind::kSqlite, Kind::kSqliteTinyCache, Kind::kModel),
                         KindName);

}  // namespace
}  // namespace wt::conformance
