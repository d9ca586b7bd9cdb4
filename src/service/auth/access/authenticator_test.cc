#include "service/auth/access/authenticator.h"

#include <gtest/gtest.h>

#include <string>

#include "service/auth/testing/account_fixture.h"

namespace wt::auth {
namespace {

using testing::Accounts;
using Verdict = AuthResult::Verdict;

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    a_.Add("root", Role::kAdmin);
    anna_ = a_.Add("anna");
    tokens_ = a_.LogIn("anna");
  }
  static Credentials Base() {
    Credentials c;
    c.client_address = "192.0.2.1";
    c.peer_address = "192.0.2.1";
    c.host = "example.org";
    c.secure = true;
    c.safe_method = true;
    return c;
  }
  AuthResult Bearer(const std::string& token) {
    Credentials c = Base();
    const std::string field = "Bearer " + token;
    c.authorization = field;
    c.safe_method = false;
    return a_.authenticator.Authenticate(c);
  }
  AuthResult Key(const std::string& secret, std::string_view address = "192.0.2.1") {
    Credentials c = Base();
    c.api_key = secret;
    c.client_address = address;
    c.safe_method = false;
    return a_.authenticator.Authenticate(c);
  }
  std::string AddKey(const NewKey& wanted) {
    const Result<KeyWithSecret> made = a_.keys.Create(anna_.id, wanted, Granter::kUser);
    EXPECT_TRUE(made.ok()) << made.status().message();
    key_id_ = made->key.id;
    return made->secret;
  }

  Accounts a_;
  User anna_;
  Tokens tokens_;
  std::string key_id_;
};

TEST_F(AuthenticatorTest, NothingIsAnonymous) {
  const AuthResult result = a_.authenticator.Authenticate(Base());
  EXPECT_EQ(result.verdict, Verdict::kAnonymous);
  EXPECT_FALSE(result.principal.signed_in());
}

TEST_F(AuthenticatorTest, ABearerTokenAloneIsEnough) {
  const AuthResult result = Bearer(tokens_.access_token);
  ASSERT_EQ(result.verdict, Verdict::kAccepted);
  EXPECT_EQ(result.principal.user_id, anna_.id);
  EXPECT_EQ(result.principal.credential, Credential::kBearer);
  EXPECT_EQ(result.principal.credential_id, tokens_.session_id);
  EXPECT_FALSE(result.principal.Has(Permission::kAdmin));
}

TEST_F(AuthenticatorTest, AWrongTokenIsNotPassedOver) {
  Credentials c = Base();
  c.authorization = "Bearer a.b.c";
  const std::string cookie = "auth_token=" + tokens_.access_token;
  c.cookie = cookie;
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kRefused);
  c.authorization = "Basic YTpi";
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kAccepted);
  c.ambiguous = true;
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, VerifiedCredentialsCostNoLookUps) {
  Bearer(tokens_.access_token);
  const int before = a_.store.calls();
  for (int i = 0; i < 50; ++i) Bearer(tokens_.access_token);
  EXPECT_EQ(a_.store.calls(), before);
}

TEST_F(AuthenticatorTest, RevocationActsOnTheNextRequest) {
  const auto accepted = [&] { return Bearer(tokens_.access_token).verdict == Verdict::kAccepted; };
  EXPECT_TRUE(accepted());
  ASSERT_TRUE(a_.sessions.Logout(tokens_.session_id).ok());
  EXPECT_FALSE(accepted());
  tokens_ = a_.LogIn("anna");
  EXPECT_TRUE(accepted());
  ASSERT_TRUE(a_.users.Update(anna_.id, {.role = Role::kAdmin}).ok());
  EXPECT_TRUE(Bearer(tokens_.access_token).principal.is_admin);
  ASSERT_TRUE(a_.users.Update(anna_.id, {.role = Role::kUser}).ok());
  EXPECT_FALSE(Bearer(tokens_.access_token).principal.is_admin);
  ASSERT_TRUE(a_.users.Update(anna_.id, {.is_active = false}).ok());
  EXPECT_FALSE(accepted());
  ASSERT_TRUE(a_.users.Update(anna_.id, {.is_active = true}).ok());
  tokens_ = a_.LogIn("anna");
  EXPECT_TRUE(accepted());
  ASSERT_TRUE(a_.users.Delete(anna_.id).ok());
  EXPECT_FALSE(accepted());
}

