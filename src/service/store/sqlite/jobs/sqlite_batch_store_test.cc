#include "service/store/sqlite/jobs/sqlite_batch_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/store/sqlite/jobs/sqlite_job_store.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using jobs::Batch;
using jobs::BatchStatus;
using ::testing::SizeIs;

class BatchTest : public ::testing::Test {
 protected:
  BatchTest()
      : database_(testing::OpenMigrated(testing::OptionsFor(folder_))),
        jobs_(database_.get(), &clock_),
        batches_(database_.get(), &clock_) {}

  jobs::NewBatch Make(const std::string& id, int files, const std::string& owner = "ann") {
    jobs::NewBatch batch;
    batch.batch.id = id;
    batch.batch.owner = owner;
    batch.batch.name = "Interviews";
    for (int i = 0; i < files; ++i) {
      jobs::NewJob job;
      job.job.id = id + "-" + std::to_string(i);
      job.job.media.id = "media-" + job.job.id;
      job.job.media.owner = owner;
      job.job.media.blob_key = "media/" + owner + "/" + job.job.id;
      batch.jobs.push_back(job);
    }
    return batch;
  }
  Result<Batch> Create(const jobs::NewBatch& batch, const jobs::BatchLimits& limits = {}) {
    return batches_.CreateBatch(batch, limits, {});
  }
  std::optional<jobs::Claim> Claim() {
    return std::move(jobs_.ClaimNext({.worker_id = "w"})).value();
  }
  Status Succeed(const jobs::Claim& claim) {
    jobs::NewResult result;
    result.id = "result-" + claim.job.id;
    result.blob_key = "results/" + claim.job.id;
    return jobs_.Succeed(claim.lease, result);
  }
  Status Fail(const jobs::Claim& claim) {
    return jobs_.Fail(claim.lease, jobs::FailureKind::kWhisper, "X", "No.", false, {});
  }
  BatchStatus StatusNow(const std::string& id) {
    return jobs::StatusOf(batches_.GetBatch(id, "").value());
  }

  testing::TemporaryFolder folder_;
  base::ManualClock clock_;
  std::unique_ptr<Database> database_;
  SqliteJobStore jobs_;
  SqliteBatchStore batches_;
};

