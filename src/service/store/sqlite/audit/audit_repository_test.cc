// Method: the chain is attacked as someone with the database file would, by SQL beside the program.
#include "service/store/sqlite/audit/audit_repository.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "service/audit/audit_log.h"
#include "service/audit/chain.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using audit::AuditLog;
using audit::Event;
using audit::EventType;

class AuditRepositoryTest : public ::testing::Test {
 protected:
  AuditRepositoryTest()
      : database_(testing::OpenMigrated(testing::OptionsFor(folder_))),
        store_(database_.get()),
        log_(&store_, nullptr, &clock_) {}

  void Add(const std::string& user_id, const std::string& action) {
    Event event;
    event.type = EventType::kAdminAction;
    event.action = action;
    event.user_id = user_id;
    event.username = "name of " + user_id;
    event.address = "192.0.2.7";
    event.agent = "test";
    ASSERT_TRUE(log_.Record(event).ok());
    clock_.Advance(1'000);
  }
  Status Run(const std::string& sql) {
    Result<Transaction> tx = database_->BeginWrite();
    if (!tx.ok()) return tx.status();
    if (Status status = (*tx)->RunScript(sql); !status.ok()) return status;
    return tx->Commit();
  }
  /// As someone who removes the guards first.
  void Tamper(const std::string& sql) {
    ASSERT_TRUE(
        Run("DROP TRIGGER audit_entries_stay; DROP TRIGGER audit_entries_remain;" + sql).ok());
  }
  audit::Verification Verify() {
    Result<audit::Verification> found = log_.Verify();
    EXPECT_TRUE(found.ok()) << found.status().detail().ForLog();
    return found.ok() ? *found : audit::Verification{};
  }

  testing::TemporaryFolder folder_;
  base::ManualClock clock_;
  std::unique_ptr<Database> database_;
  SqliteAuditStore store_;
  AuditLog log_;
};

TEST_F(AuditRepositoryTest, AnEmptyRecordIsIntact) {
  EXPECT_TRUE(Verify().intact);
  EXPECT_EQ(Verify().entries, 0);
}

TEST_F(AuditRepositoryTest, EntriesReadBackAsTheyWereWritten) {
  Add("u1", "first");
  Add("u2", "second");
  const auto entries = store_.Read(0, 10);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].event.action, "first");
  EXPECT_EQ((*entries)[0].previous_hash, audit::kFirstHash);
  EXPECT_EQ((*entries)[1].previous_hash, (*entries)[0].hash);
  EXPECT_EQ((*entries)[1].event.username, "name of u2");
  EXPECT_TRUE(Verify().intact);
  EXPECT_EQ(Verify().entries, 2);
}

TEST_F(AuditRepositoryTest, TheDatabaseItselfRefusesToChangeOrDeleteEntries) {
  Add("u1", "first");
  EXPECT_FALSE(Run("UPDATE audit_entries SET action = 'nothing' WHERE seq = 1").ok());
  EXPECT_FALSE(Run("UPDATE audit_entries SET username = 'other' WHERE seq = 1").ok());
  EXPECT_FALSE(Run("DELETE FROM audit_entries").ok());
  EXPECT_TRUE(Verify().intact);
}

TEST_F(AuditRepositoryTest, AChangedEntryIsNamed) {
  for (int i = 0; i < 5; ++i) Add("u1", "act " + std::to_string(i));
  Tamper("UPDATE audit_entries SET action = 'nothing' WHERE seq = 3");
  const audit::Verification found = Verify();
  EXPECT_FALSE(found.intact);
  EXPECT_EQ(found.broken_seq, 3);
  EXPECT_EQ(found.message, "Entry 3 was changed.");
}

TEST_F(AuditRepositoryTest, AChangedPersonalPartIsNamed) {
  for (int i = 0; i < 3; ++i) Add("u1", "act");
  Tamper("UPDATE audit_entries SET address = '198.51.100.1' WHERE seq = 2");
  EXPECT_EQ(Verify().broken_seq, 2);
}

