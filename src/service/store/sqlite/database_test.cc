#include "service/store/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "service/store/sqlite/sqlite_status.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::OptionsFor;
using testing::TemporaryFolder;

std::unique_ptr<Database> Open(DatabaseOptions options) {
  Result<std::unique_ptr<Database>> database = Database::Open(std::move(options));
  EXPECT_TRUE(database.ok()) << database.status().message() << database.status().detail().ForLog();
  return database.ok() ? std::move(database).value() : nullptr;
}

Status RunWrite(Database& database, const std::string& script) {
  Result<Transaction> tx = database.BeginWrite();
  if (!tx.ok()) return tx.status();
  if (Status status = (*tx)->RunScript(script); !status.ok()) return status;
  return tx->Commit();
}

std::int64_t ReadNumber(Connection& connection, const std::string& sql) {
  Result<Statement> row = connection.Query(sql);
  EXPECT_TRUE(row.ok()) << row.status().detail().ForLog();
  Result<bool> found = row->Step();
  EXPECT_TRUE(found.ok() && *found);
  return row->Int(0);
}

std::int64_t Number(Database& database, const std::string& sql) {
  Result<Transaction> tx = database.BeginRead();
  EXPECT_TRUE(tx.ok());
  return ReadNumber(**tx, sql);
}

// Counts without end: for time limits and interruption.
constexpr const char* kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() : database_(Open(OptionsFor(folder_))) {
    EXPECT_TRUE(RunWrite(*database_,
                         "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER, x REAL,"
                         " b BLOB) STRICT")
                    .ok());
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, EveryConnectionIsDurableAndChecksForeignKeys) {
  Result<Transaction> write = database_->BeginWrite();
  Result<Transaction> read = database_->BeginRead();
  ASSERT_TRUE(write.ok() && read.ok());
  for (Transaction* const tx : {&*write, &*read}) {
    EXPECT_EQ(ReadNumber(**tx, "PRAGMA synchronous"), 2) << "FULL";
    EXPECT_EQ(ReadNumber(**tx, "PRAGMA foreign_keys"), 1);
    EXPECT_EQ(ReadNumber(**tx, "PRAGMA secure_delete"), 1);
    EXPECT_EQ(ReadNumber(**tx, "PRAGMA trusted_schema"), 0);
    Result<Statement> mode = (*tx)->Query("PRAGMA journal_mode");
    ASSERT_TRUE(mode.ok() && mode->Step().ok());
    EXPECT_EQ(mode->Text(0), "wal");
  }
}

