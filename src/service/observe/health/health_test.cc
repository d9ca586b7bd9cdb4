#include "service/observe/health/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include <nlohmann/json.hpp>

namespace wt::observe {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

HealthCheck Fine(const std::string& name) {
  return {.name = name, .need = Need::kRequired, .timeout = milliseconds(10'000), .run = [] {
            return Status();
          }};
}

HealthCheck Broken(const std::string& name, Need need) {
  return {.name = name, .need = need, .timeout = milliseconds(10'000), .run = [] {
            return Status(StatusCode::kUnavailable, "reason-text");
          }};
}

TEST(HealthTest, ReadyWhenAllAreFine) {
  HealthChecks checks;
  checks.Add(Fine("database"));
  checks.Add(Fine("models"));
  const Readiness readiness = checks.Check();
  EXPECT_EQ(readiness.http_status(), 200);
  EXPECT_EQ(readiness.ToJson(false),
            R"({"status":"ready","checks":{"database":true,"models":true}})");
}

TEST(HealthTest, RequiredFailureIsNotReadyAndOptionalOnlyDegrades) {
  HealthChecks checks;
  checks.Add(Fine("database"));
  checks.Add(Broken("workers", Need::kOptional));
  EXPECT_EQ(checks.Check().http_status(), 200);
  EXPECT_THAT(checks.Check().ToJson(false), HasSubstr("\"status\":\"degraded\""));
  checks.Add(Broken("disk", Need::kRequired));
  const Readiness readiness = checks.Check();
  EXPECT_EQ(readiness.http_status(), 503);
  const auto json = nlohmann::json::parse(readiness.ToJson(false));
  EXPECT_TRUE(json["checks"]["database"]);
  EXPECT_FALSE(json["checks"]["disk"]);
}

TEST(HealthTest, ReasonsAreForAdministratorsOnly) {
  HealthChecks checks;
  checks.Add(Broken("disk", Need::kRequired));
  const Readiness readiness = checks.Check();
  EXPECT_THAT(readiness.ToJson(false), Not(HasSubstr("reason-text")));
  EXPECT_THAT(readiness.ToJson(true), HasSubstr("reason-text"));
}

TEST(HealthTest, HangingCheckFailsAloneAndIsNotPiledUp) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> runs{0};
  {
    HealthChecks checks;
    checks.Add(Fine("database"));
    checks.Add({.name = "disk",
                .need = Need::kRequired,
                .timeout = milliseconds(20),
                .run = [&runs, released] {
                  ++runs;
                  released.wait();
                  return Status();
                }});
    for (int i = 0; i < 3; ++i) {
      const Readiness readiness = checks.Check();
      EXPECT_TRUE(readiness.checks[0].status.ok());
      EXPECT_EQ(readiness.checks[1].status.code(), StatusCode::kDeadlineExceeded);
      EXPECT_EQ(readiness.http_status(), 503);
    }
    EXPECT_EQ(runs.load(), 1);
    release.set_value();
  }
}

TEST(HealthTest, EachResultIsReported) {
  std::vector<std::string> seen;
  HealthChecks checks([&seen](const CheckResult& result) {
    seen.push_back(result.name + (result.status.ok() ? "+" : "-"));
  });
  checks.Add(Fine("database"));
  checks.Add(Broken("disk", Need::kOptional));
  checks.Check();
  EXPECT_THAT(seen, ::testing::ElementsAre("database+", "disk-"));
}

}  // namespace
}  // namespace wt::observe
