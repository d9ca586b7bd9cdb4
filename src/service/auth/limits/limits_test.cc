// The bounds of reliability test T15 as properties, on a clock that the test moves.
#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "service/auth/limits/key_quota.h"
#include "service/auth/limits/login_throttle.h"
#include "service/auth/limits/rate_limiter.h"
#include "service/auth/testing/memory_store.h"

namespace wt::auth {
namespace {

constexpr std::int64_t kMinute = 60'000;

RateOptions Options(const RateLimit& user, std::size_t buckets_max = 65'536) {
  RateOptions options;
  options.limits[static_cast<std::size_t>(RateClass::kUser)] = user;
  options.secret = "shared";
  options.buckets_max = buckets_max;
  return options;
}

TEST(RateLimiterTest, AcceptsBurstAndRateWithinOne) {
  base::Random random(20);
  for (int round = 0; round < 60; ++round) {
    const RateLimit limit = {static_cast<std::int64_t>(1 + random.Below(600)), kMinute,
                             static_cast<std::int64_t>(1 + random.Below(50))};
    base::ManualClock clock;
    RateLimiter limiter(Options(limit), &clock);
    const std::int64_t total_ms = 1'000 + static_cast<std::int64_t>(random.Below(300'000));
    std::int64_t accepted = 0;
    for (std::int64_t t = 0; t <= total_ms;) {
      // More often than the limit allows, at irregular times.
      for (int i = 0; i < 3; ++i) accepted += limiter.Check(RateClass::kUser, "u").allowed ? 1 : 0;
      const auto step = static_cast<std::int64_t>(1 + random.Below(40));
      if (t + step > total_ms) break;
      clock.Advance(step);
      t += step;
    }
    const double expected = static_cast<double>(limit.burst) + static_cast<double>(limit.count) *
                                                                   static_cast<double>(total_ms) /
                                                                   kMinute;
    EXPECT_LE(static_cast<double>(accepted), expected + 1) << round;
    // The last step may fall short of the end by 40 ms: less than one request at 600 a minute.
    EXPECT_GE(static_cast<double>(accepted), expected - 1.5) << round;
  }
}

