// What the schema promises by itself: constraints, counters, query plans; and the small ports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "service/store/sqlite/jobs/job_rows.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"
#include "service/store/sqlite/jobs/sqlite_job_support.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

jobs::NewJob MakeJob(const std::string& id, const std::string& owner = "ann") {
  jobs::NewJob job;
  job.job.id = id;
  job.job.owner = owner;
  job.job.media.id = "media-" + id;
  job.job.media.owner = owner;
  job.job.media.blob_key = "media/" + id;
  job.job.media.bytes = 1'000;
  job.job.media.duration_s = 60;
  return job;
}

jobs::NewResult MakeResult(const std::string& id) {
  jobs::NewResult result;
  result.id = id;
  result.blob_key = "results/" + id;
  result.bytes = 10;
  result.duration_s = 60;
  return result;
}

class JobSchemaTest : public ::testing::Test {
 protected:
  JobSchemaTest()
      : database_(testing::OpenMigrated(testing::OptionsFor(folder_))),
        jobs_(database_.get(), &clock_),
        usage_(database_.get()),
        blobs_(database_.get()) {}

  void Create(const std::string& id, const std::string& owner = "ann") {
    const Result<jobs::Created> created = jobs_.Create(MakeJob(id, owner), {});
    ASSERT_TRUE(created.ok()) << created.status().detail().ForLog();
  }
  jobs::Claim Claim() {
    return std::move(jobs_.ClaimNext({.worker_id = "w"})).value().value_or(jobs::Claim{});
  }
  Status Update(const std::string& assignments) {
    Result<Transaction> tx = database_->BeginWrite();
    if (!tx.ok()) return tx.status();
    return (*tx)->Execute("UPDATE jobs SET " + assignments + " WHERE id = 'a'").status();
  }
  std::string Plan(const std::string& sql) {
    Result<Transaction> tx = database_->BeginRead();
    Result<Statement> rows = (*tx)->Query("EXPLAIN QUERY PLAN " + sql);
    EXPECT_TRUE(rows.ok()) << rows.status().detail().ForLog();
    std::string plan;
    while (*rows->Step()) plan += rows->Text(3) + "\n";
    return plan;
  }

  testing::TemporaryFolder folder_;
  base::ManualClock clock_;
  std::unique_ptr<Database> database_;
  SqliteJobStore jobs_;
  SqliteUsageStore usage_;
  SqliteBlobReferences blobs_;
};

// What a job has to keep (DB-08), here and in its recording's row.
TEST_F(JobSchemaTest, AJobKeepsWhatFeaturesNeed) {
  Create("a");
  Result<Transaction> tx = database_->BeginRead();
  ASSERT_TRUE(tx.ok());
  const auto has = [&](const char* table, const std::string& column, bool not_null) {
    Result<Statement> rows = (*tx)->Query(
        "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE name = ?2 AND \"notnull\" >= ?3",
        {std::string(table), column, std::int64_t{not_null ? 1 : 0}});
    return rows.ok() && *rows->Step() && rows->Int(0) == 1;
  };
  for (const char* column :
       {"owner", "language", "error_message", "error_code", "seconds_done", "seconds_total",
        "attempt", "attempts_max", "media_id", "status", "created_at", "updated_at"}) {
    EXPECT_TRUE(has("jobs", column, true)) << column;
  }
  for (const char* column : {"batch_id", "lease_owner", "lease_token", "lease_until"}) {
    EXPECT_TRUE(has("jobs", column, false)) << column;
  }
  for (const char* column : {"bytes", "sha256"}) EXPECT_TRUE(has("media", column, true)) << column;
  EXPECT_TRUE(has("media", "duration_s", false));
}

TEST_F(JobSchemaTest, StatesThatMakeNoSenseCannotBeStored) {
  Create("a");
  for (const char* const broken :
       {"state = 'done'", "state = 'succeeded', finished_at = 1", "state = 'failed'",
        "finished_at = 1", "state = 'running', attempt = 1", "lease_token = 'x'", "attempt = 4",
        "result_ref = 'none'", "failure = 'Timeout'", "priority = 'URGENT'", "stage = 'thinking'",
        "dead_letter = 1", "failure = 'timeout'"}) {
    EXPECT_EQ(Update(broken).code(), StatusCode::kInternal) << broken;
  }
  EXPECT_TRUE(Update("priority = 'urgent'").ok());
}

