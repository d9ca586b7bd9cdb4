#include "service/host/retention.h"

#include <gtest/gtest.h>

#include <vector>

#include "service/audit/audit_store.h"
#include "service/auth/testing/memory_store.h"

namespace wt::host {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

/// Knows when it was told to forget what.
class PruningStore : public audit::AuditStore {
 public:
  Result<audit::Entry> Append(const audit::Event&, base::UnixMillis) override {
    return audit::Entry{};
  }
  Result<audit::Page> List(const audit::Filter&) override { return audit::Page{}; }
  Result<std::vector<audit::Entry>> Read(std::int64_t, int) override {
    return std::vector<audit::Entry>{};
  }
  Result<audit::Head> GetHead() override { return audit::Head{}; }
  Result<std::int64_t> Prune(base::UnixMillis before, int) override {
    pruned.push_back(before);
    if (fails) return Status(StatusCode::kUnavailable, "busy");
    return 0;
  }
  Result<std::int64_t> ErasePersonal(const std::string&) override { return 0; }

  std::vector<base::UnixMillis> pruned;
  bool fails = false;
};

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    periods_.audit = std::chrono::days(30);
    auth::User ann;
    ann.id = "ann";
    ann.username = "ann";
    EXPECT_TRUE(store_.CreateUser(ann, auth::CreateWhen::kAlways).ok());
    auth::ApiKey key;
    key.id = "k";
    key.user_id = "ann";
    key.name = "key";
    EXPECT_TRUE(store_.CreateKey(key, 10).ok());
  }

  Retention Make() { return Retention({&store_, &store_, &store_, &audit_}, periods_, &clock_); }

  void AddSession(const std::string& id, base::UnixMillis expires) {
    auth::Session session;
    session.id = id;
    session.user_id = "ann";
    session.created_at = 1;
    session.expires.wall = expires;
    ASSERT_TRUE(store_.CreateSession(session, "hash of " + id, 10).ok());
  }

  base::ManualClock clock_;
  auth::MemoryStore store_;
  PruningStore audit_store_;
  audit::AuditLog audit_{&audit_store_, nullptr, &clock_};
  RetentionPeriods periods_;
};

TEST_F(RetentionTest, OldThingsGoOnceAnHourAndYoungOnesStay) {
  const base::UnixMillis now = clock_.Now();
  ASSERT_TRUE(store_
                  .UpdateLimits(std::vector<std::string>{"old", "young"},
                                [&](std::vector<auth::LimitRecord>& records) {
                                  records[0].until.wall = now - kDay - 1;
                                  records[1].until.wall = now - kDay + 1;
                                })
                  .ok());
  std::vector<auth::KeyUse> uses(2);
  uses[0].key_id = uses[1].key_id = "k";
  uses[0].at = now - 90 * kDay - 1;
  uses[1].at = now - 90 * kDay + 1;
  ASSERT_TRUE(store_.AppendUses(uses).ok());
  AddSession("old", now - 7 * kDay - 1);
  AddSession("young", now - 7 * kDay + 1);
  Retention retention = Make();
  const auto report = retention.Step();
  ASSERT_TRUE(report && report->status.ok());
  EXPECT_EQ(report->sessions, 1);
  EXPECT_EQ(report->limits, 1);
  EXPECT_EQ(report->key_uses, 1);
  EXPECT_EQ(audit_store_.pruned, std::vector<base::UnixMillis>{now - 30 * kDay});
  EXPECT_FALSE(retention.Step());
  clock_.Advance(kHour - 1);
  EXPECT_FALSE(retention.Step());
  clock_.Advance(1);
  const auto second = retention.Step();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->limits, 1) << "the young one has become old";
}

TEST_F(RetentionTest, AClockThatJumpsAheadDeletesNothing) {
  Retention retention = Make();
  ASSERT_TRUE(retention.Step());
  audit_store_.pruned.clear();
  clock_.Advance(kHour);
  clock_.StepWall(3'650 * kDay);
  const auto jumped = retention.Step();
  ASSERT_TRUE(jumped);
  EXPECT_EQ(jumped->status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(audit_store_.pruned.empty());
  clock_.Advance(kHour);
  clock_.StepWall(-3'650 * kDay);
  EXPECT_TRUE(retention.Step()->status.ok());
  EXPECT_EQ(audit_store_.pruned.size(), 1U);
}

TEST_F(RetentionTest, OneStoreThatFailsDoesNotKeepTheOthers) {
  audit_store_.fails = true;
  ASSERT_TRUE(
      store_
          .UpdateLimits(std::vector<std::string>{"old"},
                        [&](std::vector<auth::LimitRecord>& records) { records[0].until.wall = 1; })
          .ok());
  Retention retention = Make();
  const auto report = retention.Step();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->limits, 1);
  EXPECT_EQ(report->status.code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace wt::host
