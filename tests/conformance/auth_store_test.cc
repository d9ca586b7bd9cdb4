// The stores of accounts: SQLite and the one in memory that other tests use keep the same rules.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/auth/testing/memory_store.h"
#include "service/store/sqlite/auth/key_repository.h"
#include "service/store/sqlite/auth/limit_repository.h"
#include "service/store/sqlite/auth/session_repository.h"
#include "service/store/sqlite/auth/user_repository.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::conformance {
namespace {

using auth::ApiKey;
using auth::CreateWhen;
using auth::KeyStatus;
using auth::LimitRecord;
using auth::Session;
using auth::User;

struct Stores {
  virtual ~Stores() = default;
  auth::UserStore* users = nullptr;
  auth::SessionStore* sessions = nullptr;
  auth::KeyStore* keys = nullptr;
  auth::LimitStore* limits = nullptr;
};

struct MemoryStores : Stores {
  MemoryStores() {
    users = &store;
    sessions = &store;
    keys = &store;
    limits = &store;
  }
  auth::MemoryStore store;
};

struct SqliteStores : Stores {
  SqliteStores() {
    users = &user_store;
    sessions = &session_store;
    keys = &key_store;
    limits = &limit_store;
  }
  store::testing::TemporaryFolder folder;
  std::unique_ptr<store::Database> database =
      store::testing::OpenMigrated(store::testing::OptionsFor(folder));
  store::SqliteUserStore user_store{database.get()};
  store::SqliteSessionStore session_store{database.get()};
  store::SqliteKeyStore key_store{database.get()};
  store::SqliteLimitStore limit_store{database.get()};
};

User MakeUser(const std::string& id, const std::string& name, bool admin = false) {
  User user;
  user.id = id;
  user.username = name;
  user.email = name + "@example.org";
  user.password_hash = "$hash";
  user.is_admin = admin;
  user.created_at = 1'000;
  return user;
}

Session MakeSession(const std::string& id, const std::string& user_id, std::int64_t at = 1'000) {
  Session session;
  session.id = id;
  session.user_id = user_id;
  session.created_at = at;
  session.last_seen_at = at;
  session.expires = {10'000, 20'000, "boot-1"};
  session.access_expires = {5'000, 15'000, "boot-1"};
  session.address = "192.0.2.7";
  session.agent = "agent";
  return session;
}

ApiKey MakeKey(const std::string& id, const std::string& user_id, const std::string& name) {
  ApiKey key;
  key.id = id;
  key.user_id = user_id;
  key.name = name;
  key.prefix = "wt_abc";
  key.secret_hash = "hash of " + id;
  key.scopes = {"read", "write"};
  key.allowed_ips = {"10.0.0.0/8"};
  key.created_at = 1'000;
  key.expires_at = 50'000;
  return key;
}

class AuthStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  AuthStoreTest() {
    if (GetParam() == "Memory") {
      stores_ = std::make_unique<MemoryStores>();
    } else {
      stores_ = std::make_unique<SqliteStores>();
    }
  }
  void SetUp() override {
    ASSERT_TRUE(users().CreateUser(MakeUser("a", "Anna", true), CreateWhen::kAlways).ok());
    ASSERT_TRUE(users().CreateUser(MakeUser("b", "Bert"), CreateWhen::kAlways).ok());
  }
  auth::UserStore& users() { return *stores_->users; }
  auth::SessionStore& sessions() { return *stores_->sessions; }
  auth::KeyStore& keys() { return *stores_->keys; }
  auth::LimitStore& limits() { return *stores_->limits; }
  std::int64_t Generation() { return sessions().Generation().value(); }

  std::unique_ptr<Stores> stores_;
};

TEST_P(AuthStoreTest, NamesAndAddressesAreUniqueWithoutCase) {
  User user = MakeUser("c", "ANNA");
  user.email = "other@example.org";
  EXPECT_EQ(users().CreateUser(user, CreateWhen::kAlways).code(), StatusCode::kAlreadyExists);
  user = MakeUser("c", "carl");
  user.email = "BERT@Example.org";
  EXPECT_EQ(users().CreateUser(user, CreateWhen::kAlways).code(), StatusCode::kAlreadyExists);
  user.email = "";
  EXPECT_TRUE(users().CreateUser(user, CreateWhen::kAlways).ok());
  User without = MakeUser("d", "dora");
  without.email = "";
  EXPECT_TRUE(users().CreateUser(without, CreateWhen::kAlways).ok());
  user.username = "DORA";
  EXPECT_EQ(users().UpdateUser(user).code(), StatusCode::kAlreadyExists);
}