TEST_F(DatabaseTest, OnlyTheOwnerMayReadTheFiles) {
  ASSERT_TRUE(RunWrite(*database_, "INSERT INTO t (id) VALUES ('a')").ok());
  for (const char* const name : {"test.db", "test.db-wal", "test.db-shm"}) {
    struct stat info{};
    ASSERT_EQ(::stat(folder_.File(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(DatabaseTest, ValuesComeBackAsTheyWere) {
  const std::string bytes("\0\x01\xFF", 3);
  const std::optional<double> none;
  {
    Result<Transaction> tx = database_->BeginWrite();
    ASSERT_TRUE(tx.ok());
    const Result<std::int64_t> changed = (*tx)->Execute(
        "INSERT INTO t (id, n, x, b) VALUES (?1, ?2, ?3, ?4), ('', 1, ?5, ?6)",
        {"it's", std::int64_t{1} << 60, 0.25, std::as_bytes(std::span(bytes)), none, std::nullopt});
    ASSERT_TRUE(changed.ok()) << changed.status().detail().ForLog();
    EXPECT_EQ(*changed, 2);
    ASSERT_TRUE(tx->Commit().ok());
  }
  Result<Transaction> tx = database_->BeginRead();
  Result<Statement> rows = (*tx)->Query("SELECT id, n, x, b FROM t ORDER BY id DESC");
  ASSERT_TRUE(rows.ok());
  ASSERT_TRUE(*rows->Step());
  EXPECT_EQ(rows->Text(0), "it's");
  EXPECT_EQ(rows->Int(1), std::int64_t{1} << 60);
  EXPECT_EQ(rows->OptionalReal(2), 0.25);
  EXPECT_EQ(rows->Text(3), bytes);
  ASSERT_TRUE(*rows->Step());
  EXPECT_EQ(rows->Text(0), "") << "an empty text is not NULL";
  EXPECT_FALSE(rows->IsNull(0));
  EXPECT_EQ(rows->OptionalReal(2), std::nullopt);
  EXPECT_TRUE(rows->IsNull(3));
  EXPECT_FALSE(*rows->Step());
}

TEST_F(DatabaseTest, WithoutCommitNothingHappened) {
  {
    Result<Transaction> tx = database_->BeginWrite();
    ASSERT_TRUE((*tx)->Execute("INSERT INTO t (id) VALUES ('a')").ok());
  }
  EXPECT_EQ(Number(*database_, "SELECT count(*) FROM t"), 0);
}

TEST_F(DatabaseTest, AReaderSeesTheCommitFromBeforeItBegan) {
  Result<Transaction> reader = database_->BeginRead();
  EXPECT_EQ(ReadNumber(**reader, "SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(RunWrite(*database_, "INSERT INTO t (id) VALUES ('a')").ok());
  EXPECT_EQ(ReadNumber(**reader, "SELECT count(*) FROM t"), 0);
  EXPECT_EQ(Number(*database_, "SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  Result<Transaction> tx = database_->BeginRead();
  EXPECT_FALSE((*tx)->Execute("INSERT INTO t (id) VALUES ('a')").ok());
}

TEST_F(DatabaseTest, AStatementInsideItsOwnLoopIsAnotherOne) {
  ASSERT_TRUE(RunWrite(*database_, "INSERT INTO t (id) VALUES ('a'), ('b')").ok());
  Result<Transaction> tx = database_->BeginRead();
  const char* const sql = "SELECT id FROM t ORDER BY id";
  Result<Statement> outer = (*tx)->Query(sql);
  ASSERT_TRUE(*outer->Step());
  {
    Result<Statement> inner = (*tx)->Query(sql);
    ASSERT_TRUE(*inner->Step());
    ASSERT_TRUE(*inner->Step());
    EXPECT_EQ(inner->Text(0), "b");
  }
  EXPECT_EQ(outer->Text(0), "a");
}

TEST_F(DatabaseTest, AnEndlessQueryIsStopped) {
  DatabaseOptions options = OptionsFor(folder_);
  options.statement_timeout = std::chrono::milliseconds(20);
  const std::unique_ptr<Database> database = Open(options);
  Result<Transaction> tx = database->BeginRead();
  Result<Statement> query = (*tx)->Query(kEndless);
  EXPECT_EQ(query->Step().status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(DatabaseTest, InterruptEndsQueriesAndRefusesNewOnes) {
  std::atomic<bool> running{false};
  Status ended;
  std::thread reader([&] {
    Result<Transaction> tx = database_->BeginRead();
    Result<Statement> query = (*tx)->Query(kEndless);
    running = true;
    ended = query->Step().status();
  });
  while (!running) std::this_thread::yield();
  database_->Interrupt();
  reader.join();
  EXPECT_EQ(ended.code(), StatusCode::kCancelled);
  EXPECT_EQ(database_->BeginWrite().status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(database_->BeginRead().status().code(), StatusCode::kUnavailable);
}

TEST_F(DatabaseTest, SlowStatementsAreToldWithoutTheirValues) {
  std::vector<std::string> told;
  DatabaseOptions options = OptionsFor(folder_);
  options.slow = std::chrono::milliseconds(0);
  options.on_statement = [&](const StatementTiming& timing) { told.emplace_back(timing.sql); };
  const std::unique_ptr<Database> database = Open(options);
  {
    Result<Transaction> tx = database->BeginWrite();
    ASSERT_TRUE((*tx)->Execute("INSERT INTO t (id) VALUES (?1)", {"secret"}).ok());
  }
  EXPECT_THAT(told, ::testing::Contains("INSERT INTO t (id) VALUES (?1)"));
  EXPECT_THAT(told, Not(::testing::Contains(HasSubstr("secret"))));
}

TEST_F(DatabaseTest, TheWriterOfAnotherProcessIsWaitedForAndThenReported) {
  DatabaseOptions options = OptionsFor(folder_);
  options.busy_timeout = std::chrono::milliseconds(10);
  const std::unique_ptr<Database> other = Open(options);
  Result<Transaction> held = database_->BeginWrite();
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(other->BeginWrite().status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(held->Commit().ok());
  EXPECT_TRUE(other->BeginWrite().ok());
}

TEST_F(DatabaseTest, AFullPoolOfReadersIsReported) {
  DatabaseOptions options = OptionsFor(folder_);
  options.busy_timeout = std::chrono::milliseconds(10);
  options.readers_max = 1;
  const std::unique_ptr<Database> database = Open(options);
  {
    const Result<Transaction> only = database->BeginRead();
    EXPECT_EQ(database->pool_state().readers_busy, 1);
    EXPECT_EQ(database->BeginRead().status().code(), StatusCode::kUnavailable);
  }
  EXPECT_TRUE(database->BeginRead().ok());
}

// Goal: no "locked" error and no lost update with many threads in one process.
TEST_F(DatabaseTest, ThreadsThatWriteAtOnceAllSucceed) {
  ASSERT_TRUE(RunWrite(*database_, "INSERT INTO t (id, n) VALUES ('a', 0)").ok());
  constexpr int kThreads = 8;
  constexpr int kWrites = 25;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kWrites; ++n) {
        if (!RunWrite(*database_, "UPDATE t SET n = n + 1 WHERE id = 'a'").ok()) ++failures;
        if (Number(*database_, "SELECT n FROM t") <= 0) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(Number(*database_, "SELECT n FROM t"), kThreads * kWrites);
  EXPECT_EQ(database_->pool_state().waiting_for_writer, 0);
}

TEST_F(DatabaseTest, BrokenConstraintsAreToldApart) {
  ASSERT_TRUE(RunWrite(*database_,
                       "INSERT INTO t (id) VALUES ('a');"
                       "CREATE TABLE child (id TEXT REFERENCES t(id), CHECK (id <> 'x')) STRICT")
                  .ok());
  const Status twice = RunWrite(*database_, "INSERT INTO t (id) VALUES ('a')");
  EXPECT_EQ(twice.code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(twice.message(), Not(HasSubstr("t.id")));
  EXPECT_THAT(twice.detail().ForLog(), HasSubstr("t.id"));
  EXPECT_EQ(RunWrite(*database_, "INSERT INTO child VALUES ('none')").code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(RunWrite(*database_, "INSERT INTO child VALUES ('x')").code(), StatusCode::kInternal);
}

TEST_F(DatabaseTest, AWholeFileIsInOrder) { EXPECT_TRUE(database_->CheckIntegrity().ok()); }

TEST_F(DatabaseTest, ADamagedFileIsNotServed) {
  ASSERT_TRUE(RunWrite(*database_,
                       "INSERT INTO t (id, b) VALUES ('a', zeroblob(40000)), ('b', zeroblob(9000))")
                  .ok());
  ASSERT_TRUE(database_->Checkpoint().ok());
  database_.reset();
  {
    std::fstream file(folder_.File("test.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 2);
    file.write("\xFF\xFF\xFF\xFF\xFF\xFF", 6);
  }
  const std::unique_ptr<Database> damaged = Open(OptionsFor(folder_));
  EXPECT_EQ(damaged->CheckIntegrity().code(), StatusCode::kDataCorrupt);
}

TEST(DatabaseOpenTest, TextIsNoDatabase) {
  const TemporaryFolder folder;
  std::ofstream(folder.File("test.db")) << std::string(5'000, 'x');
  EXPECT_EQ(Database::Open(OptionsFor(folder)).status().code(), StatusCode::kDataCorrupt);
}

TEST(DatabaseOpenTest, AnotherProgramsDatabaseIsLeftAlone) {
  const TemporaryFolder folder;
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(folder.File("test.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE theirs (x)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  const auto bytes = [&] {
    std::ifstream file(folder.File("test.db"), std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  };
  const std::string before = bytes();
  EXPECT_EQ(Database::Open(OptionsFor(folder)).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(bytes(), before) << "not even the mode of its log";
}

TEST(DatabaseOpenTest, AMissingFolderIsUnavailableAndNotNamed) {
  const TemporaryFolder folder;
  DatabaseOptions options;
  options.path = folder.File("missing/test.db");
  const Status status = Database::Open(options).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), Not(HasSubstr("missing")));
}

TEST(SqliteStatusTest, WhatCannotBeStoredIsNotCalledAPassingFault) {
  EXPECT_EQ(SqliteStatus(SQLITE_FULL, 0, "").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(SqliteStatus(SQLITE_IOERR_WRITE, 0, "").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(SqliteStatus(SQLITE_IOERR_FSYNC, 0, "").code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace wt::store
