#include "service/store/sqlite/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using ::testing::HasSubstr;
using testing::OptionsFor;
using testing::TemporaryFolder;

const std::vector<Migration> kTwo = {
    {.number = 1, .name = "one", .up = "CREATE TABLE a (x INTEGER) STRICT", .down = "DROP TABLE a"},
    {.number = 2,
     .name = "two",
     .up = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b VALUES (7)",
     .down = "DROP TABLE b"},
};

/// Every object of the schema but the bookkeeping.
std::set<std::string> Schema(Database& database) {
  std::set<std::string> objects;
  Result<Transaction> tx = database.BeginRead();
  EXPECT_TRUE(tx.ok());
  Result<Statement> rows = (*tx)->Query(
      "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema"
      " WHERE name NOT LIKE '%schema_migrations%'");
  EXPECT_TRUE(rows.ok());
  while (*rows->Step()) objects.insert(rows->Text(0));
  return objects;
}

class MigrationsTest : public ::testing::Test {
 protected:
  MigrationsTest() : database_(std::move(Database::Open(OptionsFor(folder_))).value()) {}

  Result<int> Up(std::span<const Migration> migrations, std::optional<int> target = std::nullopt) {
    return MigrateUp(*database_, migrations, clock_, target);
  }

  TemporaryFolder folder_;
  base::ManualClock clock_;
  std::unique_ptr<Database> database_;
};

TEST_F(MigrationsTest, UpRunsWhatIsMissingOnce) {
  Result<int> first = Up(kTwo, 1);
  ASSERT_TRUE(first.ok()) << first.status().detail().ForLog();
  EXPECT_EQ(*first, 1);
  EXPECT_EQ(CheckSchema(*database_, kTwo).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(*Up(kTwo), 1);
  EXPECT_EQ(*Up(kTwo), 0);
  EXPECT_TRUE(CheckSchema(*database_, kTwo).ok());
  Result<std::vector<MigrationState>> states = MigrationStatus(*database_, kTwo);
  ASSERT_EQ(states->size(), 2u);
  EXPECT_EQ((*states)[1].name, "two");
  EXPECT_EQ((*states)[1].applied_at, clock_.Now());
}

TEST_F(MigrationsTest, DownUndoesTheNewestFirst) {
  ASSERT_TRUE(Up(kTwo).ok());
  EXPECT_EQ(*MigrateDown(*database_, kTwo, 1), 1);
  EXPECT_EQ(Schema(*database_).size(), 1u);
  EXPECT_EQ((*MigrationStatus(*database_, kTwo))[1].applied_at, std::nullopt);
  EXPECT_EQ(*MigrateDown(*database_, kTwo, 0), 1);
  EXPECT_TRUE(Schema(*database_).empty());
}

TEST_F(MigrationsTest, AStepThatFailsLeavesNothingBehind) {
  std::vector<Migration> broken = kTwo;
  broken[1].up = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO missing VALUES (1)";
  const Status status = Up(broken).status();
  EXPECT_THAT(status.message(), HasSubstr("schema step 2 (two)"));
  EXPECT_EQ(Schema(*database_).size(), 1u) << "step 1 stays, step 2 is not half there";
  EXPECT_EQ((*MigrationStatus(*database_, kTwo))[1].applied_at, std::nullopt);
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedInOneLine) {
  ASSERT_TRUE(Up(kTwo).ok());
  const std::span<const Migration> older(kTwo.data(), 1);
  for (const Status& status : {Up(older).status(), MigrateDown(*database_, older, 0).status(),
                               CheckSchema(*database_, older)}) {
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(status.message(), HasSubstr("newer version (schema 2, this program knows 1)"));
    EXPECT_THAT(status.message(), ::testing::Not(HasSubstr("\n")));
  }
}

TEST_F(MigrationsTest, AChangedStepIsRefused) {
  ASSERT_TRUE(Up(kTwo).ok());
  std::vector<Migration> changed = kTwo;
  changed[0].up = "CREATE TABLE a (x INTEGER, y INTEGER) STRICT";
  EXPECT_THAT(Up(changed).status().message(), HasSubstr("Step 1"));
  changed = kTwo;
  changed[0].down = "";
  EXPECT_FALSE(CheckSchema(*database_, changed).ok());
}

TEST_F(MigrationsTest, AStepThatAppearsBelowAppliedOnesIsRefused) {
  ASSERT_TRUE(Up(std::span(kTwo).subspan(1)).ok());
  EXPECT_EQ(Up(kTwo).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(MigrationsTest, TwoProcessesMayMigrateAtOnce) {
  std::atomic<int> steps{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Result<std::unique_ptr<Database>> own = Database::Open(OptionsFor(folder_));
      const Result<int> ran = own.ok() ? MigrateUp(**own, kTwo, clock_) : Result<int>(own.status());
      steps += ran.ok() ? *ran : 1'000;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(steps, 2);
}

TEST_F(MigrationsTest, TheProgramsStepsGoUpDownAndUpAgain) {
  const std::span<const Migration> all = EmbeddedMigrations();
  ASSERT_TRUE(Up(all).ok()) << Up(all).status().detail().ForLog();
  EXPECT_TRUE(database_->CheckIntegrity().ok());
  const std::set<std::string> schema = Schema(*database_);
  for (std::size_t kept = all.size(); kept > 0; --kept) {
    const int target = kept == 1 ? 0 : all[kept - 2].number;
    const std::set<std::string> before = [&] {
      TemporaryFolder other;
      const auto fresh = std::move(Database::Open(OptionsFor(other))).value();
      EXPECT_TRUE(MigrateUp(*fresh, all, clock_, target).ok());
      return Schema(*fresh);
    }();
    ASSERT_TRUE(MigrateDown(*database_, all, target).ok());
    EXPECT_EQ(Schema(*database_), before) << "the way back of step " << all[kept - 1].number;
  }
  ASSERT_TRUE(Up(all).ok());
  EXPECT_EQ(Schema(*database_), schema);
}

}  // namespace
}  // namespace wt::store