TEST_F(AuthenticatorTest, OtherProcessesNoticeWithinASecond) {
  PrincipalCache other_cache;
  Authenticator other(testing::TestAuthenticatorOptions(),
                      {&a_.store, &a_.store, &a_.store, &a_.quota, &other_cache, &a_.clock});
  Credentials c = Base();
  const std::string field = "Bearer " + tokens_.access_token;
  c.authorization = field;
  EXPECT_EQ(other.Authenticate(c).verdict, Verdict::kAccepted);
  ASSERT_TRUE(a_.sessions.Logout(tokens_.session_id).ok());
  a_.clock.Advance(1'000);
  EXPECT_EQ(other.Authenticate(c).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, TokensEndOnTimeAlsoWhenTheClockIsSetBack) {
  a_.clock.Advance(3'599'000);
  EXPECT_EQ(Bearer(tokens_.access_token).verdict, Verdict::kAccepted);
  a_.clock.StepWall(-3'000'000);
  a_.clock.Advance(1'000);
  EXPECT_EQ(Bearer(tokens_.access_token).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, ARefreshedSessionGoesOn) {
  a_.clock.Advance(3'000'000);
  const Tokens newer = a_.sessions.Refresh(tokens_.refresh_token, {"192.0.2.1", "test"})->tokens;
  a_.clock.Advance(3'000'000);
  EXPECT_EQ(Bearer(newer.access_token).verdict, Verdict::kAccepted);
  EXPECT_EQ(Bearer(tokens_.access_token).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, AReusedRefreshTokenEndsTheAccessTokenToo) {
  EXPECT_EQ(Bearer(tokens_.access_token).verdict, Verdict::kAccepted);
  a_.sessions.Refresh(tokens_.refresh_token, {}).value();
  a_.sessions.Refresh(tokens_.refresh_token, {}).value();
  EXPECT_EQ(Bearer(tokens_.access_token).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, CookiesUnderBothNamesIdentify) {
  for (const char* name : {"auth_token", "__Host-auth_token"}) {
    Credentials c = Base();
    const std::string cookie = "x=1; " + std::string(name) + "=" + tokens_.access_token;
    c.cookie = cookie;
    const AuthResult result = a_.authenticator.Authenticate(c);
    EXPECT_EQ(result.verdict, Verdict::kAccepted) << name;
    EXPECT_EQ(result.principal.credential, Credential::kCookie);
  }
}

TEST_F(AuthenticatorTest, AChangeWithACookieNeedsProof) {
  const Tokens other = a_.LogIn("anna");
  struct Case {
    std::string csrf;
    const char* requested_with;
    const char* origin;
    bool accepted;
  };
  const std::vector<Case> cases = {
      {"", "", "", false},
      {tokens_.csrf_token, "", "", true},
      {tokens_.csrf_token, "", "https://example.org", true},
      // A right token does not make a foreign page ours.
      {tokens_.csrf_token, "", "https://evil.test", false},
      {tokens_.csrf_token, "", "http://example.org", false},
      {tokens_.csrf_token, "", "null", false},
      {"x", "", "", false},
      {"x", "XMLHttpRequest", "https://example.org", false},
      {other.csrf_token, "", "", false},
      {"", "XMLHttpRequest", "https://example.org", true},
      {"", "XMLHttpRequest", "", false},
      {"", "", "https://example.org", false},
      {"", "XMLHttpRequest", "https://evil.test", false},
      {"", "XMLHttpRequest", "https://example.org.evil.test", false},
  };
  const std::string cookie = "auth_token=" + tokens_.access_token;
  for (const Case& test : cases) {
    Credentials c = Base();
    c.cookie = cookie;
    c.safe_method = false;
    c.csrf_token = test.csrf;
    c.requested_with = test.requested_with;
    c.origin = test.origin;
    EXPECT_EQ(a_.authenticator.Authenticate(c).verdict,
              test.accepted ? Verdict::kAccepted : Verdict::kForbidden)
        << test.csrf << " " << test.requested_with << " " << test.origin;
  }
}

TEST_F(AuthenticatorTest, KeysWorkByHeaderAndBearerAndHaveTheirScopes) {
  NewKey wanted;
  wanted.name = "reader";
  wanted.scopes = {"read"};
  const std::string secret = AddKey(wanted);
  for (const AuthResult& result : {Key(secret), Bearer(secret)}) {
    ASSERT_EQ(result.verdict, Verdict::kAccepted);
    EXPECT_EQ(result.principal.user_id, anna_.id);
    EXPECT_EQ(result.principal.credential, Credential::kApiKey);
    EXPECT_EQ(result.principal.credential_id, key_id_);
    EXPECT_TRUE(result.principal.Has(Permission::kJobsRead));
    EXPECT_FALSE(result.principal.Has(Permission::kJobsCreate));
    EXPECT_TRUE(result.has_quota);
  }
  Credentials c = Base();
  const std::string field = "Token " + secret;
  c.authorization = field;
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kAccepted);
  std::string wrong = secret;
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(Key(wrong).verdict, Verdict::kRefused);
  EXPECT_EQ(Key("wt_").verdict, Verdict::kRefused);
  EXPECT_EQ(Key(tokens_.access_token).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, AKeysStateActsAtOnce) {
  NewKey wanted;
  wanted.name = "key";
  wanted.expires_days = 1;
  std::string secret = AddKey(wanted);
  EXPECT_EQ(Key(secret).verdict, Verdict::kAccepted);
  ASSERT_TRUE(a_.keys.Suspend(key_id_).ok());
  EXPECT_EQ(Key(secret).verdict, Verdict::kRefused);
  ASSERT_TRUE(a_.keys.Unsuspend(key_id_).ok());
  EXPECT_EQ(Key(secret).verdict, Verdict::kAccepted);
  const std::string old = secret;
  secret = a_.keys.Regenerate(anna_.id, key_id_)->secret;
  EXPECT_EQ(Key(old).verdict, Verdict::kRefused);
  EXPECT_EQ(Key(secret).verdict, Verdict::kAccepted);
  a_.clock.Advance(86'400'000 - 1);
  EXPECT_EQ(Key(secret).verdict, Verdict::kAccepted);
  a_.clock.Advance(1);
  EXPECT_EQ(Key(secret).verdict, Verdict::kRefused);
  secret = AddKey({.name = "second"});
  ASSERT_TRUE(a_.keys.Revoke(anna_.id, key_id_).ok());
  EXPECT_EQ(Key(secret).verdict, Verdict::kRefused);
  secret = AddKey({.name = "third"});
  ASSERT_TRUE(a_.users.Update(anna_.id, {.is_active = false}).ok());
  EXPECT_EQ(Key(secret).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, AnAddressListIsHeld) {
  NewKey wanted;
  wanted.name = "office";
  wanted.allowed_ips = {"198.51.100.0/24", "2001:db8::/32"};
  const std::string secret = AddKey(wanted);
  EXPECT_EQ(Key(secret, "198.51.100.9").verdict, Verdict::kAccepted);
  EXPECT_EQ(Key(secret, "2001:db8::9").verdict, Verdict::kAccepted);
  EXPECT_EQ(Key(secret, "192.0.2.1").verdict, Verdict::kForbidden);
  EXPECT_EQ(Key(secret, "rubbish").verdict, Verdict::kForbidden);
}

TEST_F(AuthenticatorTest, AUsedUpKeyIsLimited) {
  NewKey wanted;
  wanted.name = "few";
  wanted.hourly_limit = 2;
  const std::string secret = AddKey(wanted);
  EXPECT_EQ(Key(secret).quota.remaining, 1);
  EXPECT_EQ(Key(secret).verdict, Verdict::kAccepted);
  const AuthResult result = Key(secret);
  EXPECT_EQ(result.verdict, Verdict::kLimited);
  EXPECT_EQ(result.quota.retry_after_s, 3'600);
}

TEST_F(AuthenticatorTest, AnAdministratorsKeyLosesThePowerWithTheRole) {
  ASSERT_TRUE(a_.users.Update(anna_.id, {.role = Role::kAdmin}).ok());
  const std::string secret =
      a_.keys.Create(anna_.id, {.name = "all", .scopes = {"admin"}}, Granter::kAdmin)->secret;
  EXPECT_TRUE(Key(secret).principal.Has(Permission::kAdmin));
  EXPECT_TRUE(Key(secret).principal.is_admin);
  ASSERT_TRUE(a_.users.Update(anna_.id, {.role = Role::kUser}).ok());
  EXPECT_FALSE(Key(secret).principal.Has(Permission::kAdmin));
  EXPECT_FALSE(Key(secret).principal.is_admin);
}

TEST_F(AuthenticatorTest, AnAdministratorsOrdinaryKeyIsNoAdministrator) {
  const User root = a_.users.Create({.username = "root2", .role = Role::kAdmin})->user;
  const std::string secret =
      a_.keys.Create(root.id, {.name = "read", .scopes = {"read"}}, Granter::kAdmin)->secret;
  EXPECT_FALSE(Key(secret).principal.is_admin);
  EXPECT_FALSE(Key(secret).principal.Has(Permission::kAdmin));
}

TEST_F(AuthenticatorTest, SharedTokensOpenTheirDoorOnly) {
  Credentials c = Base();
  c.metrics_token = "metrics-secret";
  AuthResult result = a_.authenticator.Authenticate(c);
  EXPECT_EQ(result.verdict, Verdict::kAccepted);
  EXPECT_TRUE(result.principal.Has(Permission::kMetrics));
  EXPECT_FALSE(result.principal.Has(Permission::kUploadAdmin));
  EXPECT_FALSE(result.principal.Has(Permission::kSignedIn));
  c.metrics_token = "metrics-secreT";
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kRefused);
  c = Base();
  c.authorization = "Bearer metrics-secret";
  EXPECT_TRUE(a_.authenticator.Authenticate(c).principal.Has(Permission::kMetrics));
  c = Base();
  c.admin_token = "admin-secret";
  result = a_.authenticator.Authenticate(c);
  EXPECT_TRUE(result.principal.Has(Permission::kUploadAdmin));
  EXPECT_FALSE(result.principal.Has(Permission::kAdmin));
  // A wrong one is judged by its own rule, whatever else is sent.
  c.admin_token = "wrong";
  const std::string field = "Bearer " + tokens_.access_token;
  c.authorization = field;
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kRefused);
  AuthenticatorOptions off = testing::TestAuthenticatorOptions();
  off.admin_token = "";
  Accounts without(testing::TestSessionOptions(), off);
  c = Base();
  c.admin_token = "x";
  EXPECT_EQ(without.authenticator.Authenticate(c).verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, TheLegacyHeaderNeedsTheSwitchAndAProxy) {
  Credentials c = Base();
  c.legacy_user = anna_.id;
  c.trusted_proxy = true;
  EXPECT_EQ(a_.authenticator.Authenticate(c).verdict, Verdict::kAnonymous);
  AuthenticatorOptions options = testing::TestAuthenticatorOptions();
  options.legacy_user_header = true;
  Accounts on(testing::TestSessionOptions(), options);
  const User bert = on.Add("bert");
  c.legacy_user = bert.id;
  EXPECT_EQ(on.authenticator.Authenticate(c).principal.user_id, bert.id);
  c.trusted_proxy = false;
  EXPECT_EQ(on.authenticator.Authenticate(c).verdict, Verdict::kAnonymous);
}

TEST_F(AuthenticatorTest, SingleUserModeIsForThisMachineOnly) {
  AuthenticatorOptions options = testing::TestAuthenticatorOptions();
  options.single_user = true;
  options.local_user_id = "local-id";
  Accounts single(testing::TestSessionOptions(), options);
  Credentials local = Base();
  local.client_address = "127.0.0.1";
  local.peer_address = "127.0.0.1";
  local.host = "127.0.0.1:8001";
  local.secure = false;
  local.safe_method = false;
  const auto verdict = [&](const Credentials& c) {
    return single.authenticator.Authenticate(c).verdict;
  };
  EXPECT_EQ(verdict(local), Verdict::kAccepted);
  EXPECT_EQ(single.authenticator.Authenticate(local).principal.user_id, "local-id");
  Credentials c = local;
  c.authorization = "Bearer sk-whatever";
  EXPECT_EQ(verdict(c), Verdict::kAccepted) << "clients send made-up keys";
  c = local;
  c.peer_address = "192.0.2.1";
  EXPECT_EQ(verdict(c), Verdict::kAnonymous);
  c = local;
  c.forwarded = true;
  EXPECT_EQ(verdict(c), Verdict::kAnonymous) << "a proxy on this machine";
  c = local;
  c.host = "evil.test:8001";
  EXPECT_EQ(verdict(c), Verdict::kAnonymous) << "a foreign name that points here";
  c = local;
  c.origin = "https://evil.test";
  EXPECT_EQ(verdict(c), Verdict::kForbidden) << "a form on a foreign page";
  c = local;
  c.origin = "http://localhost:3000";
  EXPECT_EQ(verdict(c), Verdict::kForbidden) << "another program's page on this machine";
  c = local;
  c.sec_fetch_site = "cross-site";
  c.safe_method = true;
  EXPECT_EQ(verdict(c), Verdict::kAnonymous) << "an image on a foreign page";
  c = local;
  c.origin = "http://127.0.0.1:8001";
  c.sec_fetch_site = "same-origin";
  EXPECT_EQ(verdict(c), Verdict::kAccepted) << "our page";
}

TEST_F(AuthenticatorTest, SingleAdminModeForbidsOthersTokens) {
  AuthenticatorOptions options = testing::TestAuthenticatorOptions();
  options.multi_user = false;
  PrincipalCache cache;
  Authenticator strict(options, {&a_.store, &a_.store, &a_.store, &a_.quota, &cache, &a_.clock});
  Credentials c = Base();
  const std::string field = "Bearer " + tokens_.access_token;
  c.authorization = field;
  const AuthResult result = strict.Authenticate(c);
  EXPECT_EQ(result.verdict, Verdict::kForbidden);
  EXPECT_NE(result.reason.message().find("Multi-user mode is disabled"), std::string::npos);
  const std::string root = "Bearer " + a_.LogIn("root").access_token;
  c.authorization = root;
  EXPECT_EQ(strict.Authenticate(c).verdict, Verdict::kAccepted);
}

TEST_F(AuthenticatorTest, ATicketIsForOneUseSoon) {
  const Principal anna = Bearer(tokens_.access_token).principal;
  const std::string ticket = a_.authenticator.IssueTicket(anna).value();
  const AuthResult result = a_.authenticator.RedeemTicket(ticket, "192.0.2.1");
  ASSERT_EQ(result.verdict, Verdict::kAccepted);
  EXPECT_EQ(result.principal.user_id, anna_.id);
  EXPECT_EQ(a_.authenticator.RedeemTicket(ticket, "192.0.2.1").verdict, Verdict::kRefused);
  const std::string late = a_.authenticator.IssueTicket(anna).value();
  a_.clock.Advance(30'000);
  EXPECT_EQ(a_.authenticator.RedeemTicket(late, "192.0.2.1").verdict, Verdict::kRefused);
  const std::string revoked = a_.authenticator.IssueTicket(anna).value();
  ASSERT_TRUE(a_.sessions.Logout(tokens_.session_id).ok());
  EXPECT_EQ(a_.authenticator.RedeemTicket(revoked, "192.0.2.1").verdict, Verdict::kRefused);
  EXPECT_EQ(a_.authenticator.RedeemTicket("", "192.0.2.1").verdict, Verdict::kRefused);
  EXPECT_FALSE(a_.authenticator.IssueTicket(Principal()).ok());
}

TEST_F(AuthenticatorTest, LongLivedConnectionsAreJudgedAgain) {
  const Principal anna = Bearer(tokens_.access_token).principal;
  EXPECT_EQ(a_.authenticator.Reload(anna, "192.0.2.1").verdict, Verdict::kAccepted);
  const std::string secret = AddKey({.name = "key"});
  const Principal key = Key(secret).principal;
  EXPECT_EQ(a_.authenticator.Reload(key, "192.0.2.1").verdict, Verdict::kAccepted);
  ASSERT_TRUE(a_.keys.Revoke(anna_.id, key_id_).ok());
  EXPECT_EQ(a_.authenticator.Reload(key, "192.0.2.1").verdict, Verdict::kRefused);
  ASSERT_TRUE(a_.users.Update(anna_.id, {.is_active = false}).ok());
  EXPECT_EQ(a_.authenticator.Reload(anna, "192.0.2.1").verdict, Verdict::kRefused);
}

TEST_F(AuthenticatorTest, AStoreThatIsDownIsNoRefusal) {
  a_.clock.Advance(2'000);
  a_.store.FailFromNow();
  EXPECT_EQ(Bearer(tokens_.access_token).verdict, Verdict::kUnavailable);
}

TEST(PrincipalCacheTest, WhatWasReadBeforeAChangeIsNotKept) {
  PrincipalCache cache(16);
  const Hash128 credential = KeyedHash(HashKey::Random(), "token");
  const std::uint64_t epoch = cache.epoch();
  cache.Clear();
  cache.Put(credential, std::make_shared<Verified>(), epoch);
  EXPECT_EQ(cache.Find(credential), nullptr);
  cache.Put(credential, std::make_shared<Verified>(), cache.epoch());
  EXPECT_NE(cache.Find(credential), nullptr);
}

}  // namespace
}  // namespace wt::auth
