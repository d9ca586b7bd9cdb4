// Goal: what was acknowledged survives the death of the process, and nothing is half there (T1).
// Method: a process under load is killed at named points and at random moments, again and again
// over the same database; after each kill the invariants are checked by reading it. A kill leaves
// the page cache intact: this test says nothing about power cuts.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <set>

#include "base/random.h"
#include "platform/system_clock.h"
#include "tests/conformance/crash_worker.h"
#include "tests/conformance/job_stores.h"

namespace wt::conformance {
namespace {

constexpr int kRandomKills = 40;

class CrashTest : public ::testing::Test {
 protected:
  std::string path() const { return folder_.File("crash.db"); }
  std::string acknowledged() const { return folder_.File("acknowledged"); }

  /// Starts the load, lets it end itself or kills it after `after_ms`, and checks what is left.
  void KillOnce(std::uint64_t seed, CrashPoint point, int nth, int after_ms) {
    SCOPED_TRACE(fmt::format("seed {} point {} nth {}", seed, static_cast<int>(point), nth));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) RunUntilKilled(path(), acknowledged(), seed, point, nth);
    if (point == CrashPoint::kNever) {
      const timespec wait{.tv_sec = 0, .tv_nsec = after_ms * 1'000'000L};
      ::nanosleep(&wait, nullptr);
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "ended by itself with " << WEXITSTATUS(status);
    Check();
  }

  std::set<std::string> Acknowledged() {
    std::set<std::string> ids;
    std::ifstream file(acknowledged());
    for (std::string line; std::getline(file, line);) {
      if (!file.eof()) ids.insert(line);  // A last line without its end was not written.
    }
    return ids;
  }

  static std::int64_t Number(store::Connection& connection, const std::string& sql) {
    Result<store::Statement> row = connection.Query(sql);
    EXPECT_TRUE(row.ok()) << row.status().detail().ForLog();
    EXPECT_TRUE(row->Step().ok());
    return row->Int(0);
  }

  void Check() {
    const auto database = store::testing::OpenMigrated(Options());
    EXPECT_TRUE(database->CheckIntegrity().ok());
    platform::SystemClock clock;
    store::SqliteJobStore jobs(database.get(), &clock);
    // I1: every acknowledged job is there, whole.
    for (const std::string& id : Acknowledged()) {
      const Result<jobs::Job> job = jobs.Get(id, "ann");
      ASSERT_TRUE(job.ok()) << id << " was acknowledged and is gone";
      EXPECT_EQ(job.value().options_json, MakeJob(id).job.options_json) << "half a write";
    }
    Result<store::Transaction> tx = database->BeginRead();
    ASSERT_TRUE(tx.ok());
    // I2, I3: one terminal event for each run that ended, one result for each that succeeded.
    EXPECT_EQ(Number(**tx,
                     "SELECT count(*) FROM (SELECT job_id FROM job_events WHERE type ="
                     " 'status' AND data_json LIKE '%completed%' GROUP BY job_id, data_json"
                     " HAVING count(*) > 1)"),
              0);
    EXPECT_EQ(Number(**tx,
                     "SELECT (SELECT count(*) FROM results) - (SELECT count(*) FROM"
                     " job_events WHERE type = 'status' AND data_json LIKE '%completed%')"),
              0);
    EXPECT_EQ(Number(**tx,
                     "SELECT count(*) FROM jobs WHERE (state = 'succeeded') <>"
                     " (result_ref IS NOT NULL)"),
              0);
    // I4: no recording without a job, no row of a job that is gone.
    EXPECT_EQ(Number(**tx,
                     "SELECT count(*) FROM media WHERE id NOT IN"
                     " (SELECT media_id FROM jobs)"),
              0);
    // I7: counters are the sums.
    EXPECT_EQ(Number(**tx,
                     "SELECT (SELECT sum(jobs) FROM job_counts) - (SELECT count(*) FROM"
                     " jobs)"),
              0);
    EXPECT_EQ(Number(**tx,
                     "SELECT (SELECT sum(bytes) FROM job_owners) - (SELECT sum(bytes) FROM"
                     " media) - (SELECT coalesce(sum(bytes), 0) FROM results)"),
              0);
  }

  store::DatabaseOptions Options() const {
    store::DatabaseOptions options;
    options.path = path();
    return options;
  }

  store::testing::TemporaryFolder folder_;
};

TEST_F(CrashTest, NamedPointsLoseNothing) {
  std::uint64_t seed = 1;
  for (int point = 1; point < static_cast<int>(CrashPoint::kCount); ++point) {
    for (const int nth : {1, 2, 7}) {
      KillOnce(seed++, static_cast<CrashPoint>(point), nth, 0);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(Acknowledged().size(), 20u) << "the load did not run";
}

TEST_F(CrashTest, RandomMomentsLoseNothing) {
  base::Random random(17);
  for (int i = 0; i < kRandomKills; ++i) {
    KillOnce(1'000 + static_cast<std::uint64_t>(i), CrashPoint::kNever, 0,
             static_cast<int>(random.Below(60)));
    if (HasFatalFailure()) return;
  }
}

TEST_F(CrashTest, AfterTheKillsEveryJobEnds) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    KillOnce(seed, CrashPoint::kAfterCheckpoint, 3, 0);
  }
  const auto database = store::testing::OpenMigrated(Options());
  platform::SystemClock system;
  base::ManualClock clock(system.Now(), system.boot_id());
  clock.Advance(system.Boot() + 3'600'000);
  store::SqliteJobStore jobs(database.get(), &clock);
  ASSERT_TRUE(jobs.Rescue({}, 1'000).ok());
  clock.Advance(3'600'000);
  while (true) {
    const Result<std::optional<jobs::Claim>> claim = jobs.ClaimNext({.worker_id = "after"});
    ASSERT_TRUE(claim.ok());
    if (!claim.value()) break;
    ASSERT_TRUE(jobs.Succeed(claim.value()->lease, MakeResult(claim.value()->lease.token)).ok());
  }
  jobs::JobFilter unfinished;
  unfinished.statuses = {"queued", "processing"};
  EXPECT_EQ(jobs.List(unfinished).value().total, 0);
}

}  // namespace
}  // namespace wt::conformance
