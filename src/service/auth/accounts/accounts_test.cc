#include <gtest/gtest.h>

#include <string>

#include "service/auth/testing/account_fixture.h"

namespace wt::auth {
namespace {

using testing::Accounts;
using Verdict = LoginResult::Verdict;

const Source kHere = {"192.0.2.1", "test"};
constexpr std::int64_t kDayMs = 86'400'000;

TEST(UsersTest, NamesAndAddressesAreChecked) {
  for (const char* bad : {"", "ab", "a b", "anna@home", "\xc3\xa4nna", "x\ny", "local", "LOCAL"}) {
    EXPECT_FALSE(CheckUsername(bad).ok()) << bad;
  }
  EXPECT_FALSE(CheckUsername(std::string(65, 'a')).ok());
  EXPECT_TRUE(CheckUsername(std::string(64, 'a')).ok());
  EXPECT_TRUE(CheckUsername("Anna.B-c_1").ok());
  for (const char* bad : {"a", "@b.c", "a@b", "a@@b.c", "a@.c", "a@b.", "a b@c.d", "a@b.c\n",
                          "<a>@b.c", "a@b.c,d@e.f"}) {
    EXPECT_FALSE(CheckEmail(bad).ok()) << bad;
  }
  EXPECT_TRUE(CheckEmail("a.b+c@example.org").ok());
}

TEST(UsersTest, AMadeUpPasswordIsShownOnceAndMustBeChanged) {
  Accounts a;
  const CreatedUser created = a.users.Create({.username = "anna"}).value();
  EXPECT_GE(created.one_time_password.size(), 16u);
  EXPECT_TRUE(created.user.must_change_password);
  const LoginResult login = a.sessions.Login("anna", created.one_time_password, kHere).value();
  EXPECT_EQ(login.verdict, Verdict::kAccepted);
  EXPECT_TRUE(login.user.must_change_password);
}

TEST(UsersTest, WeakPasswordsAreRefused) {
  Accounts a;
  NewUser wanted;
  wanted.username = "anna";
  wanted.password = "password1";
  EXPECT_EQ(a.users.Create(wanted).status().code(), StatusCode::kInvalidArgument);
  wanted.password = "short";
  EXPECT_EQ(a.users.Create(wanted).status().code(), StatusCode::kInvalidArgument);
}

TEST(UsersTest, AResetPasswordEndsSessions) {
  Accounts a;
  const User anna = a.Add("anna");
  const Tokens tokens = a.LogIn("anna");
  const std::string password = a.users.ResetPassword(anna.id).value();
  EXPECT_EQ(a.sessions.Refresh(tokens.refresh_token, kHere)->verdict, Verdict::kRefused);
  EXPECT_EQ(a.sessions.Login("anna", Accounts::PasswordOf("anna"), kHere)->verdict,
            Verdict::kRefused);
  const LoginResult login = a.sessions.Login("anna", password, kHere).value();
  EXPECT_EQ(login.verdict, Verdict::kAccepted);
  EXPECT_TRUE(login.user.must_change_password);
}

TEST(UsersTest, TheLocalUserCannotSignIn) {
  Accounts a;
  const User local = a.users.EnsureLocalUser().value();
  EXPECT_EQ(a.users.EnsureLocalUser()->id, local.id);
  EXPECT_TRUE(local.is_admin);
  for (const char* password : {"", "local", "hash()v1"}) {
    EXPECT_EQ(a.sessions.Login("local", password, kHere)->verdict, Verdict::kRefused);
  }
  EXPECT_EQ(a.users.ResetPassword(local.id).status().code(), StatusCode::kFailedPrecondition);
}

TEST(FirstRunTest, TheSecretMakesTheAdministratorOnceAndMustBeChanged) {
  Accounts a;
  const BootstrapOptions options = {"admin", "first-secret-of-all"};
  EXPECT_EQ(a.first_run.Begin(options).value(), FirstRunState::kCreated);
  EXPECT_EQ(a.first_run.setup_token(), "");
  const LoginResult login = a.sessions.Login("admin", "first-secret-of-all", kHere).value();
  ASSERT_EQ(login.verdict, Verdict::kAccepted);
  EXPECT_TRUE(login.user.is_admin);
  EXPECT_TRUE(login.user.must_change_password);
  const LoginResult changed =
      a.sessions.ChangePassword(login.user.id, "first-secret-of-all", "my-own-secret-now", kHere)
          .value();
  EXPECT_EQ(changed.verdict, Verdict::kAccepted);
  EXPECT_FALSE(changed.user.must_change_password);
  // The secret is still configured at the next start and means nothing.
  EXPECT_EQ(a.first_run.Begin(options).value(), FirstRunState::kDone);
  EXPECT_EQ(a.sessions.Login("admin", "first-secret-of-all", kHere)->verdict, Verdict::kRefused);
}

TEST(FirstRunTest, AWeakSecretStopsTheStart) {
  Accounts a;
  EXPECT_EQ(a.first_run.Begin({"admin", "changeme123"}).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(FirstRunTest, InProductionTheFirstStartNeedsTheSecretAndLaterOnesDoNot) {
  Accounts a;
  BootstrapOptions options;
  options.password_required = true;
  const Status refused = a.first_run.Begin(options).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(refused.message().find("ADMIN_BOOTSTRAP_PASSWORD"), std::string::npos);
  EXPECT_FALSE(a.first_run.awaits_setup());
  options.password = "first-secret-of-all";
  EXPECT_EQ(a.first_run.Begin(options).value(), FirstRunState::kCreated);
  options.password.clear();
  EXPECT_EQ(a.first_run.Begin(options).value(), FirstRunState::kDone);
}

TEST(FirstRunTest, WithoutASecretTheTokenFromTheConsoleIsNeeded) {
  Accounts a;
  a.users.EnsureLocalUser().value();
  EXPECT_EQ(a.first_run.Begin({}).value(), FirstRunState::kAwaitsSetup);
  const std::string token = a.first_run.setup_token();
  EXPECT_EQ(token.size(), 32u);
  NewUser admin;
  admin.username = "anna";
  admin.password = "anna-opens-doors";
  EXPECT_EQ(a.first_run.Complete("", admin).status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(a.first_run.Complete(token + "x", admin).status().code(),
            StatusCode::kPermissionDenied);
  const Result<User> made = a.first_run.Complete(token, admin);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made->is_admin);
  EXPECT_FALSE(made->must_change_password);
  EXPECT_EQ(a.first_run.Complete(token, admin).status().code(), StatusCode::kPermissionDenied);
  EXPECT_FALSE(a.first_run.awaits_setup());
  EXPECT_EQ(a.first_run.Begin({}).value(), FirstRunState::kDone);
}

TEST(SessionsTest, LoginByNameOrAddressWithoutCase) {
  Accounts a;
  NewUser wanted;
  wanted.username = "Anna";
  wanted.email = "anna@example.org";
  wanted.password = "anna-opens-doors";
  a.users.Create(wanted).value();
  for (const char* login : {"anna", "ANNA", "Anna@Example.ORG"}) {
    const LoginResult result = a.sessions.Login(login, "anna-opens-doors", kHere).value();
    EXPECT_EQ(result.verdict, Verdict::kAccepted) << login;
    EXPECT_EQ(result.tokens.expires_in_s, 3'600);
    EXPECT_EQ(result.user.last_login_at, a.clock.Now());
  }
}

TEST(SessionsTest, RefusalsLookAndCostTheSame) {
  Accounts a;
  a.Add("anna");
  const User bert = a.Add("bert");
  ASSERT_TRUE(a.Add("root", Role::kAdmin).is_admin);
  ASSERT_TRUE(a.users.Update(bert.id, {.is_active = false}).ok());
  struct Case {
    const char* name;
    std::string password;
    const char* reason;
  };
  const std::vector<Case> cases = {{"nobody", "x", "unknown_user"},
                                   {"anna", "x", "wrong_password"},
                                   {"bert", Accounts::PasswordOf("bert"), "inactive"},
                                   {"", "", "unknown_user"}};
  a.sessions.Login("anna", Accounts::PasswordOf("anna"), kHere).value();
  std::string message;
  int calls = 0;
  for (const Case& c : cases) {
    const int verifications = a.hasher.verifications;
    const int hashes = a.hasher.hashes;
    const int store_calls = a.store.calls();
    const LoginResult result = a.sessions.Login(c.name, c.password, kHere).value();
    EXPECT_EQ(result.verdict, Verdict::kRefused);
    EXPECT_EQ(result.reason, c.reason);
    EXPECT_EQ(a.hasher.verifications - verifications, 1) << c.name;
    EXPECT_EQ(a.hasher.hashes - hashes, 0) << c.name;
    if (message.empty()) {
      message = result.message;
      calls = a.store.calls() - store_calls;
    }
    EXPECT_EQ(result.message, message);
    EXPECT_EQ(a.store.calls() - store_calls, calls) << c.name;
  }
}

TEST(SessionsTest, TheFirstUnknownNameCostsNoMoreThanTheFirstKnownOne) {
  Accounts known;
  known.Add("anna");
  const int before = known.hasher.hashes;
  known.sessions.Login("anna", "x", kHere).value();
  Accounts unknown;
  unknown.Add("anna");
  const int before_unknown = unknown.hasher.hashes;
  unknown.sessions.Login("nobody", "x", kHere).value();
  EXPECT_EQ(known.hasher.hashes - before, unknown.hasher.hashes - before_unknown);
  EXPECT_EQ(known.hasher.verifications, unknown.hasher.verifications);
}

TEST(SessionsTest, TwentyWrongPasswordsAreThrottled) {
  Accounts a;
  a.Add("anna");
  int throttled = 0;
  for (int i = 0; i < 20; ++i) {
    const LoginResult result = a.sessions.Login("anna", "wrong", kHere).value();
    if (result.verdict != Verdict::kThrottled) continue;
    ++throttled;
    EXPECT_GE(result.retry_after_s, 1);
  }
  EXPECT_EQ(throttled, 15);
  // Also the right one has to wait, and then works.
  LoginResult result = a.sessions.Login("anna", Accounts::PasswordOf("anna"), kHere).value();
  EXPECT_EQ(result.verdict, Verdict::kThrottled);
  a.clock.Advance(result.retry_after_s * 1'000);
  result = a.sessions.Login("anna", Accounts::PasswordOf("anna"), kHere).value();
  EXPECT_EQ(result.verdict, Verdict::kAccepted);
}

TEST(SessionsTest, OldHashesAreRenewedAtTheLogin) {
  Accounts a;
  const User anna = a.Add("anna");
  a.hasher.version = "v2";
  a.LogIn("anna");
  EXPECT_TRUE(a.users.Get(anna.id)->password_hash.ends_with("v2"));
  EXPECT_EQ(a.sessions.Login("anna", Accounts::PasswordOf("anna"), kHere)->verdict,
            Verdict::kAccepted);
}

TEST(SessionsTest, RefreshTokensRotate) {
  Accounts a;
  a.Add("anna");
  const Tokens first = a.LogIn("anna");
  a.clock.Advance(kDayMs);
  const LoginResult second = a.sessions.Refresh(first.refresh_token, kHere).value();
  ASSERT_EQ(second.verdict, Verdict::kAccepted);
  EXPECT_EQ(second.tokens.session_id, first.session_id);
  EXPECT_NE(second.tokens.refresh_token, first.refresh_token);
  EXPECT_NE(second.tokens.access_token, first.access_token);
  EXPECT_EQ(second.tokens.csrf_token, first.csrf_token);
}

TEST(SessionsTest, AReusedRefreshTokenEndsTheSession) {
  Accounts a;
  a.Add("anna");
  const Tokens first = a.LogIn("anna");
  const LoginResult second = a.sessions.Refresh(first.refresh_token, kHere).value();
  const LoginResult reused = a.sessions.Refresh(first.refresh_token, kHere).value();
  EXPECT_EQ(reused.verdict, Verdict::kRefused);
  EXPECT_EQ(reused.reason, "reused_refresh_token");
  // The thief's and the owner's newer one are worth nothing either.
  EXPECT_EQ(a.sessions.Refresh(second.tokens.refresh_token, kHere)->verdict, Verdict::kRefused);
  EXPECT_EQ(a.store.GetSession(first.session_id)->end_reason, "reuse");
}

TEST(SessionsTest, SessionsEndWithoutUseAndInTheEndAnyway) {
  Accounts a;
  a.Add("anna");
  const Tokens unused = a.LogIn("anna");
  std::string refresh = a.LogIn("anna").refresh_token;
  for (int day = 0; day < 30; day += 5) {
    a.clock.Advance(5 * kDayMs);
    const LoginResult result = a.sessions.Refresh(refresh, kHere).value();
    ASSERT_EQ(result.verdict, Verdict::kAccepted) << day;
    refresh = result.tokens.refresh_token;
  }
  EXPECT_EQ(a.sessions.Refresh(unused.refresh_token, kHere)->reason, "session_expired");
  a.clock.Advance(1);
  EXPECT_EQ(a.sessions.Refresh(refresh, kHere)->reason, "session_too_old");
}

TEST(SessionsTest, AClockSetBackProlongsNothing) {
  Accounts a;
  a.Add("anna");
  const Tokens tokens = a.LogIn("anna");
  a.clock.Advance(7 * kDayMs);
  a.clock.StepWall(-7 * kDayMs);
  EXPECT_EQ(a.sessions.Refresh(tokens.refresh_token, kHere)->reason, "session_expired");
}

TEST(SessionsTest, UnknownRefreshTokensAreRefused) {
  Accounts a;
  for (const char* token : {"", "x", "a.b.c"}) {
    EXPECT_EQ(a.sessions.Refresh(token, kHere)->reason, "unknown_refresh_token");
  }
}

TEST(SessionsTest, DisabledUsersCannotRefresh) {
  Accounts a;
  const User anna = a.Add("anna");
  const Tokens tokens = a.LogIn("anna");
  ASSERT_TRUE(a.users.Update(anna.id, {.is_active = false}).ok());
  EXPECT_EQ(a.sessions.Refresh(tokens.refresh_token, kHere)->verdict, Verdict::kRefused);
  // Switched on again, the old session stays ended.
  ASSERT_TRUE(a.users.Update(anna.id, {.is_active = true}).ok());
  EXPECT_EQ(a.sessions.Refresh(tokens.refresh_token, kHere)->reason, "session_ended");
}

TEST(SessionsTest, APasswordChangeNeedsTheOldOneAndEndsAllSessions) {
  Accounts a;
  const User anna = a.Add("anna");
  const Tokens here = a.LogIn("anna");
  const Tokens there = a.LogIn("anna");
  EXPECT_EQ(a.sessions.ChangePassword(anna.id, "wrong", "a-new-one-of-mine", kHere)->verdict,
            Verdict::kRefused);
  EXPECT_EQ(a.sessions.ChangePassword(anna.id, Accounts::PasswordOf("anna"), "short", kHere)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(a.sessions
                .ChangePassword(anna.id, Accounts::PasswordOf("anna"), Accounts::PasswordOf("anna"),
                                kHere)
                .status()
                .code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(a.sessions.List(anna.id)->size(), 2u);
  const LoginResult changed =
      a.sessions.ChangePassword(anna.id, Accounts::PasswordOf("anna"), "a-new-one-of-mine", kHere)
          .value();
  ASSERT_EQ(changed.verdict, Verdict::kAccepted);
  for (const Tokens& tokens : {here, there}) {
    EXPECT_EQ(a.sessions.Refresh(tokens.refresh_token, kHere)->verdict, Verdict::kRefused);
  }
  EXPECT_EQ(a.sessions.Refresh(changed.tokens.refresh_token, kHere)->verdict, Verdict::kAccepted);
  EXPECT_EQ(a.sessions.Login("anna", "a-new-one-of-mine", kHere)->verdict, Verdict::kAccepted);
}

TEST(SessionsTest, GuessingThroughThePasswordChangeIsThrottled) {
  Accounts a;
  const User anna = a.Add("anna");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(a.sessions.ChangePassword(anna.id, "wrong", "a-new-one-of-mine", kHere)->verdict,
              Verdict::kRefused);
  }
  EXPECT_EQ(a.sessions.ChangePassword(anna.id, "wrong", "a-new-one-of-mine", kHere)->verdict,
            Verdict::kThrottled);
}

TEST(SessionsTest, SessionsAreListedAndRevokedByTheirOwnerOnly) {
  Accounts a;
  const User anna = a.Add("anna");
  const User bert = a.Add("bert");
  const Tokens tokens = a.LogIn("anna");
  const auto sessions = a.sessions.List(anna.id).value();
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0].address, "192.0.2.1");
  EXPECT_EQ(a.sessions.Revoke(bert.id, tokens.session_id).code(), StatusCode::kNotFound);
  EXPECT_EQ(a.sessions.Refresh(tokens.refresh_token, kHere)->verdict, Verdict::kAccepted);
  ASSERT_TRUE(a.sessions.Revoke(anna.id, tokens.session_id).ok());
  EXPECT_EQ(a.sessions.List(anna.id)->size(), 0u);
}

TEST(SessionsTest, LogoutByRefreshTokenEndsTheSession) {
  Accounts a;
  const User anna = a.Add("anna");
  const Tokens tokens = a.LogIn("anna");
  ASSERT_TRUE(a.sessions.LogoutByRefresh(tokens.refresh_token).ok());
  EXPECT_EQ(a.sessions.List(anna.id)->size(), 0u);
}

TEST(SessionsTest, InSingleAdminModeOthersAreRefusedLikeStrangers) {
  SessionOptions options = testing::TestSessionOptions();
  options.multi_user = false;
  Accounts a(options);
  a.Add("anna");
  a.Add("root", Role::kAdmin);
  const LoginResult refused = a.sessions.Login("anna", Accounts::PasswordOf("anna"), kHere).value();
  EXPECT_EQ(refused.verdict, Verdict::kRefused);
  EXPECT_EQ(refused.message, a.sessions.Login("nobody", "x", kHere)->message);
  EXPECT_EQ(a.sessions.Login("root", Accounts::PasswordOf("root"), kHere)->verdict,
            Verdict::kAccepted);
}

TEST(SessionsTest, OnlyFailedLoginsCountAgainstTheRate) {
  Accounts a;
  a.Add("anna");
  RateOptions rate;
  rate.limits[static_cast<std::size_t>(RateClass::kLogin)] = {2, 60'000, 2};
  RateLimiter limiter(rate, &a.clock);
  Sessions sessions(testing::TestSessionOptions(), {&a.users, &a.store, &a.store, &a.hasher,
                                                    &a.throttle, &limiter, &a.cache, &a.clock});
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(sessions.Login("anna", Accounts::PasswordOf("anna"), kHere)->verdict,
              Verdict::kAccepted);
  }
  sessions.Login("anna", "x", kHere).value();
  sessions.Login("anna", "x", kHere).value();
  const LoginResult result = sessions.Login("anna", "x", kHere).value();
  EXPECT_EQ(result.verdict, Verdict::kThrottled);
  EXPECT_EQ(result.reason, "login_rate");
}

TEST(SessionsTest, AStoreThatIsDownIsNoRefusal) {
  Accounts a;
  a.Add("anna");
  a.store.FailFromNow();
  EXPECT_EQ(a.sessions.Login("anna", "x", kHere).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(a.sessions.Refresh("x", kHere).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace wt::auth
