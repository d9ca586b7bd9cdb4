// Cost of what every request pays: the rate limit and the check of a cached credential.
#include <benchmark/benchmark.h>

#include <string>

#include "platform/system_clock.h"
#include "service/auth/testing/account_fixture.h"

namespace wt::auth {
namespace {

void BM_RateCheck(benchmark::State& state) {
  const platform::SystemClock clock;
  RateOptions options;
  options.secret = "secret";
  options.limits[static_cast<std::size_t>(RateClass::kUser)] = {1'000'000'000, 60'000, 1'000'000};
  RateLimiter limiter(options, &clock);
  std::vector<std::string> users;
  for (int i = 0; i < 1'000; ++i) users.push_back("00000000-0000-7000-8000-" + std::to_string(i));
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(limiter.Check(RateClass::kUser, users[i++ % users.size()]));
  }
}
BENCHMARK(BM_RateCheck);

void BM_CachedToken(benchmark::State& state) {
  testing::Accounts accounts;
  accounts.Add("anna");
  const std::string field = "Bearer " + accounts.LogIn("anna").access_token;
  Credentials credentials;
  credentials.authorization = field;
  for (auto _ : state) benchmark::DoNotOptimize(accounts.authenticator.Authenticate(credentials));
}
BENCHMARK(BM_CachedToken);

void BM_CachedKey(benchmark::State& state) {
  testing::Accounts accounts;
  const User anna = accounts.Add("anna");
  NewKey wanted;
  wanted.name = "key";
  wanted.hourly_limit = kHourlyLimitMax;
  const std::string secret = accounts.keys.Create(anna.id, wanted, Granter::kUser)->secret;
  Credentials credentials;
  credentials.api_key = secret;
  credentials.client_address = "192.0.2.1";
  for (auto _ : state) benchmark::DoNotOptimize(accounts.authenticator.Authenticate(credentials));
}
BENCHMARK(BM_CachedKey);

void BM_ColdToken(benchmark::State& state) {
  testing::Accounts accounts;
  accounts.Add("anna");
  const std::string field = "Bearer " + accounts.LogIn("anna").access_token;
  Credentials credentials;
  credentials.authorization = field;
  for (auto _ : state) {
    accounts.cache.Clear();
    benchmark::DoNotOptimize(accounts.authenticator.Authenticate(credentials));
  }
}
BENCHMARK(BM_ColdToken);

}  // namespace
}  // namespace wt::auth