TEST(RateLimiterTest, RetryAfterIsTrue) {
  base::Random random(7);
  for (int round = 0; round < 200; ++round) {
    const RateLimit limit = {static_cast<std::int64_t>(1 + random.Below(100)), kMinute,
                             static_cast<std::int64_t>(1 + random.Below(5))};
    base::ManualClock clock;
    RateLimiter limiter(Options(limit), &clock);
    RateDecision decision;
    do {
      clock.Advance(static_cast<std::int64_t>(random.Below(20)));
      decision = limiter.Check(RateClass::kUser, "u");
    } while (decision.allowed);
    ASSERT_GE(decision.retry_after_s, 1);
    if (decision.retry_after_s > 1) {
      clock.Advance((decision.retry_after_s - 1) * 1'000);
      EXPECT_FALSE(limiter.Check(RateClass::kUser, "u").allowed) << "could have come earlier";
      clock.Advance(1'000);
    } else {
      clock.Advance(1'000);
    }
    EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  }
}

TEST(RateLimiterTest, FieldsForTheClientCountDown) {
  base::ManualClock clock;
  RateLimiter limiter(Options({60, kMinute, 3}), &clock);
  RateDecision decision = limiter.Check(RateClass::kUser, "u");
  EXPECT_EQ(decision.limit, 60);
  EXPECT_EQ(decision.remaining, 2);
  EXPECT_EQ(decision.reset_s, 1);
  decision = limiter.Check(RateClass::kUser, "u");
  EXPECT_EQ(decision.remaining, 1);
  decision = limiter.Check(RateClass::kUser, "u");
  EXPECT_EQ(decision.remaining, 0);
  EXPECT_EQ(decision.reset_s, 3);
  EXPECT_FALSE(limiter.Check(RateClass::kUser, "u").allowed);
}

TEST(RateLimiterTest, TheTableIsTheSpecifications) {
  const auto limits = DefaultRateLimits();
  const auto is = [&](RateClass c, std::int64_t count, std::int64_t period, std::int64_t burst) {
    const RateLimit& limit = limits[static_cast<std::size_t>(c)];
    EXPECT_EQ(limit.count, count) << RateClassName(c);
    EXPECT_EQ(limit.period_ms, period) << RateClassName(c);
    EXPECT_EQ(limit.burst, burst) << RateClassName(c);
  };
  is(RateClass::kAnonymous, 60, kMinute, 10);
  is(RateClass::kUser, 300, kMinute, 10);
  is(RateClass::kAdmin, 100, kMinute, 10);
  is(RateClass::kLogin, 5, kMinute, 5);
  is(RateClass::kUpload, 100, 60 * kMinute, 100);
  is(RateClass::kOpenAi, 10, kMinute, 10);
}

TEST(RateLimiterTest, ClassesAndCallersAreApart) {
  base::ManualClock clock;
  RateLimiter limiter(Options({60, kMinute, 1}), &clock);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  EXPECT_FALSE(limiter.Check(RateClass::kUser, "u").allowed);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "v").allowed);
  EXPECT_TRUE(limiter.Check(RateClass::kAdmin, "u").allowed);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(limiter.Check(RateClass::kNone, "u").allowed);
  EXPECT_EQ(limiter.stats().refused, 1);
}

TEST(RateLimiterTest, AStepOfTheWallClockChangesNothing) {
  for (const std::int64_t step : {3'600'000LL, -3'600'000LL, 315'360'000'000LL, -86'400'000LL}) {
    base::ManualClock clock;
    RateLimiter limiter(Options({60, kMinute, 2}), &clock);
    EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
    EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
    clock.StepWall(step);
    EXPECT_FALSE(limiter.Check(RateClass::kUser, "u").allowed) << "refilled by " << step;
    clock.Advance(1'000);
    EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed) << "starved by " << step;
  }
}

TEST(RateLimiterTest, RefundGivesOneBack) {
  base::ManualClock clock;
  RateLimiter limiter(Options({60, kMinute, 1}), &clock);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  limiter.Refund(RateClass::kUser, "u");
  limiter.Refund(RateClass::kUser, "u");
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  EXPECT_FALSE(limiter.Check(RateClass::kUser, "u").allowed);
}

TEST(RateLimiterTest, LimitsChangeWhileItRuns) {
  base::ManualClock clock;
  RateLimiter limiter(Options({60, kMinute, 1}), &clock);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  limiter.SetLimit(RateClass::kUser, {60, kMinute, 2});
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  limiter.SetLimit(RateClass::kUser, {0, kMinute, 1});
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  RateOptions off = Options({1, kMinute, 1});
  off.enabled = false;
  RateLimiter none(off, &clock);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(none.Check(RateClass::kUser, "u").allowed);
}

TEST(RateLimiterTest, TheNumberOfBucketsIsBoundedAndFullOnesGoFirst) {
  base::ManualClock clock;
  RateLimiter limiter(Options({60, 60 * kMinute, 1}, 160), &clock);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "in use").allowed);
  for (int i = 0; i < 5'000; ++i) {
    // The other class refills at once.
    limiter.SetLimit(RateClass::kAnonymous, {60'000'000, kMinute, 1});
    limiter.Check(RateClass::kAnonymous, "passer-by " + std::to_string(i));
    clock.Advance(1);
    if (i % 5 == 0) {
      EXPECT_FALSE(limiter.Check(RateClass::kUser, "in use").allowed) << i;
    }
  }
  EXPECT_LE(limiter.stats().buckets, 160);
}