TEST_F(BatchTest, ABatchIsItsJobs) {
  const Result<Batch> made = Create(Make("b", 3));
  ASSERT_TRUE(made.ok()) << made.status().detail().ForLog();
  EXPECT_EQ(made.value().counts.waiting, 3);
  EXPECT_EQ(made.value().name, "Interviews");
  EXPECT_EQ(StatusNow("b"), BatchStatus::kProcessing);
  EXPECT_EQ(jobs_.Get("b-1", "ann").value().batch_id, "b");
  EXPECT_EQ(batches_.GetBatch("b", "bob").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(batches_.GetBatch("", "ann").status().code(), StatusCode::kNotFound);
}

TEST_F(BatchTest, OneFailureAmongSuccessesIsPartial) {
  ASSERT_TRUE(Create(Make("b", 2)).ok());
  ASSERT_TRUE(Succeed(*Claim()).ok());
  EXPECT_EQ(StatusNow("b"), BatchStatus::kProcessing);
  ASSERT_TRUE(Fail(*Claim()).ok());
  EXPECT_EQ(StatusNow("b"), BatchStatus::kPartial);
}

TEST_F(BatchTest, ABatchRunsSoManyJobsAtOnce) {
  jobs::NewBatch batch = Make("b", 4);
  batch.batch.parallel_max = 2;
  ASSERT_TRUE(Create(batch).ok());
  const std::optional<jobs::Claim> first = Claim();
  ASSERT_TRUE(first && Claim());
  EXPECT_FALSE(Claim());
  ASSERT_TRUE(Create(Make("c", 1, "ann")).ok());
  EXPECT_EQ(Claim()->job.batch_id, "c") << "other jobs of the owner go on";
  ASSERT_TRUE(Succeed(*first).ok());
  EXPECT_EQ(Claim()->job.batch_id, "b");
}

TEST_F(BatchTest, JobsOfABatchThatWaitsAreHeldBack) {
  jobs::NewBatch batch = Make("b", 2);
  batch.start = jobs::BatchStart::kLater;
  ASSERT_TRUE(Create(batch).ok());
  EXPECT_EQ(StatusNow("b"), BatchStatus::kPending);
  EXPECT_FALSE(Claim());
  clock_.Advance(1'000'000);
  EXPECT_THAT(jobs_.Expire(1'000, 10).value(), SizeIs(0)) << "their time has not begun";
  ASSERT_TRUE(batches_.StartBatch("b", "ann").ok());
  EXPECT_TRUE(batches_.StartBatch("b", "ann").ok()) << "twice is fine";
  EXPECT_THAT(jobs_.Expire(1'000, 10).value(), SizeIs(0));
  EXPECT_TRUE(Claim());
}

TEST_F(BatchTest, CancelStopsWhatWaitsAndFlagsWhatRuns) {
  ASSERT_TRUE(Create(Make("b", 3)).ok());
  const std::optional<jobs::Claim> running = Claim();
  ASSERT_TRUE(batches_.CancelBatch("b", "ann").ok());
  EXPECT_EQ(StatusNow("b"), BatchStatus::kCancelled);
  EXPECT_FALSE(Claim()) << "none runs later";
  EXPECT_TRUE(jobs_.Renew(running->lease, 1'000).value().cancel_requested);
  EXPECT_EQ(batches_.CancelBatch("b", "ann").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(batches_.StartBatch("b", "ann").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(BatchTest, DeletingABatchDeletesItsJobs) {
  ASSERT_TRUE(Create(Make("b", 2)).ok());
  const std::optional<jobs::Claim> running = Claim();
  EXPECT_EQ(batches_.DeleteBatch("b", "ann").status().code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(jobs_.FinishCancelled(running->lease).ok());
  EXPECT_THAT(batches_.DeleteBatch("b", "ann").value(), SizeIs(2));
  EXPECT_EQ(batches_.GetBatch("b", "").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(jobs_.Get("b-0", "").status().code(), StatusCode::kNotFound);
}

TEST_F(BatchTest, LimitsHoldAtTheirEdges) {
  EXPECT_EQ(Create(Make("b", 0)).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Create(Make("b", 51)).status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(Create(Make("b", 50)).ok());
  jobs::NewBatch wide = Make("c", 1);
  wide.batch.parallel_max = 11;
  EXPECT_EQ(Create(wide).status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(Create(Make("c", 1), {.active_per_owner_max = 2}).ok());
  EXPECT_EQ(Create(Make("d", 1), {.active_per_owner_max = 2}).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_TRUE(Create(Make("d", 1, "bob"), {.active_per_owner_max = 1}).ok());
}

TEST_F(BatchTest, ABatchThatDoesNotFitIsNotHalfThere) {
  EXPECT_EQ(batches_.CreateBatch(Make("b", 3), {}, {.queue_depth_max = 2}).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(batches_.GetBatch("b", "").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(jobs_.Get("b-0", "").status().code(), StatusCode::kNotFound);
}

// Goal: the SQL that filters by status is the rule of StatusOf.
TEST_F(BatchTest, ListsFilterByTheSameRuleAsStatusOf) {
  for (int i = 0; i < 9; ++i) {
    const std::string id = "b" + std::to_string(i);
    jobs::NewBatch batch = Make(id, 2);
    batch.batch.counts.rejected = i % 3 == 2 ? 1 : 0;
    if (i == 8) batch.start = jobs::BatchStart::kLater;
    ASSERT_TRUE(Create(batch).ok());
    if (i == 7 || i == 8) continue;
    for (int j = 0; j < 2; ++j) {
      const std::optional<jobs::Claim> claim = Claim();
      ASSERT_EQ(claim->job.batch_id, id);
      const int outcome = (i + j * (i / 2)) % 3;
      ASSERT_TRUE((outcome == 0   ? Succeed(*claim)
                   : outcome == 1 ? Fail(*claim)
                                  : jobs_.FinishCancelled(claim->lease))
                      .ok());
    }
    clock_.Advance(1);
  }
  std::int64_t found = 0;
  for (int i = 0; i < 6; ++i) {
    jobs::BatchFilter filter;
    filter.status = static_cast<BatchStatus>(i);
    const Result<jobs::BatchPage> page = batches_.ListBatches(filter);
    ASSERT_TRUE(page.ok()) << page.status().detail().ForLog();
    for (const Batch& batch : page.value().batches) EXPECT_EQ(StatusOf(batch), *filter.status);
    EXPECT_EQ(page.value().total, static_cast<std::int64_t>(page.value().batches.size()));
    found += page.value().total;
  }
  EXPECT_EQ(found, 9);
  const Result<jobs::BatchPage> second =
      batches_.ListBatches({.owner = "ann", .limit = 4, .offset = 4});
  EXPECT_THAT(second.value().batches, SizeIs(4));
  EXPECT_EQ(second.value().total, 9) << "not the length of the page";
  EXPECT_EQ(batches_.Stats("ann").value().batches, 9);
  EXPECT_EQ(batches_.Stats("ann").value().active, 2);
  EXPECT_EQ(batches_.Stats("bob").value().batches, 0);
}

}  // namespace
}  // namespace wt::store