TEST_F(JobSchemaTest, ATerminalStateIsFinalEvenForSql) {
  Create("a");
  ASSERT_TRUE(jobs_.RequestCancel("a", "").ok());
  EXPECT_FALSE(Update("state = 'failed'").ok());
  EXPECT_FALSE(Update("state = 'queued', finished_at = NULL").ok());
  EXPECT_TRUE(Update("state = 'queued', finished_at = NULL, run = run + 1").ok());
}

TEST_F(JobSchemaTest, UsageIsTheSumOfWhatIsStored) {
  Create("a");
  Create("b");
  Create("c", "bob");
  ASSERT_TRUE(jobs_.Succeed(Claim().lease, MakeResult("r")).ok());
  jobs::OwnerUsage usage = usage_.Usage("ann").value();
  EXPECT_EQ(usage.bytes, 2'010);
  EXPECT_EQ(usage.jobs, 2);
  EXPECT_EQ(usage.active_jobs, 1);
  EXPECT_EQ(usage.audio_seconds, 60);
  ASSERT_TRUE(jobs_.Delete("a", "").ok());
  usage = usage_.Usage("ann").value();
  EXPECT_EQ(usage.bytes, 1'000);
  EXPECT_EQ(usage.jobs, 1);
  EXPECT_EQ(usage.jobs_created, 2) << "deleting gives nothing back";
  EXPECT_EQ(usage.audio_seconds, 60);
  EXPECT_EQ(usage_.Usage("nobody").value().jobs, 0);
}

TEST_F(JobSchemaTest, DeletedJobsLeaveTombstonesForTheirBlobs) {
  Create("a");
  ASSERT_TRUE(jobs_.Succeed(Claim().lease, MakeResult("r")).ok());
  EXPECT_THAT(blobs_.ReferencedBlobs("", 10).value(), ElementsAre("media/a", "results/r"));
  EXPECT_THAT(blobs_.ReferencedBlobs("media/a", 10).value(), ElementsAre("results/r"));
  EXPECT_TRUE(blobs_.IsReferenced("results/r").value());
  ASSERT_TRUE(jobs_.Delete("a", "").ok());
  EXPECT_FALSE(blobs_.IsReferenced("results/r").value());
  EXPECT_THAT(blobs_.Tombstones(10).value(), ElementsAre("media/a", "results/r"));
  ASSERT_TRUE(blobs_.Bury({"media/a", "results/r"}).ok());
  EXPECT_THAT(blobs_.Tombstones(10).value(), ElementsAre());
}

TEST_F(JobSchemaTest, AnOutlookHasThePositionAndTheMeasuredSpeed) {
  Create("a");
  const jobs::Claim claim = Claim();
  clock_.Advance(6'000);
  ASSERT_TRUE(jobs_.Succeed(claim.lease, MakeResult("r")).ok());
  for (const char* const id : {"b", "c", "d"}) Create(id);
  Claim();
  const jobs::QueueOutlook outlook = usage_.Outlook("d").value();
  EXPECT_EQ(outlook.position, 1);
  EXPECT_EQ(outlook.running, 1);
  EXPECT_EQ(outlook.speed, 10) << "a minute in six seconds";
  EXPECT_EQ(outlook.audio_ahead_s, 120);
}

// DB-09: the statements that run all the time use an index, whatever the table's size.
TEST_F(JobSchemaTest, FrequentQueriesUseTheirIndexes) {
  const std::string select(SelectJob());
  const std::string by_owner =
      Plan(select + " WHERE j.owner = ?1 ORDER BY j.created_at DESC, j.id DESC LIMIT 50");
  EXPECT_THAT(by_owner, HasSubstr("jobs_by_owner_created"));
  EXPECT_THAT(by_owner, Not(HasSubstr("TEMP B-TREE")));
  const std::string by_status = Plan(
      select + " WHERE j.owner = ?1 AND j.status IN (?2) ORDER BY j.created_at DESC, j.id DESC");
  EXPECT_THAT(by_status, HasSubstr("jobs_by_owner_status"));
  EXPECT_THAT(by_status, Not(HasSubstr("TEMP B-TREE")));
  EXPECT_THAT(Plan(select + " WHERE j.owner = ?1 ORDER BY j.updated_at DESC, j.id DESC"),
              HasSubstr("jobs_by_owner_updated"));
  EXPECT_THAT(Plan(select + " WHERE j.owner = ?1 AND j.model = ?2 ORDER BY j.created_at DESC,"
                            " j.id DESC"),
              HasSubstr("jobs_by_owner_model"));
  EXPECT_THAT(Plan(select + " ORDER BY j.created_at DESC, j.id DESC"),
              HasSubstr("jobs_by_created"));
  EXPECT_THAT(Plan("SELECT j.id FROM jobs j WHERE j.owner = ?1 AND j.state = 'queued'"
                   " AND j.held = 0 ORDER BY j.claim_rank, j.id LIMIT 1"),
              HasSubstr("jobs_queued"));
  EXPECT_THAT(Plan("SELECT id FROM jobs WHERE state = 'running' AND ((lease_boot_id = ?1 AND"
                   " lease_until < ?2) OR lease_boot_id < ?1 OR lease_boot_id > ?1)"),
              HasSubstr("jobs_running"));
  EXPECT_THAT(Plan("SELECT 1 FROM jobs WHERE state = 'retry_wait' AND ((due_boot_id = ?1 AND"
                   " due_boot_ms <= ?2) OR due_boot_id < ?1 OR due_boot_id > ?1)"),
              HasSubstr("jobs_waiting"));
  EXPECT_THAT(Plan("SELECT count(*) FROM jobs r WHERE r.batch_id = 'x' AND r.status IN"
                   " ('processing', 'enriching')"),
              HasSubstr("jobs_by_batch"));
}

TEST_F(JobSchemaTest, WorkersAreStaleWithoutABeatWhateverTheWallClock) {
  SqliteWorkerRegistry workers(database_.get(), &clock_);
  ASSERT_TRUE(workers
                  .Beat({.worker_id = "w1",
                         .host = "h",
                         .process_id = 7,
                         .slots = 2,
                         .job_ids = {"a"},
                         .models = {"base"}})
                  .ok());
  clock_.StepWall(86'400'000);
  clock_.Advance(20'000);
  const std::vector<jobs::WorkerState> fresh = workers.Workers(30'000).value();
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_FALSE(fresh[0].stale);
  EXPECT_EQ(fresh[0].age_ms, 20'000);
  EXPECT_THAT(fresh[0].beat.job_ids, ElementsAre("a"));
  EXPECT_THAT(fresh[0].beat.models, ElementsAre("base"));
  clock_.Advance(10'000);
  EXPECT_TRUE(workers.Workers(30'000).value()[0].stale);
  base::ManualClock rebooted(clock_.Now(), "boot-2");
  SqliteWorkerRegistry after(database_.get(), &rebooted);
  EXPECT_TRUE(after.Workers(1'000'000'000).value()[0].stale);
  ASSERT_TRUE(workers.Leave("w1").ok());
  EXPECT_TRUE(workers.Workers(1).value().empty());
}

TEST_F(JobSchemaTest, SettingsAreKeptAndChecked) {
  SqliteRuntimeSettings settings(database_.get(), &clock_);
  EXPECT_EQ(settings.GetSetting("max_concurrent_jobs").value(), std::nullopt);
  ASSERT_TRUE(settings.SetSetting("max_concurrent_jobs", "3", "admin").ok());
  ASSERT_TRUE(settings.SetSetting("max_concurrent_jobs", "1", "admin").ok());
  EXPECT_EQ(settings.GetSetting("max_concurrent_jobs").value(), "1");
  ASSERT_TRUE(settings.ClearSetting("max_concurrent_jobs").ok());
  EXPECT_EQ(settings.GetSetting("max_concurrent_jobs").value(), std::nullopt);
  for (const std::string& name : {std::string(), std::string("A"), std::string(65, 'a')}) {
    EXPECT_EQ(settings.SetSetting(name, "1", "").code(), StatusCode::kInvalidArgument);
  }
}

// Another boot's clock starts anew: its leases and waits count as over (decision 13).
TEST_F(JobSchemaTest, AfterARebootLeasesAndWaitsAreOver) {
  Create("running");
  Create("waiting", "bob");
  const jobs::Claim running = Claim();
  ASSERT_TRUE(
      jobs_.Fail(Claim().lease, jobs::FailureKind::kUnknown, "", "", /*transient=*/true, {}).ok());
  base::ManualClock rebooted(clock_.Now(), "boot-2");
  SqliteJobStore after(database_.get(), &rebooted);
  EXPECT_EQ(after.NextDueIn().value(), 0);
  EXPECT_EQ(after.ClaimNext({.worker_id = "w"}).value()->job.id, "waiting");
  EXPECT_THAT(after.Rescue({}, 10).value(), ElementsAre("running"));
  EXPECT_EQ(after.Renew(running.lease, 1'000).status().code(), StatusCode::kAborted);
}

// DB-10: many threads on one store, and a second process (its own Database) on the same file.
TEST_F(JobSchemaTest, ParallelClaimsNeverGiveAJobTwice) {
  constexpr int kJobs = 60;
  for (int i = 0; i < kJobs; ++i) Create("job-" + std::to_string(i));
  const auto second = std::move(Database::Open(testing::OptionsFor(folder_))).value();
  SqliteJobStore other(second.get(), &clock_);
  std::mutex mutex;
  std::vector<std::string> done;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      SqliteJobStore& store = i % 2 == 0 ? jobs_ : other;
      while (true) {
        Result<std::optional<jobs::Claim>> claim = store.ClaimNext({.worker_id = "w"});
        ASSERT_TRUE(claim.ok()) << claim.status().detail().ForLog();
        if (!claim.value()) return;
        const std::string id = claim.value()->job.id;
        ASSERT_TRUE(store.Succeed(claim.value()->lease, MakeResult("r" + id)).ok());
        const std::lock_guard lock(mutex);
        done.push_back(id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::ranges::sort(done);
  EXPECT_EQ(done.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(std::ranges::unique(done).size(), 0u);
}

// T4: the disk is full. A file size limit gives short writes first, as a full disk does.
TEST_F(JobSchemaTest, AFullDiskRefusesAndHealsWithoutRestart) {
  Create("before");
  ASSERT_TRUE(database_->Checkpoint().ok());
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  struct sigaction ignore{};
  struct sigaction old_action{};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGXFSZ, &ignore, &old_action), 0);
  const rlimit tight{.rlim_cur = 100'000, .rlim_max = old_limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  std::vector<std::string> accepted;
  Status refused;
  for (int i = 0; i < 200 && refused.ok(); ++i) {
    const std::string id = "job-" + std::to_string(i);
    refused = jobs_.Create(MakeJob(id), {}).status();
    if (refused.ok()) accepted.push_back(id);
  }
  const Result<jobs::Job> readable = jobs_.Get("before", "ann");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  ASSERT_EQ(::sigaction(SIGXFSZ, &old_action, nullptr), 0);
  EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted) << refused.detail().ForLog();
  EXPECT_TRUE(readable.ok()) << "reading goes on";
  Create("after");
  for (const std::string& id : accepted) EXPECT_TRUE(jobs_.Get(id, "").ok()) << id;
  EXPECT_EQ(usage_.Usage("ann").value().jobs, static_cast<std::int64_t>(accepted.size()) + 2);
  EXPECT_TRUE(database_->CheckIntegrity().ok());
}

}  // namespace
}  // namespace wt::store