TEST(RateLimiterTest, SurvivesARestartAfterSync) {
  base::ManualClock clock;
  MemoryStore store;
  const RateOptions options = Options({60, kMinute, 5});
  {
    RateLimiter limiter(options, &clock);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
    ASSERT_TRUE(limiter.Sync(&store).ok());
  }
  clock.StepWall(86'400'000);
  RateLimiter limiter(options, &clock);
  ASSERT_TRUE(limiter.Restore(&store).ok());
  EXPECT_FALSE(limiter.Check(RateClass::kUser, "u").allowed);
  clock.Advance(1'000);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
}

TEST(RateLimiterTest, AnotherBootWithAWrongClockStarvesNobody) {
  base::ManualClock before(1'900'000'000'000, "boot-1");
  MemoryStore store;
  const RateOptions options = Options({60, kMinute, 5});
  RateLimiter first(options, &before);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(first.Check(RateClass::kUser, "u").allowed);
  ASSERT_TRUE(first.Sync(&store).ok());
  base::ManualClock after(1'700'000'000'000, "boot-2");
  RateLimiter second(options, &after);
  ASSERT_TRUE(second.Restore(&store).ok());
  EXPECT_FALSE(second.Check(RateClass::kUser, "u").allowed);
  after.Advance(5'000);
  EXPECT_TRUE(second.Check(RateClass::kUser, "u").allowed);
}

TEST(RateLimiterTest, SyncingDoesNotMakeTheLimitStricterForOneProcess) {
  base::ManualClock clock;
  MemoryStore store;
  RateLimiter limiter(Options({7, 1'000, 3}), &clock);
  std::int64_t accepted = 0;
  for (int t = 0; t < 200'000; t += 10) {
    accepted += limiter.Check(RateClass::kUser, "u").allowed ? 1 : 0;
    if (t % 250 == 0) {
      ASSERT_TRUE(limiter.Sync(&store).ok());
    }
    clock.Advance(10);
  }
  EXPECT_GE(accepted, 3 + 7 * 200 - 2);
  EXPECT_LE(accepted, 3 + 7 * 200 + 1);
}

TEST(RateLimiterTest, TwoProcessesShareTheLimitWithinTheStatedBound) {
  base::ManualClock clock;
  MemoryStore store;
  const RateLimit limit = {10, 1'000, 10};
  RateLimiter first(Options(limit), &clock);
  RateLimiter second(Options(limit), &clock);
  std::int64_t accepted = 0;
  constexpr std::int64_t kSeconds = 60;
  for (std::int64_t t = 0; t < kSeconds * 1'000; t += 10) {
    accepted += first.Check(RateClass::kUser, "u").allowed ? 1 : 0;
    accepted += second.Check(RateClass::kUser, "u").allowed ? 1 : 0;
    if (t % 1'000 == 0) {
      ASSERT_TRUE(first.Sync(&store).ok());
      ASSERT_TRUE(second.Sync(&store).ok());
      ASSERT_TRUE(first.Sync(&store).ok());
    }
    clock.Advance(10);
  }
  // Twice the burst, and one interval's worth each: 2 · 10 + 2 · 10.
  EXPECT_LE(accepted, 10 * kSeconds + 40);
  EXPECT_GE(accepted, 10 * kSeconds * 9 / 10);
}

TEST(RateLimiterTest, AStoreThatIsDownIsReportedAndHarmsNobody) {
  base::ManualClock clock;
  MemoryStore store;
  RateLimiter limiter(Options({60, kMinute, 5}), &clock);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
  store.FailFromNow();
  EXPECT_EQ(limiter.Sync(&store).code(), StatusCode::kUnavailable);
  EXPECT_TRUE(limiter.Check(RateClass::kUser, "u").allowed);
}

class LoginThrottleTest : public ::testing::Test {
 protected:
  bool Fail(const char* account = "anna", const char* source = "192.0.2.1") {
    return throttle_.Begin(account, source)->allowed;
  }
  base::ManualClock clock_;
  MemoryStore store_;
  LoginThrottle throttle_{ThrottleOptions{}, &store_, &clock_};
};

TEST_F(LoginThrottleTest, DelaysDoubleUpToTheLongest) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Fail()) << i;
  for (const std::int64_t delay_s : {30, 60, 120, 240, 480, 900, 900}) {
    const ThrottleVerdict verdict = *throttle_.Begin("anna", "192.0.2.1");
    EXPECT_FALSE(verdict.allowed);
    EXPECT_EQ(verdict.retry_after_s, delay_s);
    clock_.Advance(delay_s * 1'000 - 1);
    EXPECT_FALSE(Fail());
    clock_.Advance(1);
    EXPECT_TRUE(Fail());
  }
}

TEST_F(LoginThrottleTest, TheVictimsOwnSourceIsNotSlowed) {
  for (int i = 0; i < 50; ++i) Fail("anna", "203.0.113.9");
  EXPECT_FALSE(Fail("anna", "203.0.113.9"));
  EXPECT_TRUE(Fail("anna", "192.0.2.1"));
}

TEST_F(LoginThrottleTest, ASourceThatTriesManyAccountsIsSlowed) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Fail(("user" + std::to_string(i)).c_str())) << i;
  EXPECT_FALSE(Fail("user 20"));
}

TEST_F(LoginThrottleTest, SuccessForgetsTheAccountAndNotTheSource) {
  for (int i = 0; i < 19; ++i) Fail(("user" + std::to_string(i)).c_str());
  EXPECT_TRUE(Fail("own"));
  ASSERT_TRUE(throttle_.Succeeded("own", "192.0.2.1").ok());
  EXPECT_TRUE(Fail("own"));
  EXPECT_FALSE(Fail("another"));
}

TEST_F(LoginThrottleTest, NamesCountWithoutCase) {
  for (int i = 0; i < 5; ++i) Fail(i % 2 == 0 ? "anna" : "ANNA");
  EXPECT_FALSE(Fail("Anna"));
}

TEST_F(LoginThrottleTest, FailuresAreForgottenAfterAWhile) {
  for (int i = 0; i < 5; ++i) Fail();
  clock_.Advance(30'000 + 3'600'000 + 1);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Fail()) << i;
  EXPECT_FALSE(Fail());
}

TEST_F(LoginThrottleTest, HoldsForAllProcessesAndAfterARestart) {
  for (int i = 0; i < 5; ++i) Fail();
  LoginThrottle other(ThrottleOptions{}, &store_, &clock_);
  EXPECT_FALSE(other.Begin("anna", "192.0.2.1")->allowed);
}

TEST_F(LoginThrottleTest, NoClockStepLocksOutOrLetsIn) {
  for (int i = 0; i < 5; ++i) Fail();
  clock_.StepWall(86'400'000);
  EXPECT_FALSE(Fail());
  clock_.StepWall(-10 * 86'400'000LL);
  EXPECT_FALSE(Fail());
  // After a reboot with a clock years back the longest delay is the worst.
  base::ManualClock rebooted(1'000'000'000'000, "boot-2");
  LoginThrottle other(ThrottleOptions{}, &store_, &rebooted);
  EXPECT_FALSE(other.Begin("anna", "192.0.2.1")->allowed);
  rebooted.Advance(900'000);
  // The refused attempt above wrote nothing but the moved time.
  EXPECT_TRUE(other.Begin("anna", "192.0.2.1")->allowed);
}

TEST_F(LoginThrottleTest, StoresNoNamesAndNoAddresses) {
  Fail("secret-name", "192.0.2.77");
  const auto records = store_.LoadLimits("", 10);
  ASSERT_EQ(records->size(), 2u);
  for (const LimitRecord& record : *records) {
    EXPECT_EQ(record.id.find("secret-name"), std::string::npos);
    EXPECT_EQ(record.id.find("192.0.2"), std::string::npos);
  }
  ASSERT_TRUE(throttle_.ForgetAll().ok());
  EXPECT_EQ(store_.LoadLimits("", 10)->size(), 0u);
}

class KeyQuotaTest : public ::testing::Test {
 protected:
  KeyQuotaTest() {
    key_.id = "k";
    key_.hourly_limit = 3;
  }
  bool Take(KeyQuota& quota) { return quota.Take(key_)->allowed; }

  base::ManualClock clock_;
  MemoryStore store_;
  ApiKey key_;
};

TEST_F(KeyQuotaTest, TheHourIsCountedExactly) {
  KeyQuota quota(&store_, &clock_);
  QuotaDecision decision = *quota.Take(key_);
  EXPECT_EQ(decision.limit, 3);
  EXPECT_EQ(decision.remaining, 2);
  EXPECT_EQ(decision.reset_s, 3'600);
  EXPECT_TRUE(Take(quota));
  EXPECT_TRUE(Take(quota));
  clock_.Advance(600'000);
  decision = *quota.Take(key_);
  EXPECT_FALSE(decision.allowed);
  EXPECT_TRUE(decision.hourly);
  EXPECT_EQ(decision.retry_after_s, 3'000);
  clock_.Advance(decision.retry_after_s * 1'000);
  EXPECT_TRUE(Take(quota));
}

TEST_F(KeyQuotaTest, DayAndMonthCountToo) {
  key_.hourly_limit = 100;
  key_.daily_quota = 4;
  key_.monthly_quota = 6;
  KeyQuota quota(&store_, &clock_);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Take(quota));
  QuotaDecision decision = *quota.Take(key_);
  EXPECT_FALSE(decision.allowed);
  EXPECT_FALSE(decision.hourly);
  EXPECT_EQ(decision.limit, 4);
  clock_.Advance(decision.retry_after_s * 1'000);
  EXPECT_TRUE(Take(quota));
  EXPECT_TRUE(Take(quota));
  decision = *quota.Take(key_);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.limit, 6);
}

TEST_F(KeyQuotaTest, ProcessesTogetherNeverExceedTheLimit) {
  key_.hourly_limit = 1'000;
  KeyQuota first(&store_, &clock_);
  KeyQuota second(&store_, &clock_);
  int accepted = 0;
  for (int i = 0; i < 2'000; ++i) accepted += Take(i % 3 == 0 ? first : second) ? 1 : 0;
  EXPECT_EQ(accepted, 1'000);
}

TEST_F(KeyQuotaTest, ARestartKeepsTheCount) {
  key_.hourly_limit = 1'000;
  {
    KeyQuota quota(&store_, &clock_);
    for (int i = 0; i < 995; ++i) EXPECT_TRUE(Take(quota));
    ASSERT_TRUE(quota.ReturnUnused().ok());
  }
  KeyQuota quota(&store_, &clock_);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Take(quota)) << i;
  EXPECT_FALSE(Take(quota));
}

TEST_F(KeyQuotaTest, ACrashForfeitsAHundredthAtMost) {
  key_.hourly_limit = 1'000;
  {
    KeyQuota quota(&store_, &clock_);
    EXPECT_TRUE(Take(quota));
  }
  KeyQuota quota(&store_, &clock_);
  int accepted = 0;
  while (Take(quota)) ++accepted;
  EXPECT_EQ(accepted, 990);
}

TEST_F(KeyQuotaTest, ReservedUsesOfAnEndedHourStillCountForTheDay) {
  key_.hourly_limit = 500;
  key_.daily_quota = 1'000;
  KeyQuota quota(&store_, &clock_);
  int accepted = 0;
  for (int hour = 0; hour < 20; ++hour) {
    for (int i = 0; i < 51; ++i) accepted += Take(quota) ? 1 : 0;
    clock_.Advance(3'600'000);
  }
  EXPECT_EQ(accepted, 1'000);
}

TEST_F(KeyQuotaTest, WallClockStepsNeitherRefillNorStarve) {
  KeyQuota quota(&store_, &clock_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Take(quota));
  clock_.StepWall(365LL * 86'400'000);
  clock_.Advance(1'001);
  EXPECT_FALSE(Take(quota));
  clock_.StepWall(-3 * 365LL * 86'400'000);
  clock_.Advance(3'600'000);
  EXPECT_TRUE(Take(quota));
}

TEST_F(KeyQuotaTest, ARaisedLimitHoldsAtOnce) {
  KeyQuota quota(&store_, &clock_);
  while (Take(quota)) {
  }
  key_.hourly_limit = 4;
  EXPECT_TRUE(Take(quota));
  EXPECT_FALSE(Take(quota));
}

TEST_F(KeyQuotaTest, WhileItIsUsedUpTheStoreIsLeftAlone) {
  KeyQuota quota(&store_, &clock_);
  while (Take(quota)) {
  }
  const int before = store_.calls();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Take(quota));
  EXPECT_EQ(store_.calls(), before);
}

TEST_F(KeyQuotaTest, ForgottenKeysGiveTheirReservationBack) {
  key_.hourly_limit = 1'000;
  KeyQuota quota(&store_, &clock_, 1);
  EXPECT_TRUE(Take(quota));
  ApiKey other = key_;
  other.id = "other";
  EXPECT_TRUE(quota.Take(other)->allowed);
  int accepted = 0;
  while (Take(quota)) ++accepted;
  EXPECT_EQ(accepted, 999);
}

}  // namespace
}  // namespace wt::auth
