#include <gtest/gtest.h>

#include <string>

#include "service/auth/crypto/digest.h"
#include "service/auth/keys/api_keys.h"
#include "service/auth/keys/usage_recorder.h"
#include "service/auth/testing/account_fixture.h"

namespace wt::auth {
namespace {

using testing::Accounts;

class ApiKeysTest : public ::testing::Test {
 protected:
  ApiKeysTest() {
    anna_ = a_.Add("anna");
    bert_ = a_.Add("bert");
  }
  Accounts a_;
  User anna_;
  User bert_;
};

TEST_F(ApiKeysTest, TheSecretIsShownOnceAndStoredAsHash) {
  const KeyWithSecret made = a_.keys.Create(anna_.id, {.name = "key"}, Granter::kUser).value();
  EXPECT_TRUE(LooksLikeKey(made.secret)) << made.secret;
  EXPECT_EQ(made.key.prefix, made.secret.substr(0, 11));
  const ApiKey stored = a_.store.GetKey(made.key.id).value();
  EXPECT_EQ(stored.secret_hash, HashToken(made.secret));
  EXPECT_EQ(stored.hourly_limit, 1'000);
  EXPECT_EQ(stored.expires_at, a_.clock.Now() + 365 * 86'400'000LL);
  EXPECT_NE(made.secret, a_.keys.Create(anna_.id, {.name = "other"}, Granter::kUser)->secret);
}

TEST_F(ApiKeysTest, ValuesHaveTheirBounds) {
  const auto code = [&](const NewKey& wanted) {
    return a_.keys.Create(anna_.id, wanted, Granter::kUser).status().code();
  };
  EXPECT_EQ(code({.name = ""}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = std::string(256, 'n')}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a\x01"}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a\xff"}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .expires_days = 0}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .expires_days = 3'651}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .hourly_limit = 0}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .hourly_limit = 10'001}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .daily_quota = -1}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .scopes = {"fly"}}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = "a", .scopes = {"admin"}}), StatusCode::kPermissionDenied);
  EXPECT_EQ(code({.name = "a", .allowed_ips = {"10.0.0.0/99"}}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code({.name = std::string(255, 'n'), .expires_days = 3'650, .hourly_limit = 10'000}),
            StatusCode::kOk);
}

TEST_F(ApiKeysTest, TheEleventhKeyIsRefused) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(a_.keys.Create(anna_.id, {.name = "k" + std::to_string(i)}, Granter::kUser).ok());
  }
  EXPECT_EQ(a_.keys.Create(anna_.id, {.name = "k10"}, Granter::kUser).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_TRUE(a_.keys.Create(bert_.id, {.name = "k10"}, Granter::kUser).ok());
}

TEST_F(ApiKeysTest, OthersKeysDoNotExist) {
  const std::string id = a_.keys.Create(anna_.id, {.name = "key"}, Granter::kUser)->key.id;
  const auto missing = StatusCode::kNotFound;
  EXPECT_EQ(a_.keys.Get(bert_.id, id).status().code(), missing);
  EXPECT_EQ(a_.keys.Update(bert_.id, id, {.name = "x"}, Granter::kUser).status().code(), missing);
  EXPECT_EQ(a_.keys.Revoke(bert_.id, id).code(), missing);
  EXPECT_EQ(a_.keys.Regenerate(bert_.id, id).status().code(), missing);
  EXPECT_EQ(a_.keys.UseByDay(bert_.id, id, 7).status().code(), missing);
  EXPECT_EQ(a_.keys.Uses(bert_.id, id, 7).status().code(), missing);
  EXPECT_EQ(a_.keys.Get(anna_.id, id)->name, "key");
  EXPECT_EQ(a_.keys.Get("", id)->name, "key");
}

TEST_F(ApiKeysTest, TheLifeCycleHasItsRules) {
  const std::string id = a_.keys.Create(anna_.id, {.name = "key"}, Granter::kUser)->key.id;
  const auto status = [&] { return a_.keys.Get("", id)->status; };
  EXPECT_EQ(a_.keys.Unsuspend(id).code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(a_.keys.Suspend(id).ok());
  EXPECT_EQ(status(), KeyStatus::kSuspended);
  EXPECT_EQ(a_.keys.Regenerate(anna_.id, id).status().code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(a_.keys.Unsuspend(id).ok());
  a_.clock.Advance(365 * 86'400'000LL);
  EXPECT_EQ(a_.keys.ExpireDue().value(), 1);
  EXPECT_EQ(status(), KeyStatus::kExpired);
  ASSERT_TRUE(a_.keys.Update(anna_.id, id, {.expires_days = 1}, Granter::kUser).ok());
  EXPECT_EQ(status(), KeyStatus::kActive);
  ASSERT_TRUE(a_.keys.Revoke(anna_.id, id).ok());
  ASSERT_TRUE(a_.keys.Revoke(anna_.id, id).ok());
  EXPECT_EQ(status(), KeyStatus::kRevoked);
  EXPECT_EQ(a_.keys.Update(anna_.id, id, {.name = "x"}, Granter::kUser).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(a_.keys.Unsuspend(id).code(), StatusCode::kFailedPrecondition);
}

TEST_F(ApiKeysTest, AnUpdateCannotGrantAdmin) {
  const std::string id = a_.keys.Create(anna_.id, {.name = "key"}, Granter::kUser)->key.id;
  EXPECT_EQ(
      a_.keys.Update(anna_.id, id, {.scopes = std::vector<std::string>{"admin"}}, Granter::kUser)
          .status()
          .code(),
      StatusCode::kPermissionDenied);
  EXPECT_EQ(a_.keys.Get("", id)->scopes, std::vector<std::string>{"read"});
}

TEST_F(ApiKeysTest, UseIsRecordedInBatchesAndSummedUp) {
  const std::string id = a_.keys.Create(anna_.id, {.name = "key"}, Granter::kUser)->key.id;
  UsageRecorder recorder(&a_.store, 3);
  KeyUse use;
  use.key_id = id;
  use.at = a_.clock.Now();
  use.status = 200;
  use.agent = std::string(1'000, 'a') + "\xff";
  for (int i = 0; i < 5; ++i) recorder.Record(use);
  EXPECT_EQ(recorder.dropped(), 2);
  ASSERT_TRUE(recorder.Flush().ok());
  EXPECT_EQ(a_.keys.Summary(anna_.id)->requests_total, 3);
  EXPECT_EQ(a_.keys.Summary(anna_.id)->active, 1);
  EXPECT_EQ(a_.keys.UseByDay(anna_.id, id, 1)->front().requests, 3);
  EXPECT_EQ(a_.keys.Uses(anna_.id, id, 10)->front().agent.size(), 300u);
  EXPECT_EQ(a_.keys.UseByDay(anna_.id, id, 366).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(ApiKeysTest, UseThatCannotBeWrittenWaits) {
  UsageRecorder recorder(&a_.store, 3);
  recorder.Record({});
  a_.store.FailFromNow();
  EXPECT_EQ(recorder.Flush().code(), StatusCode::kUnavailable);
  for (int i = 0; i < 3; ++i) recorder.Record({});
  EXPECT_EQ(recorder.dropped(), 1);
}

}  // namespace
}  // namespace wt::auth