TEST_P(AuthStoreTest, UsersAreFoundByNameOrAddress) {
  EXPECT_EQ(users().FindUser("aNNa")->id, "a");
  EXPECT_EQ(users().FindUser("bert@EXAMPLE.org")->id, "b");
  EXPECT_EQ(users().FindUser("nobody").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(users().FindUser("").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(users().GetUser("x").status().code(), StatusCode::kNotFound);
}

TEST_P(AuthStoreTest, AllOfAUserIsKept) {
  User user = MakeUser("c", "Carl");
  user.is_active = false;
  user.must_change_password = true;
  user.updated_at = 2;
  user.password_changed_at = 3;
  user.last_login_at = 4;
  user.storage_quota_bytes = 5;
  ASSERT_TRUE(users().CreateUser(user, CreateWhen::kAlways).ok());
  const User read = users().GetUser("c").value();
  EXPECT_EQ(read.username, "Carl");
  EXPECT_EQ(read.email, "Carl@example.org");
  EXPECT_EQ(read.password_hash, "$hash");
  EXPECT_FALSE(read.is_admin);
  EXPECT_FALSE(read.is_active);
  EXPECT_TRUE(read.must_change_password);
  EXPECT_EQ(read.created_at, 1'000);
  EXPECT_EQ(read.updated_at, 2);
  EXPECT_EQ(read.password_changed_at, 3);
  EXPECT_EQ(read.last_login_at, 4);
  EXPECT_EQ(read.storage_quota_bytes, 5);
  user.storage_quota_bytes = 0;
  ASSERT_TRUE(users().UpdateUser(user).ok());
  EXPECT_EQ(users().GetUser("c")->storage_quota_bytes, 0);
  user.storage_quota_bytes.reset();
  ASSERT_TRUE(users().UpdateUser(user).ok());
  EXPECT_EQ(users().GetUser("c")->storage_quota_bytes, std::nullopt);
}

TEST_P(AuthStoreTest, TheLastAdministratorStays) {
  User anna = users().GetUser("a").value();
  anna.is_admin = false;
  EXPECT_EQ(users().UpdateUser(anna).code(), StatusCode::kFailedPrecondition);
  anna.is_admin = true;
  anna.is_active = false;
  EXPECT_EQ(users().UpdateUser(anna).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(users().DeleteUser("a").code(), StatusCode::kFailedPrecondition);
  // One who cannot sign in does not count.
  User local = MakeUser("l", "local", true);
  local.password_hash = "";
  ASSERT_TRUE(users().CreateUser(local, CreateWhen::kAlways).ok());
  EXPECT_EQ(users().DeleteUser("a").code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(users().CreateUser(MakeUser("d", "dora", true), CreateWhen::kAlways).ok());
  EXPECT_TRUE(users().DeleteUser("a").ok());
  EXPECT_EQ(users().CountAdmins().value(), 1);
}

TEST_P(AuthStoreTest, TheFirstAdministratorIsMadeOnlyOnce) {
  EXPECT_EQ(users().CreateUser(MakeUser("c", "carl", true), CreateWhen::kNoAdmin).code(),
            StatusCode::kFailedPrecondition);
}

TEST_P(AuthStoreTest, ListsUsersInPagesAndByPart) {
  for (int i = 0; i < 5; ++i) {
    User user = MakeUser("c" + std::to_string(i), "carl_" + std::to_string(i));
    user.created_at = 2'000 + i;
    ASSERT_TRUE(users().CreateUser(user, CreateWhen::kAlways).ok());
  }
  const auth::UserPage page = users().ListUsers({"CARL_", 2, 3}).value();
  EXPECT_EQ(page.total, 5);
  ASSERT_EQ(page.users.size(), 2u);
  EXPECT_EQ(page.users[0].username, "carl_3");
  // The underscore is a character, not a placeholder.
  EXPECT_EQ(users().ListUsers({"n_a", 10, 0})->total, 0);
  EXPECT_EQ(users().ListUsers({"", 10, 0})->total, 7);
}

TEST_P(AuthStoreTest, DeletingAUserTakesEverythingAlong) {
  ASSERT_TRUE(sessions().CreateSession(MakeSession("s", "b"), "r", 10).ok());
  ASSERT_TRUE(keys().CreateKey(MakeKey("k", "b", "key"), 10).ok());
  ASSERT_TRUE(users().PutDocument("b", "settings", "{}", 1).ok());
  const std::int64_t before = Generation();
  ASSERT_TRUE(users().DeleteUser("b").ok());
  EXPECT_GT(Generation(), before);
  EXPECT_EQ(sessions().GetSession("s").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(sessions().FindRefresh("r").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(keys().GetKey("k").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(users().GetDocument("b", "settings").value(), "");
  EXPECT_EQ(users().DeleteUser("b").code(), StatusCode::kNotFound);
  EXPECT_EQ(sessions().CreateSession(MakeSession("s", "b"), "r", 10).code(), StatusCode::kNotFound);
  EXPECT_EQ(keys().CreateKey(MakeKey("k", "b", "key"), 10).code(), StatusCode::kNotFound);
}

TEST_P(AuthStoreTest, DocumentsAreReplaced) {
  EXPECT_EQ(users().GetDocument("b", "settings").value(), "");
  ASSERT_TRUE(users().PutDocument("b", "settings", "{\"a\":1}", 1).ok());
  ASSERT_TRUE(users().PutDocument("b", "settings", "{\"a\":2}", 2).ok());
  EXPECT_EQ(users().GetDocument("b", "settings").value(), "{\"a\":2}");
  EXPECT_EQ(users().PutDocument("x", "settings", "{}", 1).code(), StatusCode::kNotFound);
}

TEST_P(AuthStoreTest, ARefreshTokenIsExchangedOnce) {
  ASSERT_TRUE(sessions().CreateSession(MakeSession("s", "b"), "r1", 10).ok());
  auth::SessionRenewal renewal{
      "r1", "r2", {30'000, 40'000, "boot-2"}, {31'000, 41'000, "boot-2"}, 2'000};
  ASSERT_TRUE(sessions().RenewSession(renewal).ok());
  EXPECT_TRUE(sessions().FindRefresh("r1")->used);
  EXPECT_FALSE(sessions().FindRefresh("r2")->used);
  EXPECT_EQ(sessions().FindRefresh("r2")->session_id, "s");
  const Session session = sessions().GetSession("s").value();
  EXPECT_EQ(session.expires.wall, 30'000);
  EXPECT_EQ(session.expires.boot, 40'000);
  EXPECT_EQ(session.expires.boot_id, "boot-2");
  EXPECT_EQ(session.access_expires.boot, 41'000);
  EXPECT_EQ(session.last_seen_at, 2'000);
  renewal.new_hash = "r3";
  EXPECT_EQ(sessions().RenewSession(renewal).code(), StatusCode::kAborted);
  ASSERT_TRUE(sessions().EndSession("s", "logout", 3'000).ok());
  renewal.old_hash = "r2";
  EXPECT_EQ(sessions().RenewSession(renewal).code(), StatusCode::kAborted);
}

TEST_P(AuthStoreTest, SessionsEndOnceAndAreListedWhileTheyGoOn) {
  for (int i = 0; i < 3; ++i) {
    const std::string name = "s" + std::to_string(i);
    ASSERT_TRUE(sessions().CreateSession(MakeSession(name, "b", i + 1), "r" + name, 10).ok());
  }
  const std::int64_t before = Generation();
  ASSERT_TRUE(sessions().EndSession("s1", "revoked", 9).ok());
  EXPECT_GT(Generation(), before);
  ASSERT_TRUE(sessions().EndSession("s1", "logout", 10).ok());
  EXPECT_EQ(sessions().GetSession("s1")->ended_at, 9);
  EXPECT_EQ(sessions().GetSession("s1")->end_reason, "revoked");
  const std::vector<Session> open = sessions().ListSessions("b").value();
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0].id, "s2");
  ASSERT_TRUE(sessions().EndSessionsOf("b", "s0", "password_change", 11).ok());
  ASSERT_EQ(sessions().ListSessions("b")->size(), 1u);
  EXPECT_EQ(sessions().ListSessions("b")->front().id, "s0");
  EXPECT_EQ(sessions().EndSession("x", "logout", 1).code(), StatusCode::kNotFound);
  ASSERT_TRUE(sessions().TouchSession("s0", 77).ok());
  EXPECT_EQ(sessions().GetSession("s0")->last_seen_at, 77);
}

TEST_P(AuthStoreTest, TheOldestSessionsGiveWay) {
  for (int i = 0; i < 4; ++i) {
    const std::string name = "s" + std::to_string(i);
    ASSERT_TRUE(sessions().CreateSession(MakeSession(name, "b", i + 1), "r" + name, 2).ok());
  }
  EXPECT_EQ(sessions().ListSessions("b")->size(), 2u);
  EXPECT_EQ(sessions().GetSession("s1")->end_reason, "replaced");
  EXPECT_EQ(sessions().GetSession("s2")->ended_at, 0);
}

TEST_P(AuthStoreTest, SweepingRemovesEndedAndExpiredSessions) {
  ASSERT_TRUE(sessions().CreateSession(MakeSession("ended", "b"), "r1", 10).ok());
  ASSERT_TRUE(sessions().EndSession("ended", "logout", 2'000).ok());
  Session live = MakeSession("live", "b");
  live.expires.wall = 90'000;
  ASSERT_TRUE(sessions().CreateSession(live, "r2", 10).ok());
  ASSERT_TRUE(sessions().PutTicket({"old", "s", "bearer", {1'000, 1, "boot-1"}}).ok());
  EXPECT_EQ(sessions().SweepSessions(3'000).value(), 1);
  EXPECT_EQ(sessions().FindRefresh("r1").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(sessions().FindRefresh("r2").ok());
  EXPECT_EQ(sessions().TakeTicket("old").status().code(), StatusCode::kNotFound);
}

TEST_P(AuthStoreTest, ATicketIsTakenOnce) {
  ASSERT_TRUE(sessions().PutTicket({"t", "s", "cookie", {7, 8, "boot-1"}}).ok());
  const Result<auth::Ticket> ticket = sessions().TakeTicket("t");
  ASSERT_TRUE(ticket.ok());
  EXPECT_EQ(ticket->credential_id, "s");
  EXPECT_EQ(ticket->credential, "cookie");
  EXPECT_EQ(ticket->expires.boot, 8);
  EXPECT_EQ(sessions().TakeTicket("t").status().code(), StatusCode::kNotFound);
}

TEST_P(AuthStoreTest, AllOfAKeyIsKept) {
  ApiKey key = MakeKey("k", "b", "Key");
  key.description = "for tests";
  key.hourly_limit = 7;
  key.daily_quota = 8;
  key.monthly_quota = 9;
  ASSERT_TRUE(keys().CreateKey(key, 10).ok());
  const ApiKey read = keys().FindKey("hash of k").value();
  EXPECT_EQ(read.id, "k");
  EXPECT_EQ(read.user_id, "b");
  EXPECT_EQ(read.description, "for tests");
  EXPECT_EQ(read.scopes, key.scopes);
  EXPECT_EQ(read.allowed_ips, key.allowed_ips);
  EXPECT_EQ(read.hourly_limit, 7);
  EXPECT_EQ(read.daily_quota, 8);
  EXPECT_EQ(read.monthly_quota, 9);
  EXPECT_EQ(read.status, KeyStatus::kActive);
  EXPECT_EQ(read.expires_at, 50'000);
  EXPECT_EQ(keys().FindKey("other").status().code(), StatusCode::kNotFound);
}

TEST_P(AuthStoreTest, KeysInUseAreLimitedAndTheirNamesUnique) {
  ASSERT_TRUE(keys().CreateKey(MakeKey("k1", "b", "one"), 2).ok());
  EXPECT_EQ(keys().CreateKey(MakeKey("k2", "b", "ONE"), 2).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(keys().CreateKey(MakeKey("k2", "a", "one"), 2).ok());
  ASSERT_TRUE(keys().CreateKey(MakeKey("k3", "b", "two"), 2).ok());
  EXPECT_EQ(keys().CreateKey(MakeKey("k4", "b", "three"), 2).code(),
            StatusCode::kResourceExhausted);
  ApiKey first = keys().GetKey("k1").value();
  first.status = KeyStatus::kRevoked;
  first.revoked_at = 2'000;
  const std::int64_t before = Generation();
  ASSERT_TRUE(keys().UpdateKey(first).ok());
  EXPECT_GT(Generation(), before);
  EXPECT_TRUE(keys().CreateKey(MakeKey("k4", "b", "one"), 2).ok());
  ApiKey third = keys().GetKey("k3").value();
  third.name = "one";
  EXPECT_EQ(keys().UpdateKey(third).code(), StatusCode::kAlreadyExists);
}

TEST_P(AuthStoreTest, KeysExpireAndEndedOnesAreDeleted) {
  ASSERT_TRUE(keys().CreateKey(MakeKey("k1", "b", "one"), 9).ok());
  ApiKey later = MakeKey("k2", "b", "two");
  later.expires_at = 90'000;
  ASSERT_TRUE(keys().CreateKey(later, 9).ok());
  EXPECT_EQ(keys().ExpireKeys(49'999).value(), 0);
  EXPECT_EQ(keys().ExpireKeys(50'000).value(), 1);
  EXPECT_EQ(keys().GetKey("k1")->status, KeyStatus::kExpired);
  EXPECT_EQ(keys().DeleteEndedKeys(50'000).value(), 0);
  EXPECT_EQ(keys().DeleteEndedKeys(50'001).value(), 1);
  auth::KeyFilter filter;
  filter.user_id = "b";
  filter.status = KeyStatus::kActive;
  EXPECT_EQ(keys().ListKeys(filter)->total, 1);
  filter.status = KeyStatus::kExpired;
  EXPECT_EQ(keys().ListKeys(filter)->total, 0);
}

TEST_P(AuthStoreTest, UsesAreCountedPerDay) {
  ASSERT_TRUE(keys().CreateKey(MakeKey("k", "b", "one"), 9).ok());
  constexpr std::int64_t kDay = 86'400'000;
  auth::KeyUse use;
  use.key_id = "k";
  use.at = 10 * kDay;
  use.status = 200;
  use.latency_ms = 5;
  use.bytes_in = 100;
  use.method = "GET";
  use.route = "/jobs/{id}";
  auth::KeyUse failed = use;
  failed.at += 1;
  failed.status = 429;
  failed.limited = true;
  auth::KeyUse next = use;
  next.at += kDay;
  auth::KeyUse unknown = use;
  unknown.key_id = "x";
  ASSERT_TRUE(keys().AppendUses({use, failed, next, unknown}).ok());
  const auto days = keys().UseByDay("k", "1970-01-01").value();
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].day, "1970-01-11");
  EXPECT_EQ(days[0].requests, 2);
  EXPECT_EQ(days[0].errors, 1);
  EXPECT_EQ(days[0].limited, 1);
  EXPECT_EQ(days[0].latency_ms_sum, 10);
  EXPECT_EQ(days[0].bytes_in, 200);
  EXPECT_EQ(keys().UseByDay("k", "1970-01-12")->size(), 1u);
  EXPECT_EQ(keys().GetKey("k")->requests_total, 3);
  EXPECT_EQ(keys().GetKey("k")->last_used_at, 11 * kDay);
  const auto uses = keys().ListUses("k", 2).value();
  ASSERT_EQ(uses.size(), 2u);
  EXPECT_EQ(uses[0].at, 11 * kDay);
  EXPECT_EQ(uses[1].status, 429);
  EXPECT_EQ(uses[1].route, "/jobs/{id}");
  // Rows go, sums stay.
  EXPECT_EQ(keys().SweepUses(11 * kDay, 12 * kDay).value(), 2);
  EXPECT_EQ(keys().ListUses("k", 9)->size(), 1u);
  EXPECT_EQ(keys().UseByDay("k", "1970-01-01")->size(), 2u);
}

TEST_P(AuthStoreTest, LimitRecordsChangeTogether) {
  const std::vector<std::string> ids = {"x:1", "x:2"};
  ASSERT_TRUE(limits()
                  .UpdateLimits(ids,
                                [](std::vector<LimitRecord>& records) {
                                  ASSERT_EQ(records.size(), 2u);
                                  EXPECT_EQ(records[0].id, "x:1");
                                  EXPECT_EQ(records[0].count, 0);
                                  EXPECT_EQ(records[0].until.boot_id, "");
                                  records[0].count = 5;
                                  records[0].until = {100, 200, "boot-1"};
                                  records[1].until = {300, 1, "boot-1"};
                                })
                  .ok());
  ASSERT_TRUE(limits()
                  .UpdateLimits(ids,
                                [](std::vector<LimitRecord>& records) {
                                  EXPECT_EQ(records[0].count, 5);
                                  EXPECT_EQ(records[0].until.wall, 100);
                                  EXPECT_EQ(records[0].until.boot, 200);
                                  EXPECT_EQ(records[0].until.boot_id, "boot-1");
                                })
                  .ok());
  const auto loaded = limits().LoadLimits("x:", 10).value();
  ASSERT_EQ(loaded.size(), 2u);
  EXPECT_EQ(loaded[0].id, "x:2");
  EXPECT_EQ(limits().LoadLimits("x:", 1)->size(), 1u);
  EXPECT_EQ(limits().LoadLimits("y:", 9)->size(), 0u);
  EXPECT_EQ(limits().SweepLimits(200).value(), 1);
  ASSERT_TRUE(limits().DeleteLimits("x:").ok());
  EXPECT_EQ(limits().LoadLimits("x:", 9)->size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Stores, AuthStoreTest, ::testing::Values("Memory", "Sqlite"),
                         [](const auto& stores) { return stores.param; });

}  // namespace
}  // namespace wt::conformance