TEST_F(AuditRepositoryTest, AMissingEntryIsNamed) {
  for (int i = 0; i < 5; ++i) Add("u1", "act");
  Tamper("DELETE FROM audit_entries WHERE seq = 4");
  EXPECT_EQ(Verify().broken_seq, 4);
  EXPECT_EQ(Verify().message, "Entry 4 is missing.");
}

TEST_F(AuditRepositoryTest, ACutOffEndIsNamed) {
  for (int i = 0; i < 5; ++i) Add("u1", "act");
  Tamper("DELETE FROM audit_entries WHERE seq >= 4");
  EXPECT_EQ(Verify().broken_seq, 4);
}

TEST_F(AuditRepositoryTest, AWhollyRewrittenEndDoesNotFitTheHead) {
  for (int i = 0; i < 2; ++i) Add("u1", "act");
  // A forger who knows how entries are sealed but forgets the head.
  const auto entries = store_.Read(0, 10);
  ASSERT_TRUE(entries.ok());
  Event forged = (*entries)[1].event;
  forged.action = "nothing";
  const audit::Entry entry =
      audit::Seal(forged, 2, (*entries)[1].time, (*entries)[1].personal_salt, (*entries)[0].hash);
  Tamper("UPDATE audit_entries SET action = 'nothing', hash = '" + entry.hash + "' WHERE seq = 2");
  EXPECT_EQ(Verify().broken_seq, 2);
}

TEST_F(AuditRepositoryTest, RetentionMovesTheBeginningAndKeepsTheChain) {
  for (int i = 0; i < 10; ++i) Add("u1", "act");
  const base::UnixMillis border = clock_.Now() - 4'000;
  const Result<std::int64_t> gone = log_.Prune(border);
  ASSERT_TRUE(gone.ok());
  EXPECT_EQ(*gone, 6);
  EXPECT_TRUE(Verify().intact);
  EXPECT_EQ(Verify().entries, 4);
  Tamper("DELETE FROM audit_entries WHERE seq = 7");
  EXPECT_EQ(Verify().broken_seq, 7);
}

TEST_F(AuditRepositoryTest, ForgettingAPersonLeavesTheChainWhole) {
  Add("u1", "act");
  Add("u2", "act");
  const Result<std::int64_t> erased = log_.ErasePersonal("u1");
  ASSERT_TRUE(erased.ok());
  EXPECT_EQ(*erased, 1);
  EXPECT_TRUE(Verify().intact);
  const auto entries = store_.Read(0, 10);
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ((*entries)[0].event.username, "");
  EXPECT_EQ((*entries)[0].event.address, "");
  EXPECT_EQ((*entries)[0].event.user_id, "u1");
  EXPECT_EQ((*entries)[1].event.username, "name of u2");
}

TEST_F(AuditRepositoryTest, ListsByFilterNewestFirst) {
  Add("u1", "a");
  Add("u2", "b");
  Add("u1", "c");
  audit::Filter filter;
  filter.user_id = "u1";
  filter.type = EventType::kAdminAction;
  filter.address = "192.0.2.7";
  Result<audit::Page> page = log_.List(filter);
  ASSERT_TRUE(page.ok()) << page.status().detail().ForLog();
  ASSERT_EQ(page->total, 2);
  EXPECT_EQ(page->entries[0].event.action, "c");
  filter.type = EventType::kBackup;
  page = log_.List(filter);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->total, 0);
}

TEST_F(AuditRepositoryTest, TwoProcessesWriteOneChain) {
  const auto other_database = testing::OpenMigrated(testing::OptionsFor(folder_));
  SqliteAuditStore other(other_database.get());
  std::atomic<int> failed{0};
  const auto write = [&](audit::AuditStore* store) {
    for (int i = 0; i < 20; ++i) {
      if (!store->Append(Event{}, 1'000).ok()) ++failed;
    }
  };
  std::thread first(write, &store_);
  std::thread second(write, &other);
  first.join();
  second.join();
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(Verify().intact);
  EXPECT_EQ(Verify().entries, 40);
}

}  // namespace
}  // namespace wt::store
